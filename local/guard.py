"""The guard: a small process that outlives a killed supervisor just long enough to end what it started.

It holds the reading end of a pipe whose only writing end is the supervisor's. The kernel closes that end however
the supervisor dies, `kill -9` included; end of file without a goodbye is the sign to act.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from local import processes

PATIENCE = 5.0  # seconds between asking and killing


class Guard:
    """The supervisor's end of the pipe."""

    def __init__(self, mark: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != processes.MARK}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.guard", mark],
            cwd=Path(__file__).resolve().parent.parent,
            env=environment,  # unmarked, so that no guard is ended as part of what it guards
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # a reader of the supervisor's output must not wait for the guard
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def watch(self, group: int, stop_signal: int) -> None:
        """Tell that `group` was started and how it likes to be stopped."""
        self._tell(f"watch {group} {int(stop_signal)}")

    def forget(self, group: int) -> None:
        """Tell that `group` has ended: its number may soon be another's."""
        self._tell(f"forget {group}")

    def dismiss(self) -> None:
        """Say that everything has been stopped in order."""
        self._tell("goodbye")
        self._process.communicate()

    def _tell(self, line: str) -> None:
        with suppress(OSError, ValueError):  # a guard that was killed cannot help; the next start cleans up instead
            assert self._process.stdin
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


def main(mark: str) -> None:
    """Wait for the goodbye or the end of the supervisor; then, in the second case, leave nothing of it behind."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        match line.split():
            case ["watch", group, stop_signal]:
                groups[int(group)] = int(stop_signal)
            case ["forget", group]:
                groups.pop(int(group), None)
            case ["goodbye"]:
                return
    processes.end(lambda: processes.find(mark, groups), PATIENCE, groups)  # a leader's pid is its group's number


if __name__ == "__main__":
    main(sys.argv[1])
