"""Admission: as many calls as there are free slots, however many visitors come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX
from agents.models import AgentProfile
from calls.models import Call
from calls.services.admission import start_call
from tests.conftest import Beat, Logged
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


@pytest.mark.django_db(transaction=True)
def test_visitors_who_come_at_once_never_get_one_slot(heartbeat: Beat) -> None:
    make_agent()
    heartbeat(2, worker_id="a")
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
    assert logged("call_refused")[0]["workers"] == 0
