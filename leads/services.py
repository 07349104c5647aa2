"""Verbs of leads: keep what the agent found out, and find the turns it was heard in. See also `leads.callbacks`."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.contract import ToolAnswer
from calls.models import Call, Turn
from leads.checks import BadValueError, clean_value
from leads.models import Lead, LeadValue
from vaani.logs import get_logger

log = get_logger(__name__)


def save_details(call: Call, item_id: str, arguments: dict[str, Any]) -> ToolAnswer:
    """Keep what the agent found out in this call. A second time replaces the values it brings.

    A bad value keeps nothing and asks again. Trials, examples and samples are checked but never kept.
    """
    fields = call.version.config.fields
    values, faults = {}, []
    for field in fields:
        try:
            values[field.key] = clean_value(field, arguments.get(field.key))
        except BadValueError as error:
            faults.append(str(error))
    if faults:
        return ToolAnswer(ok=False, text=" ".join(faults))
    if call.kind == Call.Kind.VISITOR and any(values.values()):
        with transaction.atomic():
            lead, created = Lead.objects.get_or_create(call=call, defaults={"agent_id": call.agent_id})
            for field in fields:
                if values[field.key]:
                    lead.values.update_or_create(
                        key=field.key,
                        defaults={"label": field.label, "kind": field.kind, "value": values[field.key]},
                    )
        log.info("lead_saved", call_id=str(call.pk), lead_id=lead.pk, created=created)
    return ToolAnswer(ok=True, text="Saved. Thank the visitor and say goodbye.")


def on_call_finished(*, call_id: UUID, **_: Any) -> None:
    """Every word of the call is stored now: link the lead's values to the turns they were heard in."""
    lead = Lead.objects.filter(call_id=call_id).first()
    if lead is None:
        return
    turns = list(Turn.objects.filter(call_id=call_id, role=Turn.Role.VISITOR))
    for value in lead.values.exclude(state__in=[LeadValue.State.STAFF, LeadValue.State.TYPED]):
        value.turns = [turn.item_id for turn in turns if is_heard_in(value, turn.text)]
        value.state = LeadValue.State.HEARD if value.turns else LeadValue.State.INFERRED
        value.save(update_fields=["turns", "state"])


def is_heard_in(value: LeadValue, text: str) -> bool:
    """Whether the words of a turn hold the value: a phone number by its digits, the rest by its words."""
    if value.kind == "phone":
        digits = "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())
        return value.value[-10:] in digits
    return _plain(value.value) in _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", unicodedata.normalize("NFC", text).casefold()).strip()
