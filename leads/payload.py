"""The body of a delivery, as Standard Webhooks has it: type, timestamp, data. Its JSON Schema is in docs/integrator.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from calls.models import Call, Turn
from leads.models import Lead, LeadValue
from leads.people import family, values_of

Event = Literal["lead.captured", "lead.updated", "lead.test"]


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True)


class CallPart(_Part):
    """The person's last call. Times are ISO 8601 in UTC; the duration is from the agent's answer to the end."""

    id: str
    agent_id: str
    agent_name: str
    version: int | None
    language: str
    voice: str
    started_at: datetime
    ended_at: datetime | None
    duration_seconds: int | None
    end_reason: str
    source: dict[str, str]


class LeadPart(_Part):
    """The person. `fields` holds what is known for a fact, by the keys of the agent's fields to find out."""

    id: int
    status: str
    summary: str
    fields: dict[str, str]


class EvidencePart(_Part):
    """How a value is known. `turns` are the `seq` of the lines it was heard in; empty when it is of another call."""

    field: str
    value: str
    state: LeadValue.State
    turns: list[int]


class ConsentPart(BaseModel):
    """What the person agreed to, and which wording of it they saw. May hold more."""

    model_config = ConfigDict(extra="allow")

    version: str = ""
    recording: bool = False
    callback: bool = False


class LinePart(_Part):
    """One line of the transcript."""

    seq: int
    role: Turn.Role
    text: str
    language: str
    at: datetime


class LeadData(_Part):
    """A person, as known when the event was written. `call` is null for who asked to be called back without a call."""

    call: CallPart | None
    lead: LeadPart
    evidence: list[EvidencePart]
    consent: ConsentPart | None
    transcript: list[LinePart]


class LeadBody(_Part):
    """What is sent when a lead was caught or has changed."""

    type: Event
    timestamp: datetime
    data: LeadData


class LeadId(_Part):
    id: int


class CallId(_Part):
    id: str


class Ids(_Part):
    """A lead by its ids only; `call` is null when it had none."""

    lead: LeadId
    call: CallId | None


class ErasedBody(_Part):
    """What is sent when a lead was erased: erase what you hold of it."""

    type: Literal["lead.erased"] = Field("lead.erased")
    timestamp: datetime
    data: Ids


def json_schema() -> dict[str, Any]:
    """JSON Schema of every body that is sent. More parts may come one day; none of these goes away."""
    schema = TypeAdapter(LeadBody | ErasedBody).json_schema(mode="serialization")
    return cast(dict[str, Any], _untitled(schema))


def lead_body(lead: Lead, event: Event) -> str:
    """JSON of all that is known of a person now. `lead` is the one that stands for the person."""
    return LeadBody(type=event, timestamp=timezone.now(), data=lead_data(lead)).model_dump_json()


def lead_data(lead: Lead) -> LeadData:
    """All that is known of a person now. `lead` is the one that stands for the person."""
    members = family(Lead.objects.prefetch_related("values", "joined__values").get(pk=lead.pk))
    lead = next(each for each in members if each.pk == lead.pk)
    last = next((each for each in reversed(members) if each.call_id), None)
    call = last.call if last else None
    lines = list(call.turns.all()) if call else []
    seqs = {line.item_id: seq for seq, line in enumerate(lines, 1)}
    standing = [value for value in values_of(lead) if value.verdict != LeadValue.Verdict.REJECTED]
    asked: dict[str, Any] = next((each.callback_consent for each in reversed(members) if each.callback_consent), {})
    consent = asked or (call.consent if call else {})
    return LeadData(
        call=_call_part(call) if call else None,
        lead=LeadPart(
            id=lead.pk,
            status=lead.status,
            summary=lead.summary,
            fields={value.key: value.value for value in standing if value.counts},
        ),
        evidence=[
            EvidencePart(
                field=value.key,
                value=value.value,
                state=LeadValue.State(value.state),
                turns=[seqs[turn] for turn in value.turns if turn in seqs] if value.lead == last else [],
            )
            for value in standing
        ],
        consent=ConsentPart.model_validate(consent) if consent else None,
        transcript=[
            LinePart(seq=seq, role=Turn.Role(line.role), text=line.text, language=line.language, at=line.started_at)
            for seq, line in enumerate(lines, 1)
        ],
    )


def erased_body(lead: Lead) -> str:
    """JSON of the ids of a lead."""
    call = CallId(id=str(lead.call_id)) if lead.call_id else None
    return ErasedBody(timestamp=timezone.now(), data=Ids(lead=LeadId(id=lead.pk), call=call)).model_dump_json()


def _untitled(schema: Any) -> Any:
    """Without the titles that pydantic makes of the names, which say nothing more."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _untitled(part) for key, part in schema.items() if not (key == "title" and isinstance(part, str))}


def _call_part(call: Call) -> CallPart:
    seconds = call.duration.total_seconds() if call.duration is not None else None
    return CallPart(
        id=str(call.pk),
        agent_id=call.agent.agent_id,
        agent_name=call.version.config.name,
        version=call.version.number,
        language=call.language,
        voice=call.voice,
        started_at=call.created_at,
        ended_at=call.ended_at,
        duration_seconds=None if seconds is None else round(seconds),
        end_reason=call.end_reason,
        source=call.source,
    )


def example_body(event: Event = "lead.test") -> str:
    """JSON of an invented person: what a test sends, and what docs/integrator.md shows."""
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    said = [
        (Turn.Role.AGENT, "नमस्ते! मैं Asha, एक एआई असिस्टेंट। बताइए, आपको किस बारे में जानकारी चाहिए?"),
        (Turn.Role.VISITOR, "मेरा नाम राहुल है, मुझे टू बी एच के चाहिए।"),
        (Turn.Role.AGENT, "जी राहुल जी, आपका नंबर बताइए।"),
        (Turn.Role.VISITOR, "नौ आठ चार पाँच शून्य, एक दो तीन चार पाँच"),
    ]
    found = [
        ("name", "राहुल", LeadValue.State.HEARD, [2]),
        ("flat", "2 BHK", LeadValue.State.HEARD, [2]),
        ("phone", "+919845012345", LeadValue.State.CONFIRMED, [4]),
        ("city", "Pune", LeadValue.State.INFERRED, []),
    ]
    body = LeadBody(
        type=event,
        timestamp=at + timedelta(minutes=2),
        data=LeadData(
            call=CallPart(
                id="414cc5c3-ac3b-4e2d-9c90-7bf6e4e16cc8",
                agent_id="demo",
                agent_name="Asha",
                version=3,
                language="hi-IN",
                voice="arya",
                started_at=at,
                ended_at=at + timedelta(seconds=75),
                duration_seconds=72,
                end_reason=Call.EndReason.AGENT_ENDED,
                source={"page": "/flats/baner", "campaign": "diwali"},
            ),
            lead=LeadPart(
                id=41,
                status=Lead.Status.NEW,
                summary="Rahul wants a 2 BHK flat.\nCall him back on the number he gave.",
                fields={key: value for key, value, state, _turns in found if state != LeadValue.State.INFERRED},
            ),
            evidence=[
                EvidencePart(field=key, value=value, state=state, turns=turns) for key, value, state, turns in found
            ],
            consent=ConsentPart(version="2026-11", recording=False, callback=True),
            transcript=[
                LinePart(seq=seq, role=role, text=text, language="hi-IN", at=at + timedelta(seconds=15 * seq))
                for seq, (role, text) in enumerate(said, 1)
            ],
        ),
    )
    return body.model_dump_json()
