"""`manage.py export_agent ID`: the draft of an agent, as a file on standard output."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from agents.files import dump_agent
from agents.models import AgentProfile
from agents.services import draft_config


class Command(BaseCommand):
    help = "Write the draft of an agent as YAML, for import_agent or the admin's “Import a file”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agent_id", metavar="ID", help="the last part of the agent's address")

    def handle(self, *args: Any, agent_id: str, **options: Any) -> None:
        profile = AgentProfile.objects.filter(agent_id=agent_id).first()
        if profile is None:
            known = ", ".join(AgentProfile.objects.order_by("agent_id").values_list("agent_id", flat=True))
            raise CommandError(f"There is no agent {agent_id}. There is: {known or 'none'}.")
        try:
            text = dump_agent(draft_config(profile))
        except ValidationError as error:
            raise CommandError(f"The draft of {agent_id} is not whole; save it in the admin first. {error}") from error
        self.stdout.write(text, ending="")
