"""A lead's values and calls as the lines of its page. Nothing is asked of the database that `page` has not read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from agents.catalogue import VOICES
from agents.contract import FieldToFindOut
from calls.admin import consent_words, duration_words, moment, own_name
from calls.models import Call, Recording
from calls.recordings import first_sounds, playable
from calls.transcript import Line, lines
from leads.admin.deeds import Refused
from leads.models import Lead, LeadValue
from leads.people import family
from leads.review import field_of, fields_missing, value_stamp
from leads.shown import as_read

STATE_COLOURS = {
    LeadValue.State.HEARD: "success",
    LeadValue.State.CONFIRMED: "success",
    LeadValue.State.INFERRED: "warning",
    LeadValue.State.STAFF: "primary",
    LeadValue.State.TYPED: "info",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn that a value came from: its place on the page, and when it was said, as the page has it."""

    anchor: str
    at: str


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value as the page shows it. `fault` is why what was `typed` cannot be kept."""

    value: LeadValue
    shown: str
    other: str
    found: str
    state: str
    colour: str
    lang: str
    heard: list[Heard]
    from_call: str
    stamp: str
    choices: list[str]
    typed: str
    fault: str


@dataclass(frozen=True, slots=True)
class MissingRow:
    """Something the agent was to find out and did not."""

    field: FieldToFindOut
    typed: str
    fault: str


@dataclass(frozen=True, slots=True)
class CallPart:
    """One call of the person: its lines, and whether they are to be seen at once."""

    lead: Lead
    call: Call
    title: str
    source: str
    recordings: list[Recording]
    lines: list[tuple[str, Line]]  # the place of each on the page
    over: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person agreed to, in which wording and language, and when."""

    what: str
    version: str
    language: str
    when: str


def value_rows(lead: Lead, values: Iterable[LeadValue], refused: Refused | None) -> list[ValueRow]:
    """The values that stand for the person, in their order."""
    return [_value_row(lead, value, refused if refused and refused.place == value.key else None) for value in values]


def missing_rows(lead: Lead, values: list[LeadValue], refused: Refused | None) -> list[MissingRow]:
    """What can be added."""
    return [
        MissingRow(field, refused.typed, str(refused)) if refused and refused.place == field.key else MissingRow(field, "", "")
        for field in fields_missing(lead, values)
    ]  # fmt: skip


def calls_of(lead: Lead, values: Iterable[LeadValue], *, may_hear: bool) -> list[CallPart]:
    """Every call of the person, the newest first: that one and those that values came from are open.

    The recordings are a part of it for those who may hear them.
    """
    calls = [(each, each.call) for each in reversed(family(lead)) if each.call]
    pointed = {value.lead.pk for value in values if value.turns}
    return [_call_part(each, call, at == 0 or each.pk in pointed, may_hear) for at, (each, call) in enumerate(calls)]


def consents_of(lead: Lead) -> list[Consent]:
    """What the person agreed to in each call and with each wish to be called back."""
    found = []
    for each in family(lead):
        if each.call:
            found.append(_consent(each.call.consent, own_name(each.call.language), each.call.created_at))
        if each.callback_at:
            found.append(_consent(each.callback_consent, own_name(each.callback_language), each.callback_at))
    return found


def _value_row(lead: Lead, value: LeadValue, refused: Refused | None) -> ValueRow:
    corrected = value.found and value.found != value.value
    return ValueRow(
        value=value,
        shown=as_read(value.kind, value.value),
        other=as_read(value.kind, value.other),
        found=as_read(value.kind, value.found) if corrected else "",
        state=value.get_state_display(),
        colour=STATE_COLOURS[LeadValue.State(value.state)],
        lang=value.lead.call.language if value.lead.call else value.lead.callback_language,
        heard=_heard(value),
        from_call=moment(value.lead.created_at) if value.lead.pk != lead.pk else "",
        stamp=value_stamp(value),
        choices=field_of(value).choices,
        typed=refused.typed if refused else value.value,
        fault=str(refused) if refused else "",
    )


def _heard(value: LeadValue) -> list[Heard]:
    call = value.lead.call
    turns = {turn.item_id: turn for turn in call.turns.all()} if call else {}
    known = [turns[item_id] for item_id in value.turns if item_id in turns]
    return [Heard(_anchor(value.lead, turn.item_id), f"{localtime(turn.started_at):%H:%M:%S}") for turn in known]


def _anchor(lead: Lead, item_id: str) -> str:
    return f"turn-{lead.pk}-{item_id}"


def _call_part(lead: Lead, call: Call, is_open: bool, may_hear: bool) -> CallPart:
    voice = VOICES.get(call.voice)  # None once the catalogue has dropped it
    recordings, recorded = playable(call.recordings.all(), first_sounds(call.events.all()), may_hear=may_hear)
    spoken = lines(call.turns.all(), [], voice.gender if voice else None, recorded)
    title = [moment(call.created_at), own_name(call.language), duration_words(call.duration), call.visitor_name]
    return CallPart(
        lead=lead,
        call=call,
        title=" · ".join(part for part in title if part),
        source=", ".join(f"{name}: {text}" for name, text in call.source.items()),
        recordings=recordings,
        lines=[(_anchor(lead, line.item_id), line) for line in spoken],
        over=call.status == Call.Status.SETTLED,
        is_open=is_open,
    )


def _consent(consent: dict[str, Any], language: str, when: datetime) -> Consent:
    version = str(consent.get("version") or "") or _("none shown")
    return Consent(consent_words(consent), version, language, moment(when))
