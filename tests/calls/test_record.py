"""The record: whatever comes twice, late or out of order, the same conversation is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agents.contract import CallEnded, EventMessage, TurnMessage
from agents.models import AgentProfile
from agents.services import refused_models
from calls.models import Call, CallEvent, Turn
from calls.services.record import record
from calls.tasks import record as record_task
from tests.conftest import Logged
from tests.factories import START, happened, live_call, over, said

pytestmark = pytest.mark.django_db

Message = TurnMessage | EventMessage | CallEnded


@pytest.fixture
def call(agent: AgentProfile) -> Call:
    return live_call(agent)


def test_a_turn_is_stored_with_everything_known_of_it(call: Call) -> None:
    record(
        said(
            call,
            2,
            "சரிங்க.",
            role="agent",
            language="ta-IN",
            typed=True,
            interrupted=True,
            ended_at=START,
            latencies={"llm": 0.31},
        )
    )
    turn = Turn.objects.get()
    assert (turn.call_id, turn.item_id, turn.attempt, turn.seq) == (call.pk, "1.2", 1, 2)
    assert (turn.role, turn.text, turn.language, turn.typed) == ("agent", "சரிங்க.", "ta-IN", True)
    assert (turn.final, turn.interrupted, turn.ended_at) == (True, True, START)
    assert turn.latencies["llm"] == 0.31


def test_a_newer_worker_may_say_more(call: Call) -> None:
    message = said(call, 1, "जी").model_dump(mode="json")
    record_task({**message, "added_later": 1, "latencies": {**message["latencies"], "added_later": 2}})
    assert call.turns.get().text == "जी"


def test_turns_are_read_in_the_order_they_began_however_they_came(call: Call) -> None:
    for message in (said(call, 10, "c"), said(call, 1, "d", attempt=2), said(call, 9, "b"), said(call, 1, "a")):
        record(message)
    assert [turn.text for turn in call.turns.all()] == ["a", "b", "c", "d"]


def test_a_draft_grows_and_becomes_final_and_never_a_draft_again(call: Call) -> None:
    def state() -> tuple[str, bool]:
        return Turn.objects.values_list("text", "final").get()

    record(said(call, 1, "नमस्ते", final=False, revision=1))
    record(said(call, 1, "नमस्ते, मैं", final=False, revision=2))
    record(said(call, 1, "नमस्ते", final=False, revision=1))  # the first one, late
    assert state() == ("नमस्ते, मैं", False)
    record(said(call, 1, "नम", interrupted=True, revision=3))  # heard to here
    assert state() == ("नम", True)
    record(said(call, 1, "नमस्ते, मैं आशा", final=False, revision=2))
    record(said(call, 1, "another", revision=4))
    assert state() == ("नम", True)
    assert Turn.objects.get().interrupted


def test_an_event_is_stored_once(call: Call) -> None:
    record(happened(call, 3, "tool_called", name="save_lead"))
    record(happened(call, 3, "tool_called", name="other"))
    event = CallEvent.objects.get()
    assert (event.item_id, event.attempt, event.seq, event.kind) == ("1.3", 1, 3, "tool_called")
    assert event.detail == {"name": "save_lead"}


def test_a_refused_model_is_remembered_for_all_calls(call: Call) -> None:
    record(happened(call, 1, "model_refused", model="bulbul:v2", message="not found"))
    record(happened(call, 2, "model_refused"))
    assert refused_models() == {"bulbul:v2"}


def test_a_message_of_a_call_that_is_no_more_is_dropped(call: Call, logged: Logged) -> None:
    record(said(call, 1).model_copy(update={"call_id": uuid4()}))
    assert not Turn.objects.exists()
    assert logged("message_without_call")[0]["type"] == "turn"


def test_the_task_reads_json_and_binds_the_call(call: Call, logged: Logged) -> None:
    record_task(over(call, 0).model_dump(mode="json"))
    call.refresh_from_db()
    assert (call.status, call.end_reason) == ("settled", "agent_ended")
    assert logged("call_settled")[0]["call_id"] == str(call.pk)
    with pytest.raises(ValueError, match="type"):
        record_task({"call_id": str(call.pk), "attempt": 1, "n": 1, "type": "gossip"})


def test_a_character_postgres_cannot_hold_stops_nothing(call: Call) -> None:
    record(said(call, 1, "a\0b"))
    record(happened(call, 2, "tool_called", arguments={"na\0me": ["x\0", 1, None]}))
    assert Turn.objects.get().text == "ab"
    assert CallEvent.objects.get().detail == {"arguments": {"name": ["x", 1, None]}}


# Any order --------------------------------------------------------------------------------------


def conversation(call: Call, ended_at: datetime) -> list[Message]:
    """All messages of a call: drafts, finals, an event, a turn left open, and the end."""
    return [
        said(call, 1, "नमस्ते", role="agent", final=False, revision=1),
        said(call, 1, "नमस्ते! बताइए", role="agent", final=False, revision=2),
        said(call, 1, "नमस्ते! बताइए?", role="agent", ended_at=START, revision=3),
        said(call, 2, "मेरा नाम", final=False, revision=1),
        said(call, 2, "मेरा नाम रवि", revision=2),
        happened(call, 3, "tool_called", name="save_lead"),
        said(call, 4, "ठीक", role="agent", final=False, revision=1),
        said(call, 4, "ठीक है", role="agent", final=False, revision=2),
        over(call, 4, at=ended_at),
    ]


def state_of(call: Call) -> dict[str, Any]:
    fields = [field.name for field in Turn._meta.fields if field.name not in ("id", "call")]
    return {
        "turns": list(call.turns.values(*fields)),
        "events": list(call.events.values("item_id", "attempt", "seq", "kind", "at", "detail")),
        "attempts": list(call.attempts.values("number", "ended_at", "last_n")),
        "call": Call.objects.values("status", "end_reason", "ended_at").get(pk=call.pk),
    }


def test_any_order_with_any_repeats_ends_in_the_same_state(agent: AgentProfile) -> None:
    now, straight = timezone.now(), live_call(agent)
    for message in conversation(straight, now):
        record(message)
    expected = state_of(straight)
    assert expected["call"]["status"] == "ended", "one turn was left open, so it waits"

    # Nine messages need no shrinking, which would take minutes.
    @settings(max_examples=12, deadline=None, database=None, phases=[Phase.generate])
    @given(order=st.permutations(range(9)), again=st.lists(st.integers(0, 8), max_size=6), places=st.randoms())
    def deliver(order: list[int], again: list[int], places: Any) -> None:
        call = live_call(agent)
        messages = conversation(call, now)
        deliveries = list(order)
        for number in again:
            deliveries.insert(places.randint(0, len(deliveries)), number)
        for number in deliveries:
            record(messages[number])
        assert state_of(call) == expected

    deliver()
