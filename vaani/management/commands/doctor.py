"""`manage.py doctor`: is this installation well, and if not, what is to be done?"""

from __future__ import annotations

import json
import logging
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from vaani.doctor.checks import CHECKS
from vaani.doctor.checkup import Finding, chosen, go_through


class Command(BaseCommand):
    help = (
        "Look for what operators get wrong, in order, and say what to do. Exit code: 0 when nothing has failed, else 1."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [check.name for check in CHECKS]
        parser.add_argument("--json", action="store_true", dest="as_json", help="a JSON array on standard output")
        parser.add_argument(
            "--only", action="append", default=[], choices=names, metavar="NAME",
            help=f"this check and what it needs; may be given again: {', '.join(names)}",
        )  # fmt: skip

    def handle(self, *args: Any, as_json: bool, only: list[str], **options: Any) -> None:
        findings = []
        quiet = logging.root.manager.disable
        logging.disable(logging.CRITICAL)  # what is logged on the way is said by the findings
        try:
            for finding in go_through(chosen(CHECKS, only)):
                findings.append(finding)
                if not as_json:
                    self._tell(finding)
        finally:
            logging.disable(quiet)
        if as_json:
            self.stdout.write(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=1))
        if any(finding.result.state == "failed" for finding in findings):
            sys.exit(1)

    def _tell(self, finding: Finding) -> None:
        result = finding.result
        styles = {
            "ok": self.style.SUCCESS,
            "warning": self.style.WARNING,
            "failed": self.style.ERROR,
            "skipped": self.style.NOTICE,
        }
        self.stdout.write(f"{styles[result.state](f'{result.state:<8}')} {finding.name:<11} {result.found}")
        if result.remedy:
            self.stdout.write(f"{'':<21}{result.remedy}")
        self.stdout.flush()
