"""What calls have used, stored from what their jobs tell."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F
from pydantic import TypeAdapter, ValidationError

from agents.contract import EventMessage, Used
from calls.models import UsageLine
from vaani.logs import get_logger

log = get_logger(__name__)

AFTER_THE_CALL = 0  # in the place of an attempt: attempts count from 1
_LINES = TypeAdapter(list[Used])


def store_usage(message: EventMessage) -> None:
    """Store the sums of an attempt. They only grow, so one that comes late changes nothing."""
    try:
        lines = _LINES.validate_python(message.detail.get("lines"))
    except ValidationError:
        log.warning("usage_garbled", call_id=str(message.call_id))
        return
    for used in lines:
        line, _created = UsageLine.objects.get_or_create(
            call_id=message.call_id,
            attempt=message.attempt,
            provider=used.provider,
            model=used.model,
            unit=used.unit,
            defaults={"amount": used.amount},
        )
        UsageLine.objects.filter(pk=line.pk, amount__lt=used.amount).update(amount=used.amount)


def add_usage(call_id: UUID, lines: Iterable[Used]) -> None:
    """Add what was used of models once the call was over, such as for reading it. Each line is added, not compared."""
    for used in lines:
        line, _created = UsageLine.objects.get_or_create(
            call_id=call_id,
            attempt=AFTER_THE_CALL,
            provider=used.provider,
            model=used.model,
            unit=used.unit,
            defaults={"amount": 0},
        )
        UsageLine.objects.filter(pk=line.pk).update(amount=F("amount") + used.amount)
