"""The journal: what a job recorded, on disk before anything else has it.

`SPOOL_DIR/<call>/<attempt>.jsonl`, one message a line, each line synced before it is sent. A file
goes only when Postgres holds every line of it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from agents.contract import MESSAGE, CallEnded, EventMessage, TurnMessage
from vaani.logs import get_logger

log = get_logger(__name__)

Recorded = TurnMessage | EventMessage | CallEnded


class JournalWriter:
    """Appends one attempt's messages to its file. `append` blocks for a disk sync, 0.2 ms on a good disk.

    Keeps a lock on the file, which the kernel takes back however the job ends: see `is_being_written`.
    """

    def __init__(self, spool: Path, call_id: UUID, attempt: int) -> None:
        folder = spool / str(call_id)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / f"{attempt}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def append(self, message: Recorded) -> None:
        """Write a message and wait until the disk has it.

        Raises OSError when the disk is full, and leaves no half line that the next would be glued to.
        """
        line = message.model_dump_json().encode() + b"\n"
        before = os.fstat(self._file).st_size
        try:
            while line:  # a disk that fills up takes a part, and refuses the rest
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, before)
            raise

    def close(self) -> None:
        os.close(self._file)


def is_being_written(path: Path) -> bool:
    """Whether a job, of this worker or another on this machine, may still add to a journal. Not to one that is gone."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def journals(spool: Path) -> Iterator[tuple[UUID, Path]]:
    """Every journal on this machine, with its call."""
    for path in sorted(spool.glob("*/*.jsonl")):
        try:
            yield UUID(path.parent.name), path
        except ValueError:
            log.warning("journal_misplaced", path=str(path))


def read_journal(path: Path) -> list[Recorded]:
    """Messages of a journal. The last line of a killed job may be half written: it was never sent, and is left out."""
    messages: list[Recorded] = []
    for line in path.read_bytes().splitlines():
        try:
            messages.append(MESSAGE.validate_json(line, extra="ignore"))
        except ValidationError:
            log.warning("journal_line_unreadable", path=str(path))
    return messages


def drop_spooled(path: Path) -> None:
    """Remove a file of a call that the web server holds, and the call's folder with the last one."""
    path.unlink(missing_ok=True)
    with suppress(OSError):  # another file of the call is in it
        path.parent.rmdir()
