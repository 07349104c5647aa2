"""Steps of set-up: each is left out when its inputs have not changed, says what it waits for, and keeps a log."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "set-up"
SHOWN_LINES = 15


class StepFailedError(Exception):
    """A program that a step ran failed; its log says why."""


class Log:
    """The log file of one step, and the programs that write to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    def run(self, *command: str | Path, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> str:
        """Run a program, its complaints going to the log; return what it printed, which goes there too."""
        with self.path.open("a", encoding="utf-8") as log:
            print("$", *command, file=log, flush=True)
            try:
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env={**os.environ, **(environment or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
            except OSError as error:
                self.fail(f"{command[0]}: {error.strerror}")
            log.write(done.stdout)
        if done.returncode:
            self.fail(f"(exit code {done.returncode})")
        return done.stdout

    def fail(self, reason: str) -> None:
        """Write `reason` down and end the step."""
        with self.path.open("a", encoding="utf-8") as log:
            log.write(f"{reason}\n")
        raise StepFailedError

    def tail(self) -> str:
        return "\n".join(self.path.read_text(encoding="utf-8", errors="replace").splitlines()[-SHOWN_LINES:])


@dataclass(frozen=True)
class Step:
    """Something to install or build."""

    name: str
    title: str
    waits_for: str
    inputs: str  # what it depends on, hashed; see `digest`
    makes: Path
    act: Callable[[Log], None]
    remedy: str

    def carry_out(self) -> None:
        """Do it, unless it has been done with these inputs. Raises a `LocalError` that says how to go on."""
        stamp = STAMPS / f"{self.name}.stamp"
        if self.makes.exists() and stamp.exists() and stamp.read_text() == self.inputs:
            return
        stamp.unlink(missing_ok=True)
        log = Log(STAMPS / f"{self.name}.log")
        shown_path = log.path.relative_to(ROOT)
        print(f"{self.title}: {self.waits_for} (log: {shown_path})", flush=True)
        began = time.monotonic()
        try:
            with Clock():
                self.act(log)
        except StepFailedError:
            raise LocalError(
                f"{self.title} failed. Last lines of {shown_path}:\n{log.tail()}\n\n{self.remedy}"
            ) from None
        stamp.write_text(self.inputs)
        print(f"  done in {time.monotonic() - began:.0f} s", flush=True)


class Clock:
    """Shows, while something runs, for how long it has been running."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _tick(self) -> None:
        live = sys.stdout.isatty()
        began = time.monotonic()
        while not self._ended.wait(1 if live else 20):
            print(f"  {time.monotonic() - began:.0f} s ...", end="\r" if live else "\n", flush=True)


def digest(*parts: str, files: Iterable[Path] = ()) -> str:
    """A hash of `parts` and of names and contents of `files`."""
    hashed = hashlib.sha256("\0".join(parts).encode())
    for file in sorted(files):
        hashed.update(f"\0{file.relative_to(ROOT)}\0".encode())
        hashed.update(file.read_bytes())
    return hashed.hexdigest()
