"""`python -m tests.faults [--runs N] [--seed S] [--only WORDS] [--state FOLDER]`: promised against observed.

Starts the whole product in a folder of its own, holds one call after another, lets each be befallen by the next fault
of the matrix at a random moment, and prints. Ends with 1 when anything differs from its promise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from playwright.sync_api import sync_playwright

from local.stack import Stack
from tests.e2e.browser import launch
from tests.faults.matrix import MATRIX, Fault
from tests.faults.run import Check, Run, hold, prepare


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Faults in live calls.")
    parser.add_argument("--runs", type=int, default=len(MATRIX), help="calls to hold; the whole matrix once by default")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first call; each next has one more")
    parser.add_argument("--only", action="append", help="faults whose name has these words; may be given again")
    parser.add_argument("--state", type=Path, help="folder for the stack, kept afterwards for its logs")
    asked = parser.parse_args()
    wanted = [words.lower() for words in asked.only or [""]]
    faults = [fault for fault in MATRIX if any(words in fault.name.lower() for words in wanted)]
    if not faults:
        parser.error(f"no fault is called {asked.only}")
    with tempfile.TemporaryDirectory(prefix="vaani-faults-") as folder:
        Path(folder).chmod(0o711)  # as a state folder is
        runs = _hold_all(faults, asked.runs, asked.seed, asked.state or Path(folder, "state"))
    _print_table(runs)
    broken = [run for run in runs if not run.kept]
    print(f"\n{len(runs)} runs, {len(broken)} with a broken promise; first seed {asked.seed}")
    return 1 if broken else 0


def _hold_all(faults: list[Fault], count: int, seed: int, state: Path) -> list[Run]:
    runs = []
    with Stack(state) as stack, sync_playwright() as playwright:
        prepare(stack)
        for number in range(count):
            fault = faults[number % len(faults)]
            browser = launch(playwright)  # a new one: a fault may spoil it
            began = time.monotonic()
            try:
                run = hold(fault, seed + number, stack, browser)
            except Exception as error:  # the next fault is still worth knowing
                run = Run(fault, seed + number)
                run.expect("the run itself", "comes to an end", [f"{type(error).__name__}: {error}"])
            browser.close()
            runs.append(run)
            _print_run(number + 1, run, time.monotonic() - began)
    return runs


def _print_run(number: int, run: Run, seconds: float) -> None:
    verdict = "kept" if run.kept else "BROKEN"
    print(
        f"{number:3} {verdict:6} {run.fault.name}, {run.struck_at:.1f} s after the first word, seed {run.seed}:"
        f" {run.counted} ({seconds:.0f} s, call {run.call_id})"
    )
    for check in run.checks:
        if not check.kept:
            print(f"             {check.name}: promised {check.promised}, observed {check.observed}")
    sys.stdout.flush()


def _print_table(runs: list[Run]) -> None:
    """Each fault's promises beside the worst that was observed."""
    by_fault: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_fault[run.fault.name].append(run)
    print(f"\n{'fault':<34} {'promise':<14} {'promised':<44} observed, at worst")
    for name, held in by_fault.items():
        checks: dict[str, list[Check]] = defaultdict(list)
        for run in held:
            for check in run.checks:
                checks[check.name].append(check)
        for place, (promise, several) in enumerate(checks.items()):
            worst = max(several, key=lambda check: (not check.kept, check.seconds or 0))
            mark = "" if worst.kept else "   <-- BROKEN"
            title = f"{name} x{len(held)}" if not place else ""
            print(f"{title:<34} {promise:<14} {worst.promised:<44} {worst.observed}{mark}")


if __name__ == "__main__":
    sys.exit(main())
