"""The supervisor's promises: order, restarts, and stopping in time."""

from __future__ import annotations

import io
import os
import time
from itertools import pairwise
from pathlib import Path

import pytest

from local import processes
from local.errors import LocalError
from local.output import LogFiles, Terminal
from local.supervisor import STOP_ALL, Process, Supervisor
from tests.local.conftest import eventually, shell

STUBBORN = "trap '' TERM; exec sleep 1000"  # being deaf to a signal survives exec


def test_a_stage_starts_when_the_one_before_it_is_ready(supervisor: Supervisor, tmp_path: Path) -> None:
    base = tmp_path / "base"
    supervisor.start_stage(shell("first", "sleep 0.3; touch base; exec sleep 1000", tmp_path, base.exists))
    supervisor.start_stage(shell("second", "test -e base && touch both; exec sleep 1000", tmp_path))
    eventually((tmp_path / "both").exists)


def test_one_that_ends_instead_of_getting_ready_is_shown_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    with pytest.raises(LocalError, match=r"(?s)broken ended \(exit code 3\).*no such table"):
        supervisor.start_stage(shell("broken", "echo no such table; exit 3", tmp_path, lambda: False))


def test_a_missing_program_is_named(supervisor: Supervisor, tmp_path: Path) -> None:

    missing = Process("ghost", ["/nowhere/ghost"], {}, folder=tmp_path)
    with pytest.raises(LocalError, match="ghost could not be started: No such file or directory"):
        supervisor.start_stage(missing)


def test_what_ends_starts_again_each_time_later(supervisor: Supervisor, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    script = "date +%s.%N >> starts; while [ ! -e broken ]; do sleep 0.02; done; exit 1"
    supervisor.start_stage(shell("fickle", script, tmp_path, starts.exists))
    (tmp_path / "broken").touch()
    eventually(lambda: len(starts.read_text().splitlines()) == 3)
    waits = [later - earlier for earlier, later in pairwise(map(float, starts.read_text().splitlines()))]
    assert waits[0] >= 0.5
    assert waits[1] >= 1.0
    (tmp_path / "broken").unlink()
    eventually(lambda: supervisor.pid("fickle"))


def test_what_was_stopped_stays_stopped_until_started(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start_stage(shell("web", "exec sleep 1000", tmp_path))
    first = supervisor.pid("web")
    supervisor.stop("web")
    assert supervisor.pid("web") == 0
    supervisor.start("web")
    assert supervisor.pid("web") not in (0, first)


def test_stopping_one_ends_what_left_its_group(supervisor: Supervisor, mark: str, tmp_path: Path) -> None:
    supervisor.start_stage(shell("worker", f"setsid sh -c '{STUBBORN}' & touch up; exec sleep 1000", tmp_path))
    eventually(lambda: len(processes.find(mark)) == 2)
    supervisor.stop("worker")
    assert not processes.find(mark)


def test_everything_stops_in_time_last_stage_first(tmp_path: Path, mark: str) -> None:
    supervisor = Supervisor(mark, LogFiles(tmp_path / "logs"))
    says_when = "trap 'echo {0} >> order; exit' TERM; touch {0}; while :; do sleep 0.02; done"
    supervisor.start_stage(shell("base", says_when.format("base"), tmp_path, (tmp_path / "base").exists))
    supervisor.start_stage(
        shell("top", says_when.format("top"), tmp_path, (tmp_path / "top").exists),
        shell("stubborn", STUBBORN, tmp_path),
    )
    began = time.monotonic()
    supervisor.close()
    assert time.monotonic() - began < STOP_ALL
    assert (tmp_path / "order").read_text().split() == ["top", "base"]
    assert not processes.find(mark)


def test_hurry_kills_at_once(tmp_path: Path, mark: str) -> None:
    supervisor = Supervisor(mark, LogFiles(tmp_path / "logs"))
    supervisor.start_stage(shell("stubborn", STUBBORN, tmp_path))
    supervisor.hurry()
    began = time.monotonic()
    supervisor.close()
    assert time.monotonic() - began < 2


def test_lines_say_whose_they_are() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    writer = terminal.attach("web")
    os.write(writer, "नमस्ते\nunfinished".encode())
    os.close(writer)
    eventually(lambda: "unfinished" in stream.getvalue())
    assert stream.getvalue() == "web      | नमस्ते\nweb      | unfinished\n"  # no colours: it is no terminal
    assert terminal.tail("web") == "नमस्ते\nunfinished"
