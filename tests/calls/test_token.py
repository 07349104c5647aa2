"""`POST /api/token`: what is asked is checked, and what is answered opens one room and nothing else."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from django.core.signing import BadSignature, TimestampSigner
from django.test import Client

from agents.models import AgentProfile
from agents.services import pause
from calls.models import Call
from tests.conftest import Beat, Logged, SetEnv
from tests.factories import make_agent
from vaani.env import get_env

pytestmark = pytest.mark.django_db


def ask(**body: Any) -> Any:
    return Client().post("/api/token", body, content_type="application/json")


def claims_of(token: str) -> dict[str, Any]:
    env = get_env()
    claims: dict[str, Any] = jwt.decode(token, env.livekit_api_secret, ["HS256"], issuer=env.livekit_api_key)
    return claims


@pytest.fixture(autouse=True)
def somebody_is_free(heartbeat: Beat) -> None:
    heartbeat(5)


# What is asked ----------------------------------------------------------------------------------


def test_an_agents_id_is_enough(agent: AgentProfile, logged: Logged) -> None:
    answer = ask(agentId="demo")
    call = Call.objects.get()
    body = answer.json()
    assert answer.status_code == 200
    assert body.keys() == {"token", "room", "url", "callId", "visitorKey", "server_url", "participant_token"}
    assert (body["callId"], body["room"]) == (str(call.pk), f"call-{call.pk}")
    assert body["url"] == body["server_url"] == get_env().livekit_url
    assert body["token"] == body["participant_token"]
    assert (call.version, call.language, call.voice) == (agent.published, "hi-IN", "arya")
    assert (call.kind, call.status, call.consent, call.source) == ("visitor", "created", {}, {})
    (line,) = logged("token_issued")
    assert (line["call_id"], line["agent_id"], line["language"]) == (str(call.pk), "demo", "hi-IN")


def test_everything_a_visitor_chose_is_on_the_call(agent: AgentProfile) -> None:
    consent = {"version": "2026-11", "recording": True, "callback": False}
    source = {"page": "/flats", "campaign": "दिवाली"}
    ask(agentId=" demo ", language="ta-IN", voice="Karun", userName=" மீனா ", consent=consent, source=source)
    call = Call.objects.get()
    assert (call.language, call.voice, call.visitor_name) == ("ta-IN", "karun", "மீனா")
    assert (call.consent, call.source) == (consent, source)


@pytest.mark.parametrize("camel", [False, True])
def test_the_body_of_livekits_own_clients_is_taken_and_a_room_asked_for_is_not(
    agent: AgentProfile, camel: bool
) -> None:
    names = {
        "room_config": "roomConfig",
        "agent_name": "agentName",
        "participant_name": "participantName",
        "participant_attributes": "participantAttributes",
    }
    body = {
        "room_name": "their-room",
        "participant_identity": "admin",
        "participant_metadata": "{}",
        "room_config": {
            "name": "their-room",
            "agents": [{"agent_name": "demo", "metadata": "evil"}],
            "max_participants": 99,
            "egress": {},
        },
        "participant_name": "Ravi",
        "participant_attributes": {"language": "te-IN", "voice": "hitesh", "lk.agent": "x"},
    }
    text = json.dumps(body)
    if camel:
        for snake, other in names.items():
            text = text.replace(snake, other)
    token = ask(**json.loads(text)).json()["participant_token"]
    call = Call.objects.get()
    assert (call.language, call.voice, call.visitor_name) == ("te-IN", "hitesh", "Ravi")
    claims = claims_of(token)
    assert (claims["sub"], claims["video"]["room"]) == ("visitor", call.room)
    assert "their-room" not in json.dumps(claims)
    assert "evil" not in json.dumps(claims)


def test_our_own_names_win_over_livekits(agent: AgentProfile) -> None:
    ask(
        agentId="demo",
        language="ta-IN",
        userName="Ravi",
        participant_name="other",
        participant_attributes={"language": "te-IN"},
        room_config={"agents": [{"agent_name": "nobody"}]},
    )
    assert (Call.objects.get().language, Call.objects.get().visitor_name) == ("ta-IN", "Ravi")


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code", "field", "allowed"),
    [
        ({}, 422, "agent_missing", "agentId", None),
        ({"room_config": {"agents": []}}, 422, "agent_missing", "agentId", None),
        ({"agentId": "nobody"}, 404, "unknown_agent", "agentId", ["demo"]),
        ({"agentId": "a\0"}, 422, "invalid_request", "agentId", None),
        ({"language": "fr-FR"}, 422, "unoffered_language", "language", ["hi-IN", "ta-IN"]),
        ({"language": "te-IN"}, 422, "unoffered_language", "language", ["hi-IN", "ta-IN"]),
        ({"voice": "priya"}, 422, "unoffered_voice", "voice", ["arya", "karun"]),
        ({"participant_attributes": {"voice": "hitesh"}}, 422, "unoffered_voice", "voice", ["arya", "karun"]),
        ({"userName": "x" * 10_000}, 422, "invalid_request", "userName", None),
        ({"userName": "x\0"}, 422, "invalid_request", "userName", None),
        ({"userName": "\ud800"}, 422, "invalid_request", "userName", None),
        ({"participant_name": "x" * 101}, 422, "invalid_request", "participant_name", None),
        ({"userName": None}, 422, "invalid_request", "userName", None),
        ({"language": ["hi-IN"]}, 422, "invalid_request", "language", None),
        ({"consent": True}, 422, "invalid_request", "consent.version", None),
        ({"consent": {"recording": True}}, 422, "invalid_request", "consent.version", None),
        ({"consent": {"version": "v" * 61}}, 422, "invalid_request", "consent.version", None),
        ({"consent": {"version": "1", "callback": "maybe"}}, 422, "invalid_request", "consent.callback", None),
        ({"source": "/flats"}, 422, "invalid_request", "source", None),
        ({"source": {"page": 1}}, 422, "invalid_request", "source.page", None),
        ({"source": {"page": "x\0"}}, 422, "invalid_request", "source.page", None),
        ({"source": {str(n): "x" for n in range(11)}}, 422, "invalid_request", "source", None),
        # 1 kB over all, in bytes: a Devanagari letter has three.
        ({"source": {"page": "ग" * 341}}, 422, "invalid_request", "source", None),
        ({"source": {"page": "x" * 1021}}, 422, "invalid_request", "source.page", None),
        ({"source": {"page": "x" * 600, "campaign": "x" * 413}}, 422, "invalid_request", "source", None),
        ({"room_config": {"agents": [{}, {}]}}, 422, "invalid_request", "room_config.agents", None),
    ],
)
def test_a_refusal_names_the_field_and_leaves_no_row(
    db: None, body: dict[str, Any], status: int, code: str, field: str, allowed: list[str] | None
) -> None:
    make_agent(languages=["hi-IN", "ta-IN"], voices=["arya", "karun"])
    if code != "agent_missing":
        body = {"agentId": "demo", **body}
    answer = ask(**body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    (fault,) = problem["errors"]
    assert (fault["field"], fault.get("allowed")) == (field, allowed)
    assert fault["message"]
    assert len(answer.content) < 1000, "what was wrong is not sent back"
    assert not Call.objects.exists()


def test_as_much_as_is_allowed_is_taken(agent: AgentProfile) -> None:
    source = {str(n): "x" * 101 for n in range(10)}
    assert ask(agentId="demo", userName="ग" * 100, source=source).status_code == 200
    assert Call.objects.get().source == source


def test_a_paused_agent_takes_no_calls(agent: AgentProfile, logged: Logged) -> None:
    pause(agent)
    answer = ask(agentId="demo")
    assert (answer.status_code, answer.json()["code"]) == (409, "agent_paused")
    assert not Call.objects.exists()
    assert logged("request_refused")[0]["code"] == "agent_paused"


def test_a_paused_agents_own_sentence_is_the_refusals(agent: AgentProfile) -> None:
    pause(agent, "We are back on Monday.")
    assert ask(agentId="demo").json()["detail"] == "We are back on Monday."


# What the token opens ---------------------------------------------------------------------------


def test_the_token_grants_what_the_design_says_and_nothing_more(agent: AgentProfile) -> None:
    token = ask(agentId="demo", language="ta-IN", userName="மீனா").json()["token"]
    claims, call = claims_of(token), Call.objects.get()
    until, begins = claims.pop("exp"), claims.pop("nbf")
    assert until - begins == 120
    assert abs(begins - time.time()) < 30
    (dispatch,) = claims["roomConfig"].pop("agents")
    metadata = json.loads(dispatch.pop("metadata"))
    assert metadata == {"call_id": str(call.pk), "language": "ta-IN"}
    assert dispatch == {"agentName": "vaani"}
    assert claims == {
        "iss": get_env().livekit_api_key,
        "sub": "visitor",
        "name": "மீனா",
        "video": {
            "roomJoin": True,
            "room": call.room,
            "canPublish": True,
            "canPublishSources": ["microphone"],
            "canSubscribe": True,
            "canPublishData": True,
            "canUpdateOwnMetadata": False,
        },
        "roomConfig": {"name": call.room, "emptyTimeout": 30, "departureTimeout": 10, "maxParticipants": 1},
    }


def test_data_is_granted_exactly_when_the_agent_takes_text(db: None) -> None:
    make_agent(text_chat=False)
    claims = claims_of(ask(agentId="demo").json()["token"])
    assert claims["video"]["canPublishData"] is False
    assert not claims.get("name")


def test_browsers_are_told_the_public_address(agent: AgentProfile, set_env: SetEnv) -> None:
    set_env(livekit_public_url="wss://lk.example.in")
    assert ask(agentId="demo").json()["url"] == "wss://lk.example.in"


def test_a_visitors_key_is_for_that_call_and_a_day(agent: AgentProfile) -> None:
    body = ask(agentId="demo").json()
    signer = TimestampSigner(salt="visitor")
    assert signer.unsign(body["visitorKey"], max_age=24 * 3600) == body["callId"]
    other = ask(agentId="demo").json()["callId"]
    with pytest.raises(BadSignature):
        signer.unsign(body["visitorKey"].replace(body["callId"], other))


# When nobody is free ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slots", "code"), [(None, "no_worker"), (0, "no_capacity"), (1, "no_capacity")], ids=["none", "draining", "full"]
)
def test_without_a_free_slot_visitors_are_told_to_come_again(
    agent: AgentProfile, heartbeat: Beat, redis: Any, slots: int | None, code: str
) -> None:
    redis.flushdb()
    taken: list[Call] = []
    if slots is not None:
        heartbeat(1)
        taken = [Call.objects.get(pk=ask(agentId="demo").json()["callId"])]
        heartbeat(slots, [call.pk for call in taken])
    answer = ask(agentId="demo")
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert answer.headers["Retry-After"] == "10"
    assert Call.objects.count() == len(taken)


def test_without_redis_they_are_too(agent: AgentProfile, redis_down: None, logged: Logged) -> None:
    answer = ask(agentId="demo")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_worker")
    assert answer.headers["Retry-After"] == "10"
    assert not Call.objects.exists()
    assert logged("heartbeats_unreadable")
    assert logged("request_refused")[0]["code"] == "no_worker"
