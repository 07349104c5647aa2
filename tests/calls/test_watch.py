"""The watch: what nobody told us is noticed and put right, against a server that speaks LiveKit's protocol."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from livekit import api
from redis import Redis

from agents.models import AgentProfile
from calls import rooms, watch
from calls.models import Attempt, Call
from calls.services.endings import end_call
from calls.watch import _LEADER_LOCK, tick
from calls.workers import _SIGHT
from tests.calls.livekit_server import LiveKit
from tests.conftest import Beat, Logged, SetEnv
from tests.factories import ago, live_call, make_call

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def livekit(set_env: SetEnv) -> Iterator[LiveKit]:
    server = LiveKit()
    set_env(livekit_url=server.url)
    yield server
    server.close()


@pytest.fixture(autouse=True)
def sees_clearly(redis: Redis) -> None:
    """The watch has seen all heartbeats for a while."""
    redis.set(_SIGHT, time.time() - 10)


@pytest.fixture
def waiting(agent: AgentProfile, livekit: LiveKit) -> Call:
    """A visitor who has been alone in the room for six seconds."""
    call = make_call(agent, joined_at=timezone.now())
    livekit.rooms[call.room] = ["visitor"]
    livekit.dispatches[call.room] = [api.AgentDispatch(id="AD_first", room=call.room)]
    ago(call.pk, "dispatched_at", seconds=6)
    return call


@pytest.fixture
def abandoned(waiting: Call, livekit: LiveKit) -> Call:
    """A live call whose worker is no more; its agent still stands in the room."""
    call = live_call(waiting.agent)
    livekit.rooms[call.room] = ["visitor", "agent-AJ_1"]
    Attempt.objects.update(claimed_at=timezone.now() - timedelta(seconds=6))
    ago(call.pk, "dispatched_at", seconds=20)
    Call.objects.filter(pk=waiting.pk).delete()
    return call


def state(call: Call) -> tuple[str, str, int]:
    call.refresh_from_db()
    return call.status, call.end_reason, call.dispatches


def seconds_since_dispatch(call: Call) -> float:
    call.refresh_from_db()
    return (timezone.now() - call.dispatched_at).total_seconds()


# An agent is sent again -------------------------------------------------------------------------


def test_a_visitor_alone_for_five_seconds_gets_an_agent_once_more(
    waiting: Call, livekit: LiveKit, logged: Logged
) -> None:
    assert tick()
    late, dispatch = livekit.dispatches[waiting.room]
    assert late.id == "AD_first", "LiveKit would end its job, which may be about to claim"
    assert dispatch.agent_name == "vaani"
    assert json.loads(dispatch.metadata) == {"call_id": str(waiting.pk), "language": "hi-IN"}
    assert state(waiting) == ("created", "", 2)
    event = waiting.events.get()
    assert (event.kind, event.item_id) == ("redispatched", "watch.1")
    assert logged("agent_redispatched")[0]["call_id"] == str(waiting.pk)
    tick()
    assert livekit.asked.count("CreateDispatch") == 1, "the new one has five seconds too"
    assert seconds_since_dispatch(waiting) < 5


def test_a_visitor_alone_for_less_is_left_alone(waiting: Call, livekit: LiveKit) -> None:
    ago(waiting.pk, "dispatched_at", seconds=4)
    tick()
    assert livekit.asked == []


def test_so_is_one_whose_call_a_worker_holds(waiting: Call, livekit: LiveKit, heartbeat: Beat) -> None:
    heartbeat(1, [waiting.pk])
    tick()
    assert livekit.asked == []


def test_so_is_one_whose_agent_is_in_the_room_and_about_to_claim(waiting: Call, livekit: LiveKit) -> None:
    livekit.rooms[waiting.room].append("agent-AJ_1")
    tick()
    assert "CreateDispatch" not in livekit.asked
    assert state(waiting)[2] == 1


def test_a_visitor_seen_waiting_has_joined_though_livekits_webhook_was_lost(waiting: Call) -> None:
    Call.objects.update(joined_at=None)
    tick()
    waiting.refresh_from_db()
    assert waiting.joined_at is not None


def test_a_silent_workers_call_goes_to_another_and_its_ghost_leaves_first(abandoned: Call, livekit: LiveKit) -> None:
    tick()
    assert livekit.rooms[abandoned.room] == ["visitor"]
    assert livekit.asked.index("RemoveParticipant") < livekit.asked.index("CreateDispatch")
    assert state(abandoned) == ("live", "", 2)
    assert abandoned.events.get().detail == {"ghosts": 1}


def test_a_job_that_has_just_claimed_is_no_ghost(abandoned: Call, livekit: LiveKit) -> None:
    Attempt.objects.update(claimed_at=timezone.now() - timedelta(seconds=3))
    tick()
    assert livekit.asked == []


def test_after_four_dispatches_the_visitor_is_told_nobody_can_come(waiting: Call, livekit: LiveKit) -> None:
    for sent in (2, 3, 4):
        tick()
        assert state(waiting) == ("created", "", sent)
        ago(waiting.pk, "dispatched_at", seconds=6)
    tick()
    assert state(waiting)[:2] == ("settled", "no_agent")
    assert waiting.room not in livekit.rooms
    assert livekit.asked.count("CreateDispatch") == 3


def test_while_livekit_is_away_it_is_asked_again_later(waiting: Call, livekit: LiveKit, logged: Logged) -> None:
    livekit.broken = True
    assert tick()
    assert logged("room_unreachable")[0]["call_id"] == str(waiting.pk)
    assert state(waiting) == ("created", "", 1)
    livekit.broken = False
    tick()
    assert state(waiting)[2] == 2


def test_an_unreachable_livekit_does_not_stop_the_round(
    waiting: Call, set_env: SetEnv, closed_port: int, logged: Logged
) -> None:
    set_env(livekit_url=f"ws://127.0.0.1:{closed_port}")
    done = make_call(waiting.agent)
    end_call(done.pk, "never_joined")
    tick()
    assert logged("room_unreachable")
    assert state(done)[0] == "settled"


# Nobody is there --------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "ended"), [(149, False), (151, True)])
def test_a_visitor_who_never_joined_is_waited_for_as_long_as_the_token_lives(
    agent: AgentProfile, age: int, ended: bool
) -> None:
    call = make_call(agent)
    ago(call.pk, "created_at", seconds=age)
    ago(call.pk, "dispatched_at", seconds=age)
    tick()
    assert state(call)[:2] == (("settled", "never_joined") if ended else ("created", ""))


@pytest.mark.parametrize(("age", "ended"), [(15, False), (31, True)])
def test_a_visitor_who_joined_and_left_unanswered_found_no_agent(
    waiting: Call, livekit: LiveKit, age: int, ended: bool
) -> None:
    del livekit.rooms[waiting.room]
    ago(waiting.pk, "created_at", seconds=age)
    tick()
    assert state(waiting)[:2] == (("settled", "no_agent") if ended else ("created", ""))


@pytest.mark.parametrize("room", [None, ["agent-AJ_1"]], ids=["no room", "only the ghost"])
def test_a_call_that_lost_its_worker_and_its_visitor_is_over(
    abandoned: Call, livekit: LiveKit, room: list[str] | None
) -> None:
    if room is None:
        del livekit.rooms[abandoned.room]
    else:
        livekit.rooms[abandoned.room] = room
    tick()
    assert state(abandoned)[:2] == ("ended", "worker_lost")
    assert "CreateDispatch" not in livekit.asked


def test_closing_a_room_that_is_gone_is_no_error(waiting: Call, livekit: LiveKit) -> None:
    rooms.close_room(waiting)
    assert waiting.room not in livekit.rooms
    rooms.close_room(waiting)
    livekit.broken = True
    with pytest.raises(rooms.RoomError, match="broken"):
        rooms.close_room(waiting)


# What the watch cannot see ----------------------------------------------------------------------


def test_while_redis_is_away_no_call_is_taken_from_its_agent(
    abandoned: Call, livekit: LiveKit, redis_down: None, logged: Logged
) -> None:
    assert tick()
    assert livekit.asked == []
    assert logged("heartbeats_unreadable")


def test_nor_before_workers_had_time_to_beat_again(abandoned: Call, livekit: LiveKit, redis: Redis) -> None:
    redis.flushdb()
    tick()
    tick()
    assert livekit.asked == []
    assert 0 < redis.ttl(_SIGHT) <= 3, "an outage longer than this blinds the watch anew"
    redis.set(_SIGHT, time.time() - 3)
    tick()
    assert "CreateDispatch" in livekit.asked


# One leads --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_only_one_of_two_watches_leads_and_the_other_follows_on(waiting: Call, livekit: LiveKit) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LEADER_LOCK])
        assert not tick()
        assert livekit.asked == []
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_LEADER_LOCK])
    other.close()
    assert tick()
    assert livekit.asked.count("CreateDispatch") == 1


@pytest.mark.django_db(transaction=True)
def test_a_round_that_fails_gives_the_lead_back(livekit: LiveKit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(watch, "settle_due", fail)
    with pytest.raises(DatabaseError):
        tick()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LEADER_LOCK])
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_LEADER_LOCK])
    other.close()
