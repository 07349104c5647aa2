"""`manage.py import_agent FILE`: a file becomes a draft, which nobody hears until it is published."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.drafts import IdTakenError, import_draft
from agents.files import MAX_BYTES, AgentFileError, read_agent


class Command(BaseCommand):
    help = "Make a draft of an agent's YAML file. Publishes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--id", metavar="ID", help="the agent's id, in place of the file's own")
        parser.add_argument("--replace", action="store_true", help="overwrite the draft of the agent that has the id")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                config = read_agent(opened.read(MAX_BYTES + 1))
            config = config.model_copy(update={"agent_id": options["id"] or config.agent_id})
            profile = import_draft(config, replace=replace)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except IdTakenError as error:
            raise CommandError(f"{error} Give --replace to overwrite its draft, or --id to make another.") from error
        except AgentFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The draft of {profile.agent_id} is made of {file}. Publish it in the admin.")
