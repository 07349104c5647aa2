"""Where the processes of a stack write: a terminal that shows whose line it is, or a log file each."""

from __future__ import annotations

import os
import sys
import threading
from collections import defaultdict, deque
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

KEPT_LINES = 20
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
WIDTH = len("postgres")


class Output(Protocol):
    def attach(self, name: str) -> int:
        """A file descriptor for the process `name` to write to; the caller closes its copy."""

    def say(self, text: str) -> None:
        """Write a line of the supervisor's own."""

    def tail(self, name: str) -> str:
        """The last lines of `name`."""


class Terminal:
    """Everything on one stream, each line prefixed with its process's name, in colour for a person."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._names: list[str] = []
        self._tails: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=KEPT_LINES))
        self._lock = threading.Lock()

    def attach(self, name: str) -> int:
        reader, writer = os.pipe()
        if name not in self._names:
            self._names.append(name)
        threading.Thread(target=self._copy, args=(name, reader), name=f"output of {name}", daemon=True).start()
        return writer

    def say(self, text: str) -> None:
        self.write(text + "\n")

    def tail(self, name: str) -> str:
        return "\n".join(self._tails[name])

    def write(self, text: str) -> None:
        """Write as it is. A terminal that has gone away must not keep the supervisor from stopping things."""
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()

    def _copy(self, name: str, reader: int) -> None:
        prefix = f"{name:<{WIDTH}} | "
        if self._coloured:
            prefix = f"\x1b[{COLOURS[self._names.index(name) % len(COLOURS)]}m{prefix}\x1b[0m"
        with open(reader, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                self._tails[name].append(line.rstrip("\n"))
                self.write(prefix + line.rstrip("\n") + "\n")


class LogFiles:
    """A file each, `<folder>/<name>.log`, kept from start to start; for tests and quiet use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def attach(self, name: str) -> int:
        return os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(self, text: str) -> None:
        with self.path("supervisor").open("a", encoding="utf-8") as log:
            log.write(text + "\n")

    def tail(self, name: str) -> str:
        return "\n".join(self.read(name).splitlines()[-KEPT_LINES:])

    def path(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def read(self, name: str) -> str:
        """Everything `name` has written; empty when it never ran."""
        path = self.path(name)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
