"""Everything held about one person, found by a phone number or an e-mail address."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import IO, Any

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from agents.models import FieldToFindOut
from calls.models import Call, CallEvent, Recording, Turn
from leads.checks import phone_number
from leads.models import Delivery, Lead, LeadChange, LeadValue


class NoPersonError(ValueError):
    """The text is neither a phone number nor an e-mail address."""


@dataclass(frozen=True, slots=True)
class Held:
    """`leads` are a person's, joined ones among them; `calls` are theirs and those in which the identifier was said."""

    identifier: str
    leads: list[Lead]
    calls: list[Call]

    def __bool__(self) -> bool:
        return bool(self.leads or self.calls)


def identifier_of(text: str) -> str:
    """A phone number as `+919845012345`, or an e-mail address in small letters. Raises `NoPersonError`."""
    text = text.strip()
    if "@" in text:
        return text.casefold()
    number = phone_number(text)
    if not number:
        raise NoPersonError(text)
    return number


def held_about(identifier: str) -> Held:
    """All there is about the person. Reads through every turn, as slowly as there are many: a rare question."""
    kind = FieldToFindOut.Kind.EMAIL if "@" in identifier else FieldToFindOut.Kind.PHONE
    said = LeadValue.objects.filter(kind=kind).filter(
        Q(value__iexact=identifier) | Q(found__iexact=identifier) | Q(other__iexact=identifier)
    )
    own = Lead.objects.filter(pk__in=said.values("lead"))
    people = [lead.joined_to_id or lead.pk for lead in own.only("joined_to")]
    leads = Lead.objects.filter(Q(pk__in=people) | Q(joined_to__in=people)).select_related("agent", "call")
    own_calls = {each.pk for lead in leads if lead.call for each in lead.call.chain()}
    calls = Call.objects.filter(Q(pk__in=own_calls) | Q(pk__in=_spoken_in(identifier)), erased_at=None)
    return Held(
        identifier,
        list(leads.order_by("created_at", "pk")),
        list(calls.select_related("agent").order_by("created_at", "pk")),
    )


def _spoken_in(identifier: str) -> set[Any]:
    """Calls in whose turns or events the identifier stands, however a number's digits are grouped."""
    return {
        *_holding(Turn.objects.annotate(words=F("text")), identifier).values_list("call_id", flat=True),
        *_holding(CallEvent.objects.annotate(words=Cast("detail", TextField())), identifier).values_list(
            "call_id", flat=True
        ),
    }


def _holding(rows: QuerySet[Any], identifier: str) -> QuerySet[Any]:
    if "@" in identifier:
        return rows.filter(words__icontains=identifier)
    # Not the country's code: people leave it out.
    bare = Func(
        F("words"), Value(r"[\s().-]"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
    )
    held: QuerySet[Any] = rows.annotate(bare=bare).filter(bare__contains=identifier[-10:])
    return held


def write_copy(held: Held, file: IO[bytes]) -> None:
    """Everything held about the person as a ZIP: `person.json`, and the recordings."""
    calls = [call.pk for call in held.calls]
    leads = [lead.pk for lead in held.leads]
    rows = {
        "leads": Lead.objects.filter(pk__in=leads),
        "values": LeadValue.objects.filter(lead__in=leads),
        "changes": LeadChange.objects.filter(lead__in=leads),
        "deliveries": Delivery.objects.filter(lead__in=leads),
        "calls": Call.objects.filter(pk__in=calls),
        "turns": Turn.objects.filter(call__in=calls),
        "events": CallEvent.objects.filter(call__in=calls),
    }
    told = {"identifier": held.identifier} | {name: list(found.values()) for name, found in rows.items()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        for recording in Recording.objects.filter(call__in=calls, erased_at=None):
            with default_storage.open(recording.file) as sound:
                archive.writestr(f"recordings/{recording.call_id}-{recording.attempt}.ogg", sound.read())
