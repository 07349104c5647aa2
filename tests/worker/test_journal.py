"""The journal on a real disk: whole lines only, even when the disk fills up in the middle of one."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from agents.worker.journal import JournalWriter, drop_spooled, journals, read_journal
from tests.worker.conftest import turn

CALL = uuid4()


@contextmanager
def room_left(path: Path, size: int) -> Iterator[None]:
    """Let this process's files grow no further than `size` bytes beyond what `path` has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_reads_back_what_was_written_in_order(spool: Path) -> None:
    writer = JournalWriter(spool, CALL, 2)
    written = [turn(CALL, n, f"पंक्ति {n}\nऔर", attempt=2) for n in range(1, 30)]
    for message in written:
        writer.append(message)
        assert read_journal(spool / str(CALL) / "2.jsonl")[-1] == message, "on disk as soon as append returns"
    writer.close()
    assert read_journal(spool / str(CALL) / "2.jsonl") == written
    assert list(journals(spool)) == [(CALL, spool / str(CALL) / "2.jsonl")]


def test_it_is_private_to_the_product(spool: Path) -> None:
    JournalWriter(spool, CALL, 1).close()
    assert (spool / str(CALL) / "1.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("room", [0, 1, 60])
def test_a_disk_that_fills_up_leaves_no_half_line_behind(spool: Path, room: int) -> None:
    path = spool / str(CALL) / "1.jsonl"
    writer = JournalWriter(spool, CALL, 1)
    writer.append(turn(CALL, 1))
    with room_left(path, room), pytest.raises(OSError, match="File too large"):
        writer.append(turn(CALL, 2))
    writer.append(turn(CALL, 3))  # somebody made room
    writer.close()
    assert path.read_bytes().endswith(b"\n")
    assert [message.n for message in read_journal(path)] == [1, 3]


def test_it_leaves_out_the_half_written_last_line_of_a_killed_job(spool: Path) -> None:
    writer = JournalWriter(spool, CALL, 1)
    for n in (1, 2):
        writer.append(turn(CALL, n))
    writer.close()
    path = spool / str(CALL) / "1.jsonl"
    path.write_bytes(path.read_bytes()[:-25])
    assert [message.n for message in read_journal(path)] == [1]


def test_a_dropped_journal_takes_its_calls_folder_with_the_last_one(spool: Path) -> None:
    for attempt in (1, 2):
        JournalWriter(spool, CALL, attempt).close()
    folder = spool / str(CALL)
    drop_spooled(folder / "1.jsonl")
    assert [path.name for path in folder.iterdir()] == ["2.jsonl"]
    drop_spooled(folder / "2.jsonl")
    assert not folder.exists()


def test_a_file_in_a_folder_that_is_no_call_is_not_touched(spool: Path) -> None:
    stray = spool / "lost+found" / "1.jsonl"
    stray.parent.mkdir(parents=True)
    stray.write_text("{}")
    JournalWriter(spool, CALL, 1).close()
    assert [call for call, _ in journals(spool)] == [CALL]
    assert stray.exists()
