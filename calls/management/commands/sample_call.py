"""`manage.py sample_call`: admit a scripted caller. `make demo` talks in the call that this makes."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.rooms import visitor_token
from calls.services.admission import start_sample
from vaani.env import get_env
from vaani.problems import Problem


class Command(BaseCommand):
    help = "Admit a sample call to an agent, and print as JSON what its caller joins with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agent", help="the agent's id, as in the address of its page")
        parser.add_argument("language", help="what the caller speaks, such as hi-IN")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call = start_sample(options["agent"], language=options["language"])
        except Problem as problem:
            allowed = f" Choose one of: {', '.join(problem.allowed)}." if problem.allowed else ""
            raise CommandError(problem.detail + allowed) from problem
        joining = {"call_id": str(call.pk), "url": get_env().livekit_url, "token": visitor_token(call, text_chat=False)}
        self.stdout.write(json.dumps(joining))
