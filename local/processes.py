"""Finding and ending processes that belong to a stack.

A process group is not enough: job processes may leave it. So every process of a stack carries a mark in its
environment, which its descendants inherit and `/proc` shows, however they were orphaned.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

MARK = "VAANI_STACK"


def find(mark: str, groups: Collection[int] = ()) -> list[int]:
    """Living processes whose mark starts with `mark`, or which are in one of `groups`; never this one."""
    wanted = f"\0{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        # A process may end, or belong to somebody else, between any two of these lines.
        with suppress(OSError, ValueError, IndexError):
            pid = int(entry.name)
            state, _parent, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            if pid == os.getpid() or state == "Z":
                continue
            if int(group) in groups or wanted in b"\0" + (entry / "environ").read_bytes():
                found.append(pid)
    return found


def send(pids: Collection[int], number: int) -> None:
    """Signal every one of `pids` that still exists."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end(living: Callable[[], list[int]], patience: float) -> None:
    """End what `living` lists: politely, then after `patience` seconds by force, until none is left."""
    send(living(), signal.SIGTERM)
    deadline = time.monotonic() + patience
    while pids := living():
        if time.monotonic() >= deadline:
            send(pids, signal.SIGKILL)
        time.sleep(0.05)


def name_of(pid: int) -> str:
    """Program name of `pid`, as far as it can be seen."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return "unknown"
