"""What a visitor's page shows and corrects after the call, by the key it got with its token."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from calls.api import Short
from calls.visitor_key import VisitorKey
from leads.shown import as_read
from leads.visitors import PHONE, correct_phone, phone_field, understood
from vaani.env import get_env
from vaani.pace import require_pace

router = Router(tags=["leads"], auth=VisitorKey())


class UnderstoodField(Schema):
    """One thing that was found out. `label` is staff's own word for it; with `onlyOfKind` the agent asks for no other of that
    kind, so that a client may name it in the visitor's language.

    `value` is a phone number with spaces, a day as `2026-11-30`, an amount of rupees in digits or two with `-` between,
    `yes` or `no`, or text; empty only for a phone number, which can be given still.
    """

    key: str
    label: str
    value: str
    kind: str
    onlyOfKind: bool
    correctable: bool


class SummaryAnswer(Schema):
    """While `ready` is false, more may come: ask again. `leadId` is null while nothing is known."""

    ready: bool
    leadId: int | None
    fields: list[UnderstoodField]


@router.get(
    "/calls/{uuid:call_id}/summary",
    response=SummaryAnswer,
    operation_id="summary_read",
    summary="What was understood",
)
def summary(request: HttpRequest, call_id: UUID) -> SummaryAnswer:
    """What was found out in the visitor's call. 404 once it was erased."""
    known = understood(call_id)
    own_number = phone_field(known.fields).key
    kinds = Counter(field.kind for field in known.fields)
    shown = []
    for field in known.fields:
        value = known.values.get(field.key)
        correctable = known.lead is not None and field.key == own_number
        if value or correctable:
            text = value.value if value else ""
            shown.append(
                UnderstoodField(
                    key=field.key,
                    label=field.label,
                    value=as_read(PHONE, text) if field.kind == PHONE else text,
                    kind=field.kind,
                    onlyOfKind=kinds[field.kind] == 1,
                    correctable=correctable,
                )
            )
    return SummaryAnswer(ready=known.ready, leadId=known.lead.pk if known.lead else None, fields=shown)


class PhoneCorrection(Schema):
    phone: Short


class PhoneAnswer(Schema):
    """The number as it is kept, as `+919845012345`, and as people read it."""

    phone: str
    shown: str


@router.post(
    "/calls/{uuid:call_id}/phone",
    response=PhoneAnswer,
    operation_id="phone_correct",
    summary="Correct the phone number",
)
def phone(request: HttpRequest, call_id: UUID, body: PhoneCorrection) -> PhoneAnswer:
    """Put the visitor's own number in the place of the one that was understood.

    404 `no_lead` when nothing was noted, 422 `bad_phone`, 429 when too many numbers are sent.
    """
    limit = get_env().callbacks_per_minute
    require_pace(request, "too_many_callbacks", limit, "Too many numbers came from here. Try again in a minute.")
    number = correct_phone(call_id, body.phone)
    return PhoneAnswer(phone=number, shown=as_read(PHONE, number))
