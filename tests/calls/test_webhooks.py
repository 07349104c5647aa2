"""LiveKit's webhook: only its own signature over the exact body is believed, and each event once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any
from uuid import UUID

import jwt
import pytest
from django.test import Client
from google.protobuf.json_format import MessageToJson
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from livekit import api

from agents.models import AgentProfile
from calls.models import Call, CallEvent
from calls.services.record import record
from calls.signals import call_finished
from tests.factories import happened, live_call, over, said, worker_bearer
from vaani.env import get_env

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AGENT = api.ParticipantInfo.Kind.AGENT
TOLD = ["participant_joined", "participant_left", "room_finished"]
NOBODYS = UUID(int=7)  # a call that is not there


def event(
    call: Call, what: str, *, id: str = "EV_1", identity: str = "visitor", at: datetime = NOW, **participant: Any
) -> str:
    """The body of an event, as LiveKit writes it."""
    told = api.WebhookEvent(
        event=what,
        id=id,
        created_at=int(at.timestamp()),
        room=api.Room(name=call.room),
        participant=api.ParticipantInfo(identity=identity, **participant),
    )
    return MessageToJson(told)


def signature(body: str, *, secret: str = "", ttl: timedelta = timedelta(minutes=5), digest: str = "") -> str:
    """What LiveKit sends in `Authorization`: its own token, over the hash of the body."""
    hashed = digest or base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    token = api.AccessToken(get_env().livekit_api_key, secret or get_env().livekit_api_secret)
    return token.with_sha256(hashed).with_ttl(ttl).to_jwt()


def send(body: str, authorization: str | None = None) -> int:
    return (
        Client()
        .post(
            "/api/livekit/webhook",
            body,
            content_type="application/webhook+json",
            headers={"Authorization": signature(body) if authorization is None else authorization},
        )
        .status_code
    )


def test_a_visitor_who_joined_is_on_the_call(call: Call) -> None:
    assert send(event(call, "participant_joined")) == 200
    call.refresh_from_db()
    assert call.joined_at == NOW
    stored = call.events.get()
    assert (stored.kind, stored.at, stored.item_id) == ("participant_joined", NOW, "livekit.EV_1")
    assert stored.detail == {"who": "visitor", "reason": 0}


def test_an_agent_who_joined_is_not_the_visitor(call: Call) -> None:
    send(event(call, "participant_joined", identity="agent-AJ_1", kind=AGENT))
    call.refresh_from_db()
    assert call.joined_at is None
    assert call.events.get().detail["who"] == "agent"


def test_a_closed_room_ends_the_call(call: Call) -> None:
    assert send(event(call, "room_finished")) == 200
    call.refresh_from_db()
    assert (call.status, call.end_reason, call.ended_at) == ("ended", "room_closed", NOW)
    assert call.events.get().detail == {}


@pytest.mark.parametrize(("answered", "reason"), [(None, "no_agent"), (NOW, "room_closed")])
def test_a_room_that_closed_on_a_visitor_whom_nobody_answered_says_so(
    call: Call, answered: datetime | None, reason: str
) -> None:
    Call.objects.update(joined_at=NOW, answered_at=answered)
    send(event(call, "room_finished"))
    call.refresh_from_db()
    assert (call.status, call.end_reason) == ("ended", reason)


def test_why_a_visitor_left_is_kept(call: Call) -> None:
    send(event(call, "participant_left", disconnect_reason=api.DisconnectReason.DUPLICATE_IDENTITY))
    assert call.events.get().detail == {"who": "visitor", "reason": api.DisconnectReason.DUPLICATE_IDENTITY}


def test_an_event_told_again_changes_nothing(call: Call) -> None:
    body = event(call, "participant_joined")
    sent = signature(body)
    assert [send(body, sent), send(body, sent)] == [200, 200]
    Call.objects.update(joined_at=None)
    send(event(call, "participant_joined", at=NOW + timedelta(seconds=9)))
    call.refresh_from_db()
    assert (call.joined_at, call.events.count()) == (None, 1)


def test_an_event_told_again_of_a_call_that_is_over_changes_nothing(call: Call) -> None:
    body = event(call, "participant_joined")
    sent = signature(body)
    send(body, sent)
    send(event(call, "room_finished", id="EV_2"))
    before = Call.objects.values().get()
    assert send(body, sent) == 200
    assert (Call.objects.values().get(), call.events.count()) == (before, 2)


def test_any_order_ends_a_call_that_nobody_answered_alike(call: Call) -> None:
    for order in permutations(TOLD):
        CallEvent.objects.all().delete()
        Call.objects.update(status="created", joined_at=None, ended_at=None, end_reason="")
        for kind in order:
            send(event(call, kind, id=f"EV_{kind}"))
        call.refresh_from_db()
        assert (call.status, call.joined_at, call.ended_at) == ("ended", NOW, NOW), order
        assert call.events.count() == 3


def outcome(call: Call) -> dict[str, Any]:
    """What a call has come to, in all that does not tell who was the first to say so."""
    call.refresh_from_db()
    return {
        "call": (call.status, call.end_reason, call.joined_at is not None, call.ended_at),
        "turns": list(call.turns.values_list("item_id", "text", "final")),
        "attempts": list(call.attempts.values_list("number", "last_n")),
        "events": set(call.events.exclude(item_id__startswith="livekit.").values_list("item_id", flat=True)),
    }


@given(order=st.permutations([*TOLD, "said", "happened", "over"]), lost=st.sets(st.sampled_from(TOLD)), data=st.data())
@settings(max_examples=20, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(order=["room_finished", "over", "said", "happened", *TOLD[:2]], lost=set(), data=None)
@example(order=["over", "said", "happened", *TOLD], lost=set(TOLD), data=None)
def test_webhooks_late_twice_in_any_order_or_never_end_alike(
    agent: AgentProfile, order: list[str], lost: set[str], data: st.DataObject | None
) -> None:
    twice = data.draw(st.lists(st.sampled_from(order), max_size=4)) if data else order
    call = live_call(agent)
    deliveries: dict[str, Callable[[], object]] = {
        "said": lambda: record(said(call, 1)),
        "happened": lambda: record(happened(call, 2)),
        "over": lambda: record(over(call, 2, "visitor_left", at=NOW)),
        **{name: partial(send, event(call, name, id=f"EV_{name}")) for name in TOLD},
    }
    finished: list[UUID] = []

    def listen(call_id: UUID, **_: Any) -> None:
        finished.append(call_id)

    call_finished.connect(listen)
    for name in [*order, *twice]:
        if name not in lost:
            deliveries[name]()
    call_finished.disconnect(listen)
    assert outcome(call) == {
        "call": ("settled", "visitor_left", True, NOW),
        "turns": [("1.1", "हाँ", True)],
        "attempts": [(1, 2)],
        "events": {"1.2"},
    }
    assert finished == [call.pk]
    assert call.events.filter(item_id__startswith="livekit.").count() == len(set(TOLD) - lost)


@pytest.mark.parametrize("room", ["", "lobby", "call-", "call-123", f"call-{NOBODYS}"])
def test_an_event_of_a_room_that_is_no_call_is_taken_and_left(call: Call, room: str) -> None:
    body = event(call, "room_finished").replace(call.room, room)
    assert send(body) == 200
    assert not CallEvent.objects.exists()


def test_other_events_are_taken_and_left(call: Call) -> None:
    assert send(event(call, "track_published")) == 200
    assert not CallEvent.objects.exists()


def forgeries(body: str) -> dict[str, tuple[str, str]]:
    """Bodies with what is sent in `Authorization` beside them, none of which LiveKit signed."""
    good = signature(body)
    visitor = api.AccessToken(get_env().livekit_api_key, get_env().livekit_api_secret).with_identity("visitor")
    return {
        "unsigned": (body, ""),
        "no algorithm": (body, jwt.encode(jwt.decode(good, options={"verify_signature": False}), "", "none")),
        "garbage": (body, "garbage"),
        "another's secret": (body, signature(body, secret="x" * 32)),
        "another body": (body.replace("finished", "Finished"), good),
        "one bit": (body, good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:]),
        "old": (body, signature(body, ttl=-timedelta(hours=1))),
        "no hash": (body, visitor.to_jwt()),
        "empty hash": (body, signature(body, digest=" ")),
        "worker's": (body, worker_bearer()),
        "not JSON": ("{", signature("{")),
    }


def test_what_livekit_did_not_sign_is_refused(call: Call) -> None:
    for why, (body, authorization) in forgeries(event(call, "room_finished")).items():
        assert send(body, authorization) == 401, why
    call.refresh_from_db()
    assert call.status == "created"
    assert not CallEvent.objects.exists()
