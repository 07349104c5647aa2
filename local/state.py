"""The state folder: everything that one stack keeps from start to start. Deleting it starts afresh."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from local import ports
from local.errors import LocalError


class State:
    """A folder held by one stack at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: int | None = None
        self._memory: dict[str, str] = {}

    @property
    def mark(self) -> str:
        """What every process of this stack carries; ends so that no other folder's mark starts with it."""
        return f"{self.path}:"

    def open(self) -> None:
        """Make the folder if need be and take hold of it. The kernel lets go of it however this process ends."""
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True)
                self.path.chmod(0o711)  # Postgres, which is never root, passes through to its own folder
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LocalError(
                f"The state folder {self.path} cannot be written ({error.strerror}). "
                "Run as the user who owns it, or choose another with --state."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 20, 0).decode() or "unknown"
            os.close(self._lock)
            raise LocalError(
                f"Vaani already runs from {self.path} (process {holder}). Stop it first, or choose another folder with --state."
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)
        with suppress(FileNotFoundError):
            self._memory = json.loads((self.path / "memory.json").read_text())

    def is_held(self) -> bool:
        """Whether a stack runs from this folder."""
        try:
            lock = os.open(self.path / "lock", os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def remember(self, name: str, make: Callable[[], str]) -> str:
        """The value made for `name` at the first start."""
        if name not in self._memory:
            self._keep(name, make())
        return self._memory[name]

    def port(self, name: str, preferred: int | None = None) -> int:
        """A free port for `name`: the last start's, else the preferred one, else any."""
        known = (int(self._memory.get(name, 0)), preferred)
        port = next((port for port in known if port and ports.is_free(port)), None) or self._unclaimed_port()
        self._keep(name, str(port))
        return port

    def write(self, name: str, text: str) -> Path:
        """Write a file whole, for this user alone."""
        path = self.path / name
        draft = path.with_name(f"{name}.new")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.rename(path)
        return path

    def write_env(self, values: Mapping[str, str]) -> Path:
        """Write the settings the stack made, where `vaani.env` finds them."""
        lines = ["# Written at every start. Settings of your own belong in .env, which is stronger."]
        lines += [f"{name}='{value}'" for name, value in values.items()]
        return self.write("env", "\n".join(lines) + "\n")

    def _unclaimed_port(self) -> int:
        """A free port that no other process of this stack has been promised."""
        while str(port := ports.any_free()) in self._memory.values():
            pass
        return port

    def _keep(self, name: str, value: str) -> None:
        self._memory[name] = value
        self.write("memory.json", json.dumps(self._memory, indent=1))
