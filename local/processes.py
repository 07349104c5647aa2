"""Finding and ending processes that belong to a stack.

A process group is not enough: job processes may leave it. So every process of a stack carries a mark in its
environment, which its descendants inherit and `/proc` shows, however they were orphaned.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

MARK = "VAANI_STACK"


def find(mark: str, groups: Collection[int] = ()) -> set[int]:
    """Living processes whose mark starts with `mark`, or which are in one of `groups`, and their descendants.

    Descendants, because Postgres's children write their titles over the mark and lead sessions of their own.
    """
    wanted = f"\0{MARK}={mark}".encode()
    found: set[int] = set()
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        # A process may end, or belong to somebody else, between any two of these lines.
        with suppress(OSError, ValueError):
            pid = int(entry.name)
            state, parent, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            if state == "Z" or pid == os.getpid():
                continue
            parents[pid] = int(parent)
            if int(group) in groups or wanted in b"\0" + (entry / "environ").read_bytes():
                found.add(pid)
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found


def send(pids: Collection[int], number: int) -> None:
    """Signal every one of `pids` that still exists."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end(living: Callable[[], set[int]], patience: float, stop_signals: Mapping[int, int] | None = None) -> None:
    """End what `living` lists: politely, then after `patience` seconds by force, until none is left.

    Polite is SIGTERM, or a process's own in `stop_signals`. All are told at once: a descendant that carries no mark
    can be found only while its parent lives.
    """
    for pid in living():
        send([pid], (stop_signals or {}).get(pid, signal.SIGTERM))
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
