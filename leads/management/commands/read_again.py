"""`manage.py read_again`: have the calls read that could not be read."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from leads.extraction import read_failed_again


class Command(BaseCommand):
    help = "Have every finished call read again that was given up, because no model answered about it for a day."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{read_failed_again()} calls will be read again.")
