"""The two ends of a call: nobody can speak any more, and all that was said is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from agents.models import AgentProfile
from calls.models import Attempt, Call, CallEvent
from calls.services.endings import end_call, settle_call, settle_due
from calls.services.record import record
from calls.signals import call_finished
from calls.tasks import settle
from tests.factories import START, ago, happened, live_call, make_agent, make_call, over, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(agent: AgentProfile) -> Call:
    return live_call(agent)


@pytest.fixture
def finished() -> Iterator[list[UUID]]:
    """Calls that were told of as finished."""
    told: list[UUID] = []

    def receive(sender: Any, call_id: UUID, **_: Any) -> None:
        told.append(call_id)

    call_finished.connect(receive)
    yield told
    call_finished.disconnect(receive)


def state(call: Call) -> tuple[str, str]:
    call.refresh_from_db()
    return call.status, call.end_reason


# Ended ------------------------------------------------------------------------------------------


def test_the_first_to_say_so_ends_the_call(call: Call) -> None:
    assert end_call(call.pk, "visitor_left", at=START)
    assert not end_call(call.pk, "agent_ended")
    assert state(call) == ("ended", "visitor_left")
    assert call.ended_at == START


def test_a_call_nobody_answered_can_end_too(agent: AgentProfile) -> None:
    call = make_call(agent)
    assert end_call(call.pk, "never_joined")
    assert (state(call), call.duration) == (("ended", "never_joined"), None)


@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [
        ("room_closed", "agent_ended", "agent_ended"),
        ("agent_ended", "room_closed", "agent_ended"),
        ("worker_lost", "agent_ended", "worker_lost"),
        ("room_closed", "room_closed", "room_closed"),
        ("bored", "", "failed"),
    ],
)
def test_who_knows_why_is_believed_over_a_webhook(call: Call, first: str, then: str, kept: str) -> None:
    end_call(call.pk, first, at=START)
    if then:
        end_call(call.pk, then)
    assert state(call) == ("ended", kept)
    assert call.ended_at == START


def test_a_settled_call_still_learns_why(call: Call) -> None:
    end_call(call.pk, "room_closed")
    Call.objects.update(status=Call.Status.SETTLED)
    end_call(call.pk, "time_limit")
    assert state(call) == ("settled", "time_limit")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_see_the_end_at_once_one_is_first() -> None:
    call = live_call(make_agent())

    def see(reason: str) -> bool:
        try:
            return end_call(call.pk, reason)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(see, ["visitor_left", "room_closed", "worker_lost"] * 4)) == 1


def test_an_older_attempts_end_is_not_the_calls(call: Call) -> None:
    Attempt.objects.create(call=call, number=2, job_id="job-2", worker_id="worker-2")
    record(over(call, 3, "worker_stopped"))
    assert state(call) == ("live", "")
    assert call.attempts.get(number=1).last_n == 3
    record(over(call, 1, "visitor_left", attempt=2))
    assert state(call) == ("ended", "visitor_left")
    assert call.attempts.get(number=2).ended_at == call.ended_at


# Settled ----------------------------------------------------------------------------------------


def test_a_call_settles_when_the_last_of_it_is_stored(call: Call, finished: list[UUID]) -> None:
    record(over(call, 3))
    record(said(call, 1))
    record(said(call, 3))
    assert (state(call)[0], finished) == ("ended", [])
    record(happened(call, 2))
    assert (state(call)[0], finished) == ("settled", [call.pk])
    assert call.settled_at is not None
    record(happened(call, 2))
    record(said(call, 4))
    assert (settle_call(call.pk), settle_due(), finished) == (False, 0, [call.pk])


def test_a_call_without_an_attempt_has_nothing_to_wait_for(agent: AgentProfile) -> None:
    call = make_call(agent)
    assert not settle_call(call.pk)
    end_call(call.pk, "never_joined")
    assert settle_call(call.pk)


def unsaid(call: Call) -> None:
    record(over(call, 2))
    record(said(call, 1))


def left_open(call: Call) -> None:
    record(said(call, 1, final=False))
    record(over(call, 1))


def a_turn_of_another_attempt(call: Call) -> None:
    record(over(call, 1))
    record(said(call, 1, attempt=2))


def an_event_of_another_attempt(call: Call) -> None:
    record(over(call, 1))
    record(happened(call, 1).model_copy(update={"attempt": 2}))


def a_turn_beyond_the_last(call: Call) -> None:
    record(over(call, 1))
    record(said(call, 2))


def an_event_beyond_the_last(call: Call) -> None:
    record(over(call, 1))
    record(happened(call, 2))


def lost(call: Call) -> None:
    end_call(call.pk, "worker_lost")


def from_livekit(call: Call) -> None:
    record(over(call, 1))
    CallEvent.objects.create(call=call, item_id="livekit.1", kind="participant_joined", at=START)


@pytest.mark.parametrize(
    "incomplete",
    [
        unsaid,
        left_open,
        a_turn_of_another_attempt,
        an_event_of_another_attempt,
        a_turn_beyond_the_last,
        an_event_beyond_the_last,
        lost,
        from_livekit,
    ],
)
def test_what_does_not_come_is_waited_for_thirty_seconds(
    call: Call, finished: list[UUID], incomplete: Callable[[Call], None]
) -> None:
    incomplete(call)
    ago(call.pk, "ended_at", seconds=28)
    settle()
    assert (state(call)[0], finished) == ("ended", [])
    ago(call.pk, "ended_at", seconds=31)
    settle()
    assert (state(call)[0], finished) == ("settled", [call.pk])


def test_every_attempt_must_be_complete(call: Call) -> None:
    Attempt.objects.create(call=call, number=2, job_id="job-2", worker_id="worker-2")
    record(over(call, 0, attempt=2))
    assert state(call)[0] == "ended"
    record(over(call, 0))
    assert state(call)[0] == "settled"


@pytest.mark.django_db(transaction=True)
def test_settling_and_what_its_listeners_write_happen_together_or_not_at_all() -> None:
    call = live_call(make_agent())
    record(said(call, 1))
    end_call(call.pk, "visitor_left")
    ago(call.pk, "ended_at", seconds=31)

    def write_and_fail(sender: Any, call_id: UUID, **_: Any) -> None:
        CallEvent.objects.create(call_id=call_id, item_id="lead", kind="lead", at=START)
        raise RuntimeError("disk full")

    call_finished.connect(write_and_fail)
    try:
        with pytest.raises(RuntimeError):
            settle_call(call.pk)
    finally:
        call_finished.disconnect(write_and_fail)
    assert (state(call)[0], CallEvent.objects.count()) == ("ended", 0)
    assert settle_call(call.pk)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_settle_at_once_one_does(finished: list[UUID]) -> None:
    call = live_call(make_agent())
    end_call(call.pk, "worker_lost")
    ago(call.pk, "ended_at", seconds=31)

    def settle_now(_: int) -> bool:
        try:
            return settle_call(call.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(settle_now, range(6))) == 1
    assert finished == [call.pk]
