"""`manage.py lead_accuracy [ID]`: precision and recall of what machines find out, a line a field."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.models import AgentProfile
from leads.accuracy import accuracy


class Command(BaseCommand):
    help = "Compare what machines found out with what staff accepted, corrected and rejected, over accepted leads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agent_id", metavar="ID", nargs="?", default="", help="one agent; all of them without it")

    def handle(self, *args: Any, agent_id: str, **options: Any) -> None:
        if agent_id and not AgentProfile.objects.filter(agent_id=agent_id).exists():
            known = ", ".join(AgentProfile.objects.order_by("agent_id").values_list("agent_id", flat=True))
            raise CommandError(f"There is no agent {agent_id}. There is: {known or 'none'}.")
        scores = accuracy(agent_id)
        if not scores:
            self.stdout.write("No lead has been accepted yet.")
            return
        width = max(map(len, scores))
        self.stdout.write(f"{'field':{width}}  precision  recall  right  wrong  missed")
        for key, score in scores.items():
            shares = f"{_percent(score.precision):>9}  {_percent(score.recall):>6}"
            self.stdout.write(f"{key:{width}}  {shares}  {score.right:5}  {score.wrong:5}  {score.missed:6}")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
