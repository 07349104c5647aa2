"""Admission: as many calls as there are free slots, however many visitors come at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX
from agents.models import AgentProfile
from agents.published import forget_published
from calls.models import Call
from calls.services.admission import start_call, start_trial
from calls.services.endings import end_call
from tests.conftest import Beat, Logged, SetEnv
from tests.factories import ago, make_agent, make_call
from vaani.problems import Problem


def admitted() -> bool:
    try:
        start_call(agent_id="demo")
    except Problem as problem:
        if problem.status != 503:
            raise
        return False
    return True


def refusal(start: Callable[[], Call]) -> str:
    """Why a call may not start: the code, with what is told beside it checked."""
    before = Call.objects.count()
    with pytest.raises(Problem) as refused:
        start()
    problem = refused.value
    assert (problem.status, problem.retry_after, problem.detail[-22:]) == (503, 10, "Please try again soon.")
    assert Call.objects.count() == before
    return problem.code


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("slots", "sockets", "site_cap", "agent_cap"),
    [(3, 0, 0, None), (9, 3, 0, None), (9, 0, 3, None), (9, 0, 0, 3)],
    ids=["slots", "speech", "site", "agent"],
)
def test_visitors_who_come_at_once_never_get_one_place(
    heartbeat: Beat, set_env: SetEnv, slots: int, sockets: int, site_cap: int, agent_cap: int | None
) -> None:
    agent = make_agent()
    AgentProfile.objects.filter(pk=agent.pk).update(max_calls=agent_cap)
    set_env(sarvam_stt_sockets=str(sockets), max_calls=str(site_cap))
    heartbeat(slots - 1, worker_id="a")
    heartbeat(1, worker_id="b")

    def visitor(_: int) -> bool:
        try:
            return admitted()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(visitor, range(8))) == 3
    assert Call.objects.count() == 3


@pytest.mark.django_db
def test_a_call_counts_once_though_its_worker_tells_of_it_too(agent: AgentProfile, heartbeat: Beat) -> None:
    heartbeat(2)
    first = start_call(agent_id="demo")
    Call.objects.filter(pk=first.pk).update(status=Call.Status.LIVE)
    heartbeat(2, [first.pk])
    assert [admitted(), admitted()] == [True, False]


@pytest.mark.django_db
def test_a_call_nobody_joined_gives_its_slot_back_after_twenty_seconds(agent: AgentProfile, heartbeat: Beat) -> None:
    heartbeat(1)
    call = start_call(agent_id="demo")
    ago(call.pk, "created_at", seconds=18)
    assert not admitted()
    ago(call.pk, "created_at", seconds=21)
    assert admitted()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "joined", "holds"),
    [("created", True, True), ("live", True, True), ("ended", True, False), ("settled", True, False)],
)
def test_a_call_that_was_joined_holds_its_slot_until_it_ends(
    agent: AgentProfile, heartbeat: Beat, status: str, joined: bool, holds: bool
) -> None:
    call = make_call(agent, status=status)
    for field in ("created_at", "joined_at"):
        ago(call.pk, field, minutes=5)
    heartbeat(1)
    assert admitted() is not holds


@pytest.mark.django_db
def test_a_worker_with_more_calls_than_slots_lends_none_of_anothers(agent: AgentProfile, heartbeat: Beat) -> None:
    heartbeat(0, [uuid4(), uuid4()], worker_id="draining")
    heartbeat(1, worker_id="well")
    assert [admitted(), admitted()] == [True, False]


@pytest.mark.django_db
def test_a_garbled_heartbeat_is_nobodys(agent: AgentProfile, redis: Redis, logged: Logged) -> None:
    redis.set(HEARTBEAT_PREFIX + "w", '{"slots": "many"}')
    assert not admitted()
    assert logged("heartbeat_garbled")
    assert logged("call_refused")[0]["code"] == "no_worker"


# What else may be full --------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_provider_hears_only_so_many_calls_but_a_typed_one_needs_no_ear(
    agent: AgentProfile, heartbeat: Beat, set_env: SetEnv
) -> None:
    heartbeat(9)
    set_env(sarvam_stt_sockets="2")
    start_trial(agent, typed=True, staff="meera")
    start_trial(agent, typed=False, staff="meera")
    start_call(agent_id="demo")
    assert refusal(lambda: start_call(agent_id="demo")) == "speech_full"
    assert refusal(lambda: start_trial(agent, typed=False, staff="meera")) == "speech_full"
    start_trial(agent, typed=True, staff="meera")


@pytest.mark.django_db
def test_a_call_that_ended_is_heard_as_long_as_a_worker_holds_it(
    agent: AgentProfile, heartbeat: Beat, set_env: SetEnv
) -> None:
    set_env(sarvam_stt_sockets="1")
    call = make_call(agent, status="ended")
    heartbeat(9, [call.pk])
    assert refusal(lambda: start_call(agent_id="demo")) == "speech_full"
    heartbeat(9)
    assert admitted()


@pytest.mark.django_db
def test_an_agents_cap_is_its_own_and_trials_neither_fill_it_nor_are_stopped_by_it(
    agent: AgentProfile, heartbeat: Beat
) -> None:
    make_agent(agent_id="other", name="Other")
    heartbeat(9)
    AgentProfile.objects.filter(pk=agent.pk).update(max_calls=1)
    forget_published()
    start_trial(agent, typed=False, staff="meera")
    first = start_call(agent_id="demo")
    assert refusal(lambda: start_call(agent_id="demo")) == "agent_full"
    start_trial(agent, typed=False, staff="meera")
    start_call(agent_id="other")
    end_call(first.pk, "visitor_left")
    assert admitted()


@pytest.mark.django_db
def test_a_sites_cap_is_over_all_agents_and_is_no_business_of_trials(
    agent: AgentProfile, heartbeat: Beat, set_env: SetEnv
) -> None:
    make_agent(agent_id="other", name="Other")
    heartbeat(9)
    set_env(max_calls="2")
    start_trial(agent, typed=False, staff="meera")
    start_call(agent_id="demo")
    start_call(agent_id="other")
    assert refusal(lambda: start_call(agent_id="other")) == "site_full"
    start_trial(agent, typed=False, staff="meera")


@pytest.mark.django_db
def test_without_a_worker_or_with_busy_ones_it_says_so(agent: AgentProfile, heartbeat: Beat) -> None:
    assert refusal(lambda: start_call(agent_id="demo")) == "no_worker"
    heartbeat(0)
    assert refusal(lambda: start_call(agent_id="demo")) == "no_capacity"
