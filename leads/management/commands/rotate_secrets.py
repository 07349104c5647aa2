"""`manage.py rotate_secrets`: after a change of SECRET_KEY, so that the earlier one is no longer needed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leads.endpoints import reseal_secrets


class Command(BaseCommand):
    help = "Seal the secrets in the database with the newest SECRET_KEY, the earlier one being in SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = reseal_secrets()
        self.stdout.write(f"The secrets of {done} endpoints are sealed with the newest SECRET_KEY.")
        if lost:
            names = ", ".join(map(str, lost))
            raise CommandError(f"No key opens those of: {names}. Name the earlier SECRET_KEY in SECRET_KEY_FALLBACKS.")
