"""What a visitor sees of what was understood of them, and may put right: of their own conversation, and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.contract import FieldToFindOut
from calls.models import Call
from calls.services.claims import get_call
from leads.announce import announce
from leads.callbacks import keep_wish
from leads.changes import note
from leads.checks import phone_number
from leads.joining import is_alike, join_by_itself, lock_leads_of, part
from leads.models import Extraction, Lead, LeadValue
from leads.people import standing
from vaani.logs import get_logger
from vaani.problems import Problem

log = get_logger(__name__)

PHONE = "phone"
State, Verdict = LeadValue.State, LeadValue.Verdict


@dataclass(frozen=True, slots=True)
class Understood:
    """`values` by key, those that count; `fields` says in which order and under which names. No `lead`: nothing was."""

    ready: bool
    lead: Lead | None
    fields: list[FieldToFindOut]
    values: dict[str, LeadValue]


def understood(call_id: UUID) -> Understood:
    """What was found out in a call and in those of the same conversation. Raises `Problem` 404."""
    call = get_call(call_id)
    leads = _leads(call)
    own = next((lead for lead in leads if lead.call_id == call.pk), leads[-1] if leads else None)
    values = {value.key: value for value in standing(leads) if value.counts}
    return Understood(_is_read(call), own, list(call.version.config.fields), values)


def phone_field(fields: list[FieldToFindOut]) -> FieldToFindOut:
    """Under which name the visitor's number is kept: the agent's own, if it asks for one."""
    bare = FieldToFindOut(key=PHONE, label=_("Phone number"), kind=PHONE)
    return next((field for field in fields if field.kind == PHONE), bare)


def correct_phone(call_id: UUID, text: str) -> str:
    """Put the visitor's own number in the place of the one that was understood; gives it as it is kept.

    What staff had judged has to be looked at again, with the number that they saw beside the new one. A lead that was
    joined to somebody by the wrong number is taken out of that one.

    Raises `Problem`: 404 unknown call, or one that brought no lead, 422 no number that can be called.
    """
    number = phone_number(text)
    if not number:
        raise Problem(
            422, "bad_phone", "This is no phone number that we can call. Write all ten digits.", field="phone"
        )
    call = get_call(call_id)
    field = phone_field(call.version.config.fields)
    with transaction.atomic():
        lock_leads_of(call.agent_id)
        leads = _leads(call)
        if not leads:
            raise Problem(404, "no_lead", "Nothing was noted in this call that could be corrected.")
        before = next((value for value in standing(leads) if value.key == field.key), None)
        lead = before.lead if before else leads[-1]
        # Staff's verbs lock the same row: of a click and a correction at once, the later sees the earlier.
        Lead.objects.select_for_update().get(pk=lead.joined_to_id or lead.pk)
        was_alike = is_alike(lead)
        if not _write(lead, field, before, number):
            return number
        left = part(lead) if was_alike and not is_alike(lead) else None
        if left:
            announce(left, "lead.updated", why=_("corrected by the visitor"))
        person = join_by_itself(lead) or lead.joined_to or lead
        keep_wish(lead, call)
        # What was accepted is not what stands now.
        Lead.objects.filter(pk=person.pk).update(accepted_at=None, updated_at=timezone.now())
        announce(lead, "lead.captured" if left else "lead.updated", why=_("corrected by the visitor"))
    log.info("phone_corrected", lead_id=lead.pk, call_id=str(call.pk))
    return number


def _leads(call: Call) -> list[Lead]:
    """The leads of a conversation's calls that may be used, oldest first."""
    found = Lead.objects.filter(call__in=call.chain(), locked_at=None).prefetch_related("values")
    return list(found.order_by("created_at", "pk"))


def _is_read(call: Call) -> bool:
    """Whether a model has read the call, or failed to: nothing more is to be waited for."""
    row = Extraction.objects.filter(call=call).first()
    done = (Extraction.Status.DONE, Extraction.Status.FAILED)
    return row is not None and (row.status in done or bool(row.error))


def _write(lead: Lead, field: FieldToFindOut, before: LeadValue | None, number: str) -> bool:
    """Whether that changed anything."""
    old = before.value if before else ""
    told = {"value": number, "state": State.TYPED, "verdict": Verdict.OPEN, "other": "", "turns": []}
    if before is None:
        lead.values.create(key=field.key, label=field.label, kind=PHONE, **told)
    elif old == number and before.counts:
        return False
    else:
        judged = before.verdict != Verdict.OPEN or before.state == State.STAFF
        if judged and old != number:
            told["other"] = old
        if before.state not in (State.STAFF, State.TYPED):
            told["found"] = before.found or old
        lead.values.filter(pk=before.pk).update(**told)
    note(lead, before.label if before else field.label, old, number, why=_("corrected by the visitor"))
    lead.refresh_from_db()
    return True
