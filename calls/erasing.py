"""Erasing what was said: when the agent's time for it is over, or because its visitor asked for it.

The row of a call stays, so that counts and costs stay right; nothing in it says who called or what was said. Only a
sample goes whole: nobody called.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from agents.models import Example
from calls.live import tell
from calls.models import Call, Recording
from calls.recordings import erase
from calls.services.endings import SETTLE_AFTER
from vaani.logs import get_logger

log = get_logger(__name__)

# A job that dies as its call ends may still send what it had; from then on its worker is told that the call is gone.
NOT_BEFORE = SETTLE_AFTER


@transaction.atomic
def erase_call(call_id: UUID) -> bool:
    """Erase words, sound, name, consent and source of a call, and examples made of it. False when it is under way.

    What a worker still holds of it is refused from now on, and dropped there.
    """
    call = Call.objects.select_for_update().filter(pk=call_id).first()
    if call is None or call.erased_at is not None:
        return True
    if call.ended_at is None or timezone.now() - call.ended_at < NOT_BEFORE:
        return False
    erase(call.recordings.all())
    call.recordings.all().delete()
    call.turns.all().delete()
    call.events.all().delete()
    Example.objects.filter(kept_from=call_id).delete()
    call.continued_by.update(continues=None)  # what goes on with it may still say who called
    Call.objects.filter(pk=call_id).update(
        visitor_name="", consent={}, source={}, continues=None, erased_at=timezone.now()
    )
    log.info("call_erased", call_id=str(call_id))
    tell(call_id, moved=True)
    return True


def delete_samples(ids: Collection[UUID]) -> None:
    """Delete sample calls with all that is known of them, for good. Their leads must be gone before."""
    samples = Call.objects.filter(pk__in=ids, kind=Call.Kind.SAMPLE)
    erase(Recording.objects.filter(call__in=samples))
    samples.delete()


def erase_due() -> int:
    """Erase the calls that are older than their agent keeps them. Returns how many."""
    age = F("agent__calls_kept_days") * timedelta(days=1)
    due = Call.objects.filter(erased_at=None, created_at__lt=timezone.now() - age)
    return sum(erase_call(call_id) for call_id in due.values_list("pk", flat=True))
