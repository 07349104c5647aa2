"""What a delivery says of a lead, and that docs/integrator.md says so too."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agents.models import AgentProfile
from calls.models import Call, Turn
from leads.models import Lead, LeadValue
from leads.payload import erased_body, example_body, json_schema, lead_body
from tests.factories import START, make_call

DOCS = (Path(__file__).parents[2] / "docs" / "integrator.md").read_text().partition("\n## Leads to n8n")[2]
CAPTURED, SCHEMA = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)[:2])

State = LeadValue.State


def body(lead: Lead) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(lead_body(lead, "lead.updated"))
    jsonschema.validate(told, SCHEMA)
    return told


def turn(call: Call, number: int, text: str, role: str = "visitor") -> Turn:
    return Turn.objects.create(
        call=call, item_id=f"1.{number}", attempt=1, seq=number, role=role, text=text, language="hi-IN",
        started_at=START + timedelta(seconds=number),
    )  # fmt: skip


def value(lead: Lead, key: str, text: str, state: LeadValue.State = State.HEARD, **parts: Any) -> LeadValue:
    return lead.values.create(key=key, label=key, kind="text", value=text, state=state, **parts)


def test_the_documentation_shows_what_is_sent() -> None:
    assert json.loads(example_body("lead.captured")) == CAPTURED
    assert json_schema() == SCHEMA
    jsonschema.validate(CAPTURED, SCHEMA)
    for part in ("call", "lead", "evidence", "consent", "transcript"):
        broken = {**CAPTURED, "data": {name: each for name, each in CAPTURED["data"].items() if name != part}}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


@pytest.mark.django_db
def test_a_call_and_what_was_found_in_it(agent: AgentProfile) -> None:
    call = make_call(
        agent, answered_at=START, ended_at=START + timedelta(seconds=61.4), end_reason="agent_ended",
        consent={"version": "2026-11", "recording": True, "callback": True, "language": "hi-IN"},
        source={"page": "/flats"},
    )  # fmt: skip
    turn(call, 2, "नमस्ते!", role="agent")
    turn(call, 5, "मैं राहुल, नौ आठ…")
    lead = Lead.objects.create(agent=agent, call=call, summary="Wants a flat.")
    value(lead, "phone", "+919845012345", State.CONFIRMED, turns=["1.5"])
    value(lead, "city", "Pune", State.INFERRED)
    value(lead, "need", "2 BHK", State.INFERRED, verdict=LeadValue.Verdict.ACCEPTED)
    value(lead, "name", "राहूल", verdict=LeadValue.Verdict.REJECTED, turns=["1.5"])
    told = body(lead)
    assert list(told) == ["type", "timestamp", "data"]
    assert told["type"] == "lead.updated"
    assert told["data"] == {
        "call": {
            "id": str(call.pk), "agentId": "demo", "agentName": "Asha", "version": 1, "language": "hi-IN",
            "voice": "arya", "startedAt": call.created_at.isoformat().replace("+00:00", "Z"),
            "endedAt": "2026-11-20T09:01:01.400000Z", "durationSeconds": 61, "endReason": "agent_ended",
            "source": {"page": "/flats"},
        },
        "lead": {
            "id": lead.pk, "status": "new", "summary": "Wants a flat.",
            "fields": {"phone": "+919845012345", "need": "2 BHK"},
        },
        "evidence": [
            {"field": "phone", "value": "+919845012345", "state": "confirmed", "turns": [2]},
            {"field": "city", "value": "Pune", "state": "inferred", "turns": []},
            {"field": "need", "value": "2 BHK", "state": "inferred", "turns": []},
        ],
        "consent": {"version": "2026-11", "recording": True, "callback": True, "language": "hi-IN"},
        "transcript": [
            {"seq": 1, "role": "agent", "text": "नमस्ते!", "language": "hi-IN", "at": "2026-11-20T09:00:02Z"},
            {"seq": 2, "role": "visitor", "text": "मैं राहुल, नौ आठ…", "language": "hi-IN", "at": "2026-11-20T09:00:05Z"},
        ],
    }  # fmt: skip


@pytest.mark.django_db
def test_a_person_who_called_twice_is_one_lead_with_the_last_call(agent: AgentProfile) -> None:
    first, second = make_call(agent), make_call(agent)
    turn(first, 1, "मैं राहुल")
    turn(second, 1, "दो बी एच के")
    lead = Lead.objects.create(agent=agent, call=first)
    value(lead, "name", "राहुल", turns=["1.1"])
    again = Lead.objects.create(agent=agent, call=second, joined_to=lead)
    value(again, "need", "2 BHK", turns=["1.1"])
    data = body(lead)["data"]
    assert (data["lead"]["id"], data["call"]["id"]) == (lead.pk, str(second.pk))
    assert data["lead"]["fields"] == {"name": "राहुल", "need": "2 BHK"}
    assert {each["field"]: each["turns"] for each in data["evidence"]} == {"name": [], "need": [1]}
    assert [line["text"] for line in data["transcript"]] == ["दो बी एच के"]


@pytest.mark.django_db
def test_who_asked_to_be_called_back_without_a_call(agent: AgentProfile) -> None:
    lead = Lead.objects.create(agent=agent, callback_consent={"version": "callback-1", "callback": True})
    value(lead, "phone", "+919845012345", State.TYPED)
    data = body(lead)["data"]
    assert (data["call"], data["transcript"]) == (None, [])
    assert data["consent"] == {"version": "callback-1", "recording": False, "callback": True}


@pytest.mark.django_db
def test_who_agreed_to_nothing_and_whom_no_agent_answered(agent: AgentProfile) -> None:
    lead = Lead.objects.create(agent=agent, call=make_call(agent))
    data = body(lead)["data"]
    assert (data["consent"], data["call"]["durationSeconds"], data["call"]["endedAt"]) == (None, None, None)


@pytest.mark.django_db
@pytest.mark.parametrize("with_call", [True, False])
def test_an_erasure_carries_ids_only(agent: AgentProfile, with_call: bool) -> None:
    lead = Lead.objects.create(agent=agent, call=make_call(agent) if with_call else None, summary="Wants a flat.")
    value(lead, "name", "राहुल")
    told = json.loads(erased_body(lead))
    jsonschema.validate(told, SCHEMA)
    call = {"id": str(lead.call_id)} if with_call else None
    assert (told["type"], told["data"]) == ("lead.erased", {"lead": {"id": lead.pk}, "call": call})
