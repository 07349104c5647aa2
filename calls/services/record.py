"""Store what a job says happened. Every message may come twice, late or out of order."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from agents.contract import USAGE_EVENT, CallEnded, EventMessage, TurnMessage
from agents.services import mark_refused
from calls.live import tell
from calls.models import Attempt, Call, CallEvent, Turn
from calls.services.endings import end_call, settle_call
from calls.services.usage import store_usage
from calls.signals import words_came_late
from vaani.logs import get_logger

log = get_logger(__name__)

_DRAFT_FIELDS = ("text", "language", "final", "revision", "interrupted", "ended_at", "latencies")


def record(message: TurnMessage | EventMessage | CallEnded) -> None:
    """Store one message of a job. A message for a call that is no more is dropped, with a log line."""
    if not Call.objects.filter(pk=message.call_id, erased_at=None).exists():
        log.warning("message_without_call", call_id=str(message.call_id), type=message.type)
        return
    match message:
        case TurnMessage():
            _record_turn(message)
        case EventMessage():
            _record_event(message)
        case CallEnded():
            _record_end(message)
    settle_call(message.call_id)
    tell(message.call_id)


@transaction.atomic
def _record_turn(message: TurnMessage) -> None:
    # Settling locks the call too: it either sees this turn, or is seen here.
    call = Call.objects.select_for_update(no_key=True).only("status").get(pk=message.call_id)
    values = _storable(message.model_dump(include={*_DRAFT_FIELDS, "role", "typed", "started_at"}))
    turn, created = Turn.objects.get_or_create(
        call_id=message.call_id,
        item_id=message.item_id,
        defaults={**values, "attempt": message.attempt, "seq": message.n},
    )
    if not created:
        # Nothing goes back: a late draft, or a final told twice, finds nothing to change.
        older = Turn.objects.filter(pk=turn.pk, final=False)
        if not message.final:
            older = older.filter(revision__lt=message.revision)
        if not older.update(**{name: values[name] for name in _DRAFT_FIELDS}):
            return
    if call.status == Call.Status.SETTLED:
        words_came_late.send(sender=Call, call_id=message.call_id)


@transaction.atomic
def _record_event(message: EventMessage) -> None:
    _event, created = CallEvent.objects.get_or_create(
        call_id=message.call_id,
        item_id=message.item_id,
        defaults={
            "attempt": message.attempt,
            "seq": message.n,
            "kind": message.kind,
            "at": message.at,
            "detail": _storable(message.detail),
        },
    )
    if created and message.kind == USAGE_EVENT:
        store_usage(message)
    if created and message.kind == "model_refused":
        mark_refused(str(message.detail.get("model", "")), str(message.detail.get("message", "")))


@transaction.atomic
def _record_end(message: CallEnded) -> None:
    attempts = Attempt.objects.filter(call_id=message.call_id)
    attempts.filter(number=message.attempt, ended_at__isnull=True).update(ended_at=message.at, last_n=message.n)
    if not attempts.filter(number__gt=message.attempt).exists():
        end_call(message.call_id, message.reason, at=message.at)


def _storable(value: Any) -> Any:
    # A model may write the character NUL, which Postgres takes neither in text nor in JSON.
    match value:
        case str():
            return value.replace("\0", "")
        case dict():
            return {_storable(name): _storable(part) for name, part in value.items()}
        case list():
            return [_storable(part) for part in value]
    return value
