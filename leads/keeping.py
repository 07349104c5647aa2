"""Verbs of a lead's values: what the tool, a model and the transcript itself say is weighed and kept.

What staff or the visitor wrote, and what staff have judged, is never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils import timezone

from agents.contract import FieldToFindOut
from calls.models import Call
from leads.changes import note
from leads.checks import BadValueError, clean_value
from leads.evidence import CONTACTS, Finding, Transcript, Utterance, judge, standing
from leads.likeness import same_value, share_of_words
from leads.models import Lead, LeadValue
from leads.questions import Read, Reading
from leads.sounds import refresh_sounds

State, Verdict = LeadValue.State, LeadValue.Verdict

_ALIKE = 0.5  # share of a name's words that must sound alike: spellings differ
_MAX_LATIN_NAME = 200
_BY_PEOPLE = (State.STAFF, State.TYPED)
_MACHINES_OWN = Q(verdict=Verdict.OPEN) & ~Q(state__in=_BY_PEOPLE)


def transcript_of(call: Call) -> Transcript:
    """What has been stored of a call so far. One query."""
    said = [
        Utterance(turn.item_id, "visitor" if turn.role == "visitor" else "agent", turn.text, turn.language)
        for turn in call.turns.all()
        if turn.text.strip()
    ]
    return Transcript(said, call.language, call.created_at)


def find(
    fields: Sequence[FieldToFindOut], lead: Lead | None, transcript: Transcript, read: Mapping[str, Read]
) -> dict[str, Finding]:
    """What is now known of each field, by its key.

    Three sources are weighed: `read` (what a model gave just now), what a machine found before and the lead still
    holds, and the transcript itself. What the turns support best is taken, of equals what was read now.
    """
    held = {value.key: value for value in lead.values.all()} if lead else {}
    found: dict[str, Finding] = {}
    for field in fields:
        before = held.get(field.key)
        now = _judged(field, read.get(field.key), transcript)
        earlier = _judged(field, Read(before.found, tuple(before.turns)) if before else None, transcript)
        if finding := _weighed(field, now, earlier, before):
            found[field.key] = finding
    for kind in CONTACTS:
        # What stands in the transcript is found though no model gave it.
        missing = next((field for field in fields if field.kind == kind and field.key not in found), None)
        stands = standing(kind, transcript) if missing else None
        if missing and stands and stands.value not in {finding.value for finding in found.values()}:
            found[missing.key] = stands
    return found


def keep(lead: Lead, fields: Iterable[FieldToFindOut], found: Mapping[str, Finding], *, why: str) -> bool:
    """Write what was found to the lead, and its history where a value changes. True when anything did.

    Call it with the lead's row locked.
    """
    changed = False
    held = {value.key: value for value in lead.values.all()}
    for field in fields:
        finding, before = found.get(field.key), held.get(field.key)
        if finding is None:
            continue
        if before is None:
            lead.values.create(key=field.key, label=field.label, kind=field.kind, **_columns(finding))
            changed = True
        elif before.verdict == Verdict.OPEN and before.state not in _BY_PEOPLE:
            changed |= _replace(before, finding, why)
        elif before.verdict == Verdict.REJECTED and finding.rank and not same_value(field, before.value, finding.value):
            changed |= bool(lead.values.filter(pk=before.pk).exclude(other=finding.value).update(other=finding.value))
    if changed:
        Lead.objects.filter(pk=lead.pk).update(updated_at=timezone.now())
        _refresh_sounds(lead)
    return changed


def keep_words(lead: Lead, reading: Reading) -> bool:
    """The summary, and the name in Latin letters if it sounds like the name that was found. True when either is new."""
    words = {"summary": reading.summary} if reading.summary else {}
    name = lead.values.filter(_MACHINES_OWN, kind="name").first()
    if name and reading.latin_name.isascii() and share_of_words(name.value, [reading.latin_name]) >= _ALIKE:
        words["latin_name"] = reading.latin_name[:_MAX_LATIN_NAME]
    if not words or not Lead.objects.filter(pk=lead.pk).exclude(**words).update(**words):
        return False
    _refresh_sounds(lead)
    return True


def keep_typed_name(lead: Lead, call: Call) -> None:
    """The name that the visitor typed before the call, where the call itself brought none."""
    field = next((field for field in call.version.config.fields if field.kind == "name"), None)
    if field and call.visitor_name:
        told = {"label": field.label, "kind": field.kind, "value": call.visitor_name, "state": State.TYPED}
        _value, created = lead.values.get_or_create(key=field.key, defaults=told)
        if created:
            _refresh_sounds(lead)


def _judged(field: FieldToFindOut, given: Read | None, transcript: Transcript) -> Finding | None:
    """What the turns make of a value; None for one that is none of its kind."""
    if given is None:
        return None
    try:
        value = clean_value(field, given.value, language=transcript.language, at=transcript.began)
    except BadValueError:
        return None
    return judge(field, value, transcript, given.turns) if value else None


def _weighed(
    field: FieldToFindOut, now: Finding | None, earlier: Finding | None, before: LeadValue | None
) -> Finding | None:
    if now is None:
        if earlier and before and not earlier.other and same_value(field, earlier.value, before.value):
            return replace(earlier, other=before.other)  # a doubt stays until a model reads the call again
        return earlier
    if earlier is None or now.rank >= earlier.rank:
        return now
    differs = field.kind != "text" and not same_value(field, now.value, earlier.value)
    return replace(earlier, other=earlier.other or (now.value if differs else ""))


def _columns(finding: Finding) -> dict[str, Any]:
    return {
        "value": finding.value,
        "found": finding.value,
        "other": finding.other,
        "state": finding.state,
        "turns": list(finding.turns),
    }


def _replace(before: LeadValue, finding: Finding, why: str) -> bool:
    columns = _columns(finding)
    if all(getattr(before, name) == value for name, value in columns.items()):
        return False
    LeadValue.objects.filter(pk=before.pk).update(**columns)
    note(before.lead, before.label, before.value, finding.value, why=why)
    return True


def _refresh_sounds(lead: Lead) -> None:
    refresh_sounds(Lead.objects.get(pk=lead.pk))
