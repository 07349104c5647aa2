"""`save_details`: what the agent hands over during the call, checked, kept, and answered with what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.contract import FieldToFindOut, ToolAnswer
from calls.models import Call
from leads.checks import BadValueError, clean_value
from leads.evidence import Transcript, is_confirmed, judge
from leads.keeping import find, keep, transcript_of
from leads.models import Lead, LeadValue
from leads.questions import Read
from leads.spoken import say_digits
from vaani.logs import get_logger

log = get_logger(__name__)

CONFIRMED = "confirmed"  # the model's word that the visitor agreed: it ends the asking, and decides nothing


def save_details(call: Call, item_id: str, arguments: dict[str, Any]) -> ToolAnswer:
    """Keep what the agent found out so far; a second time adds to it and replaces.

    A bad value is asked for again and costs the others nothing. Trials and examples are checked and answered but never
    kept.
    """
    fields = call.version.config.fields
    transcript = transcript_of(call)
    good, faults = _checked(fields, arguments, transcript)
    lead = _kept(call, transcript, good) if call.kind in Call.MAKING_LEADS else None
    answer = [f"Saved: {', '.join(field.label for field in fields if field.key in good)}."] if good else []
    answer += faults.values()
    known = good.keys() | faults.keys() | ({value.key for value in lead.values.all()} if lead else set())
    known |= set(LeadValue.objects.filter(lead__call__in=call.earlier()).values_list("key", flat=True))
    if missing := [field.label for field in fields if field.required and field.key not in known]:
        answer.append(f"Still needed: {', '.join(missing)}. Ask for it, if the visitor has not told it yet.")
    for field in fields:
        if field.kind == "phone" and field.key in good and arguments.get(CONFIRMED) is not True:
            # Where the visitor's own turns hold another number, that one is asked about.
            answer += _read_back(judge(field, good[field.key], transcript).value, transcript)
    if good and len(answer) == 1:
        answer.append("When the visitor has nothing more, thank them and say goodbye.")
    return ToolAnswer(ok=not faults, text=" ".join(answer) or "Nothing was told, so nothing was saved.")


def _checked(
    fields: Sequence[FieldToFindOut], arguments: Mapping[str, Any], transcript: Transcript
) -> tuple[dict[str, str], dict[str, str]]:
    """Clean values by key, and by key what to ask again."""
    good, faults = {}, {}
    for field in fields:
        try:
            value = clean_value(field, arguments.get(field.key), language=transcript.language, at=transcript.began)
        except BadValueError as error:
            faults[field.key] = str(error)
        else:
            if value:
                good[field.key] = value
    return good, faults


def _kept(call: Call, transcript: Transcript, good: Mapping[str, str]) -> Lead | None:
    """The call's lead with the values written to it; None when there is neither."""
    with transaction.atomic():
        if good:
            lead, created = Lead.objects.get_or_create(call=call, defaults={"agent_id": call.agent_id})
            log.info("lead_saved", call_id=str(call.pk), lead_id=lead.pk, created=created)
        # Locked, for the same call may come twice at once.
        held = Lead.objects.select_for_update(of=("self",)).filter(call=call).first()
        if held and good and not held.locked_at:
            fields = call.version.config.fields
            found = find(fields, held, transcript, {key: Read(value) for key, value in good.items()})
            keep(held, fields, found, why=_("saved during the call"))
        return held


def _read_back(number: str, transcript: Transcript) -> list[str]:
    """How to have a number confirmed, unless the visitor agreed to it before."""
    if is_confirmed(number, transcript):
        return []
    words = say_digits(number, transcript.spoken_in("agent"))
    return [
        f'Now read the number back in these words: "{words}", and ask whether it is right.'
        f" Only when the visitor agrees, call save_details again with {CONFIRMED} true;"
        " when the visitor corrects it, save the corrected number."
    ]
