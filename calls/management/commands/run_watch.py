"""`manage.py run_watch`: the watch, one round a second, until told to stop."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import close_old_connections

from calls.watch import tick
from vaani.logs import get_logger

log = get_logger(__name__)


class Command(BaseCommand):
    help = "Watch over calls: send agents again, end orphans, settle. Run as many as you like; one leads."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.wait(1):
            close_old_connections()
            try:
                tick()
            except DatabaseError as error:
                log.warning("watch_without_database", error=str(error))
