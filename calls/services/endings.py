"""The two ends of a call. *Ended*: nobody can speak any more. *Settled*: all that was said is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.live import tell
from calls.models import Call
from calls.signals import call_finished
from vaani.logs import get_logger

log = get_logger(__name__)

SETTLE_AFTER = timedelta(seconds=30)  # what has not come by then is not waited for


def end_call(call_id: UUID, reason: str, *, at: datetime | None = None) -> bool:
    """Say that the call is over. True when this was the first to say so.

    The job, LiveKit's webhook and the watch may all see the end; the first one moves the status. The
    job alone knows why, so its reason replaces a webhook's "the room was closed".
    """
    known = reason if reason in Call.EndReason.values else Call.EndReason.FAILED
    calls = Call.objects.filter(pk=call_id)
    ended = calls.unfinished().update(status=Call.Status.ENDED, ended_at=at or timezone.now(), end_reason=known)
    if ended:
        log.info("call_ended", call_id=str(call_id), reason=known)
        tell(call_id, moved=True)
    else:
        calls.filter(end_reason=Call.EndReason.ROOM_CLOSED).update(end_reason=known)
    return bool(ended)


@transaction.atomic
def settle_call(call_id: UUID) -> bool:
    """Settle an ended call if all of it is stored, or 30 s have passed. True when this settled it.

    `call_finished` is sent inside the transaction that settles, so what its receivers write is there
    exactly when the call is settled.
    """
    call = Call.objects.select_for_update().filter(pk=call_id, status=Call.Status.ENDED).first()
    if call is None or not (_is_complete(call) or _waited_enough(call)):
        return False
    Call.objects.filter(pk=call_id).update(status=Call.Status.SETTLED, settled_at=timezone.now())
    call_finished.send(sender=Call, call_id=call_id)
    log.info("call_settled", call_id=str(call_id))
    tell(call_id, moved=True)
    return True


def settle_due() -> int:
    """Settle every ended call that can be. Returns how many were."""
    due = Call.objects.filter(status=Call.Status.ENDED).values_list("pk", flat=True)
    return sum(settle_call(call_id) for call_id in due)


def _waited_enough(call: Call) -> bool:
    return call.ended_at is not None and timezone.now() - call.ended_at > SETTLE_AFTER


def _is_complete(call: Call) -> bool:
    for attempt in call.attempts.all():
        if attempt.last_n is None:
            return False
        turns = call.turns.filter(attempt=attempt.number, seq__lte=attempt.last_n, final=True).count()
        events = call.events.filter(attempt=attempt.number, seq__lte=attempt.last_n).count()
        if turns + events < attempt.last_n:
            return False
    return True
