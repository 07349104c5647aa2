"""Files of leads: at once for a few, by a task for many."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, TYPE_CHECKING

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from leads.models import Export
from leads.models.exports import KEPT_DAYS
from leads.tables import Row, table, write_csv, write_xlsx
from vaani.celery import app
from vaani.logs import get_logger

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = get_logger(__name__)

MOST_AT_ONCE = 2000  # leads of a file that somebody waits for
EXPORT_TASK = "leads.make_export"
TYPES = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WRITERS = {Export.Format.CSV: write_csv, Export.Format.XLSX: write_xlsx}

Status = Export.Status


class _GoneError(Exception):
    """Somebody else has finished the file, or nobody wants it any more."""


def write_file(stream: IO[bytes], ids: Sequence[int], file_format: str) -> None:
    """Write these leads to a stream, in their order."""
    _WRITERS[Export.Format(file_format)](stream, (row for rows in table(ids) for row in rows))


def file_name(file_format: str) -> str:
    """What the file is called by whoever downloads it."""
    return f"leads-{timezone.localdate():%Y-%m-%d}.{file_format}"


def start_export(ids: Sequence[int], file_format: str, who: User) -> Export:
    """Have a file made. Whoever asked sees how far it is on the page of the `Export`."""
    export = Export.objects.create(leads=list(ids), format=file_format, asked_by=who)
    _send_on_commit(export)
    return export


def restart_export(export: Export) -> bool:
    """Have a file made after all that failed, or that nobody works at any more. False when there is nothing to do."""
    if export.status == Status.DONE or export.is_under_way:
        return False
    unchanged = Export.objects.filter(pk=export.pk, status=export.status, moved_at=export.moved_at)
    if not unchanged.update(status=Status.WAITING, done=0, moved_at=timezone.now()):
        return False
    _send_on_commit(export)
    return True


def make_export(pk: int) -> None:
    """Write the file of an export and put it into the storage. Done twice, the first stands."""
    wanted = Export.objects.filter(pk=pk, status__in=[Status.WAITING, Status.RUNNING])
    if not wanted.update(status=Status.RUNNING, done=0, moved_at=timezone.now()):
        return
    export = Export.objects.get(pk=pk)
    try:
        with tempfile.TemporaryFile() as file:
            _WRITERS[Export.Format(export.format)](file, _rows(export))
            file.seek(0)
            name = default_storage.save(f"exports/{uuid.uuid4()}.{export.format}", File(file))
    except _GoneError:
        return
    except Exception:
        Export.objects.filter(pk=pk, status=Status.RUNNING).update(status=Status.FAILED, moved_at=timezone.now())
        raise
    done = {"status": Status.DONE, "file": name, "moved_at": timezone.now()}
    if not Export.objects.filter(pk=pk, status=Status.RUNNING).update(**done):
        default_storage.delete(name)
    log.info("leads_exported", export_id=pk, leads=len(export.leads), user_id=export.asked_by_id)


def drop_old_exports() -> None:
    """Delete the files whose time is over."""
    for export in Export.objects.filter(asked_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)):
        drop_export(export)


def drop_export(export: Export) -> None:
    """Delete a file and all that is known of it."""
    if export.file:
        default_storage.delete(export.file)
    export.delete()


def _rows(export: Export) -> Iterator[Row]:
    """The rows of the file; says after each portion how far it has come."""
    written = -1  # the header is none
    for rows in table(export.leads):
        yield from rows
        written += len(rows)
        moved = Export.objects.filter(pk=export.pk, status=Status.RUNNING)
        if not moved.update(done=written, moved_at=timezone.now()):
            raise _GoneError


def _send_on_commit(export: Export) -> None:
    # With the broker down the page says that nobody works at it, and offers to start it again.
    def send() -> None:
        app.send_task(EXPORT_TASK, [export.pk], retry=False, ignore_result=True)

    transaction.on_commit(send, robust=True)
