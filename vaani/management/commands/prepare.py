"""`manage.py prepare`: everything the database needs before the other processes start."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

PREPARATION_LOCK = 0x70726570


class Command(BaseCommand):
    help = "Bring the database up to date, then make the first admin and the demo agent. At the same time elsewhere: waits."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARATION_LOCK])  # this connection's end lets go of it
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("first_run")
