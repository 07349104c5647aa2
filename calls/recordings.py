"""Recordings: only of visitors who agreed, kept in Django's storage, gone when the agent's time for them is over."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from agents.contract import RECORDING_EVENT
from calls.live import tell
from calls.models import Call, CallEvent, Recording
from calls.services.claims import get_call
from vaani.logs import get_logger
from vaani.problems import Problem

if TYPE_CHECKING:
    from _typeshed import SupportsRead

log = get_logger(__name__)

OGG = "audio/ogg"
_MAGIC = b"OggS"
_PIECE = 1 << 20  # bytes a player gets at a time; it asks for more
_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def store_recording(call_id: UUID, attempt: int, body: SupportsRead[bytes]) -> None:
    """Keep the recording of an attempt, read from `body` to its end. Sent again, it replaces the one before.

    Raises `Problem`: 404 unknown call or attempt, 403 nobody agreed to a recording, or its time is over, 422 no Ogg file.
    """
    call = get_call(call_id)
    if not call.may_be_recorded or call.recordings.filter(attempt=attempt, erased_at__isnull=False).exists():
        raise Problem(403, "not_agreed", "This call must not be recorded.")
    if not call.attempts.filter(number=attempt).exists():
        raise Problem(404, "unknown_attempt", "This call has no such attempt.", field="attempt")
    # A name of its own, so that a second try never writes over what somebody listens to.
    name = f"recordings/{call_id}/{attempt}-{secrets.token_hex(4)}.ogg"
    with TemporaryFile() as sound:  # storage goes back and forth in it, which a request's body does not let it
        copyfileobj(body, sound)
        sound.seek(0)
        if sound.read(len(_MAGIC)) != _MAGIC:
            raise Problem(422, "no_recording", "This is no Ogg file.")
        name = default_storage.save(name, File(sound))
    try:
        with transaction.atomic():
            Call.objects.select_for_update().get(pk=call_id)
            old = call.recordings.filter(attempt=attempt).first()
            call.recordings.update_or_create(
                attempt=attempt, defaults={"file": name, "bytes": default_storage.size(name)}
            )
    except BaseException:
        default_storage.delete(name)
        raise
    if old is not None:
        default_storage.delete(old.file)
    log.info("recording_stored", call_id=str(call_id), attempt=attempt)
    tell(call_id)


def first_sounds(events: Iterable[CallEvent]) -> dict[int, datetime]:
    """When each attempt's recording begins, by attempt, of a call with these events: what its second 0 is."""
    return {event.attempt: event.at for event in events if event.kind == RECORDING_EVENT and event.attempt is not None}


def playable(
    recordings: Iterable[Recording], starts: Mapping[int, datetime], *, may_hear: bool
) -> tuple[list[Recording], dict[int, datetime]]:
    """Of a call's recordings those that can be played to this person, and when each of them begins, by attempt."""
    kept = [recording for recording in recordings if may_hear and recording.erased_at is None]
    return kept, {each.attempt: starts[each.attempt] for each in kept if each.attempt in starts}


def erase(recordings: QuerySet[Recording]) -> int:
    """Delete sound for good; what is left says only that there was some. Returns how many were deleted.

    The file goes first: should this be cut off, the next round finds the row and goes on.
    """
    count = 0
    for recording in recordings.filter(erased_at=None):
        default_storage.delete(recording.file)
        Recording.objects.filter(pk=recording.pk).update(erased_at=timezone.now(), file="", bytes=0)
        tell(recording.call_id)
        count += 1
    return count


def erase_due() -> int:
    """Delete the recordings that are older than their agent keeps them. Returns how many."""
    age = F("call__agent__recordings_kept_days") * timedelta(days=1)
    erased = erase(Recording.objects.filter(call__created_at__lt=timezone.now() - age))
    if erased:
        log.info("recordings_erased", count=erased)
    return erased


def sound_response(recording: Recording, request: HttpRequest) -> HttpResponseBase:
    """The sound, or the piece that a player asks for: 206 with at most 1 MiB of it, 416 beyond its end."""
    size = recording.bytes
    asked = _ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked.groups() == ("", ""):
        response: HttpResponseBase = StreamingHttpResponse(_pieces(recording.file), content_type=OGG)
        response["Content-Length"] = str(size)
    else:
        first, last = asked.groups()
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last) if first and last else size - 1, size - 1, start + _PIECE - 1)
        if start > end:
            response = HttpResponse(status=416)
            response["Content-Range"] = f"bytes */{size}"
            return response
        with default_storage.open(recording.file) as file:
            file.seek(start)
            response = HttpResponse(file.read(end - start + 1), status=206, content_type=OGG)
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"  # a browser must not keep what retention deletes
    return response


def _pieces(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        while piece := file.read(_PIECE):
            yield piece
