"""The page of calls now: calls under way out of Postgres, workers and their free slots out of Redis."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX, Heartbeat
from agents.models import AgentProfile
from calls.models import Call
from calls.now import calls_now
from tests.conftest import Beat
from tests.factories import live_call, make_call

NOW = "/admin/calls/call/now/"


def text_of(client: Client, query: str = "") -> str:
    return " ".join(client.get(NOW + query).content.decode().split())


def test_calls_under_way_are_shown_with_their_worker_and_a_link(
    admin_client: Client, agent: AgentProfile, heartbeat: Beat
) -> None:
    heartbeat(8)
    live = live_call(agent, visitor_name="<b>Ravi</b>", language="ta-IN")
    connecting = make_call(agent)
    make_call(agent, visitor_name="Meena", status=Call.Status.ENDED)
    text = text_of(admin_client)
    for words in (
        "2 calls",
        "7 free slots",
        "&lt;b&gt;Ravi",
        "தமிழ்",
        "worker-1",
        "Live",
        "Connecting",
        "No name given",
    ):
        assert words in text
    assert text.index(f"/admin/calls/call/{live.pk}/change/") < text.index(f"/admin/calls/call/{connecting.pk}/change/")
    assert "Meena" not in text


def test_a_call_holds_its_slot_whether_or_not_the_heartbeat_names_it_yet(agent: AgentProfile, heartbeat: Beat) -> None:
    heartbeat(3)
    call = live_call(agent)
    assert calls_now().free == 2
    heartbeat(3, [call.pk])
    assert calls_now().free == 2
    heartbeat(3, [call.pk, uuid4()])
    assert calls_now().free == 1


@pytest.mark.parametrize(
    ("slots", "active", "keys", "words"),
    [
        (2, 1, {"groq": "ok", "sarvam": "refused"}, ["Ready", "Groq: accepted, Sarvam: refused", "1 free slot"]),
        (1, 1, {"sarvam": "missing"}, ["Full", "Sarvam: none", "0 free slots"]),
        (0, 1, {}, ["Draining", "not checked yet", "0 free slots"]),
    ],
)
def test_a_worker_is_shown_as_it_stands(
    admin_client: Client, redis: Redis, slots: int, active: int, keys: Any, words: list[str]
) -> None:
    beat = Heartbeat(
        worker_id="w-1", host="here", slots=slots, active=[uuid4()] * active, keys=keys, at=datetime.now(UTC)
    )
    redis.set(f"{HEARTBEAT_PREFIX}w-1", beat.model_dump_json())
    text = text_of(admin_client)
    for expected in ["w-1", "here", *words]:
        assert expected in text


def test_nothing_going_on_is_said_in_words(admin_client: Client) -> None:
    text = text_of(admin_client)
    assert "No calls just now." in text
    assert "No worker is running" in text
    assert "manage.py run_worker" in text


def test_without_redis_that_is_what_is_said(admin_client: Client, agent: AgentProfile, redis_down: None) -> None:
    make_call(agent)
    text = text_of(admin_client)
    assert "Redis does not answer" in text
    assert "1 call, 0 free slots" in text


def test_the_page_fetches_its_own_part_with_the_mark_that_the_socket_tells(
    admin_client: Client, agent: AgentProfile, heartbeat: Beat
) -> None:
    heartbeat(1)
    call = make_call(agent)
    before = calls_now().mark
    assert f'data-mark="{before}"' in text_of(admin_client, "?part")
    assert "<html" not in text_of(admin_client, "?part")
    heartbeat(1)  # says nothing new
    assert calls_now().mark == before
    heartbeat(2)
    assert calls_now().mark != before
    before = calls_now().mark
    Call.objects.filter(pk=call.pk).update(status=Call.Status.ENDED)
    assert calls_now().mark != before
