"""Real processes, waited for by condition."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import processes
from local.output import LogFiles
from local.supervisor import Process, Supervisor

PATH = "/usr/bin:/bin"


def eventually(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until `condition` holds; fail when it does not `within` so many seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def shell(name: str, script: str, folder: Path, ready: Callable[[], bool] = lambda: True) -> Process:
    """A process that is a line of shell, run in `folder`."""
    return Process(name, ["/bin/sh", "-c", script], {"PATH": PATH}, ready=ready, folder=folder, patience=5)


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """A mark of the test's own; nothing that carries it may be left."""
    mark = f"{tmp_path}:"
    yield mark
    assert not processes.find(mark)


@pytest.fixture
def supervisor(tmp_path: Path, mark: str) -> Iterator[Supervisor]:
    supervisor = Supervisor(mark, LogFiles(tmp_path / "logs"))
    yield supervisor
    supervisor.close()
