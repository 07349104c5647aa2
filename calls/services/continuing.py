"""Going on with a call that was cut off: in the same row while it lasts, else in a new one that names it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from calls.models import Call
from calls.visitor_key import call_of
from vaani.logs import get_logger

log = get_logger(__name__)

WITHIN = timedelta(minutes=15)  # of its end; whoever comes later begins anew


def call_to_continue(key: str, agent_pk: int) -> Call | None:
    """The visitor's call of this agent that the holder of a key may go on with; None when there is none any more.

    Of a call that was gone on with before, it is the last one that is meant.
    """
    call_id = call_of(key)
    if call_id is None:
        log.warning("visitor_key_refused")
        return None
    known = Call.objects.filter(pk=call_id, kind=Call.Kind.VISITOR, agent=agent_pk).first()
    call = known.chain()[-1] if known else None
    if call is None or call.erased_at is not None:
        return None
    return call if call.ended_at is None or timezone.now() - call.ended_at <= WITHIN else None
