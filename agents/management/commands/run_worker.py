"""`manage.py run_worker`: the LiveKit worker. The jobs it starts never load Django."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Take calls: register with LiveKit and hold a conversation in each room we are sent to."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from agents.worker.server import run_worker  # loads speech libraries that no other command wants

        run_worker()
