"""`POST /api/calls/{id}/waits`: a page tells how long its visitor waited, for its own call and for turns there are."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.signing import TimestampSigner, b62_encode
from django.db.models import F
from django.test import Client

from agents.models import AgentProfile
from calls.models import Call
from calls.services.record import record
from calls.services.waits import HeardWait, store_waits
from calls.visitor_key import visitor_key
from tests.factories import live_call, make_call, said

pytestmark = pytest.mark.django_db


class Aged(TimestampSigner):
    """Signs as of a day and a minute ago."""

    def timestamp(self) -> str:
        return b62_encode(int(time.time()) - 24 * 3600 - 60)


NOW = datetime.now(UTC)


@pytest.fixture
def call(agent: AgentProfile) -> Call:
    """The visitor spoke and was answered 20 s ago, and typed and was answered 5 s ago."""
    call = live_call(agent)
    for n, role, typed, seconds in (
        (1, "agent", False, 40),
        (2, "visitor", False, 25),
        (3, "agent", False, 20),
        (4, "visitor", True, 6),
        (5, "agent", False, 5),
    ):
        record(said(call, n, role=role, typed=typed, started_at=NOW - timedelta(seconds=seconds)))
    return call


def tell(call: Call, *waits: dict[str, Any], key: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key or visitor_key(call.pk)}"}
    return Client().post(f"/api/calls/{call.pk}/waits", {"waits": waits}, "application/json", headers=headers)


def heard(call: Call) -> list[float | None]:
    return [turn.heard_wait for turn in call.turns.all()]


def test_a_page_tells_the_wait_before_an_answer(call: Call) -> None:
    tell(call, key="none")  # the first request of a process takes its time
    call.turns.update(started_at=F("started_at") + (datetime.now(UTC) - NOW))
    answer = tell(call, {"wait": 1.23456, "ago": 20})
    assert (answer.status_code, answer.json()) == (200, {"stored": 1})
    assert heard(call) == [None, None, 1.235, None, None]


def test_a_wait_goes_to_the_nearest_answer_and_what_is_told_first_stands(call: Call) -> None:
    assert store_waits(call.pk, [HeardWait(wait=1.2, ago=18.5)], now=NOW) == 1
    assert store_waits(call.pk, [HeardWait(wait=9.9, ago=20)], now=NOW) == 0
    assert heard(call) == [None, None, 1.2, None, None]


@pytest.mark.parametrize("ago", [40, 5, 16, 24, 100])
def test_a_wait_for_no_spoken_words_is_dropped(call: Call, ago: float) -> None:
    assert store_waits(call.pk, [HeardWait(wait=1, ago=ago)], now=NOW) == 0
    assert set(heard(call)) == {None}


@pytest.mark.parametrize(
    "waits",
    [
        [{"wait": 0, "ago": 1}],
        [{"wait": 61, "ago": 1}],
        [{"wait": 1, "ago": -1}],
        [{"wait": 1, "ago": 601}],
        [{"wait": "NaN", "ago": 1}],
        [{"wait": 1}],
        [{"wait": 1, "ago": 1, "turn": 3}],
        [{"wait": 1, "ago": 1}] * 21,
    ],
)
def test_nonsense_is_refused(call: Call, waits: list[dict[str, Any]]) -> None:
    assert tell(call, *waits).status_code == 422
    assert set(heard(call)) == {None}


def test_only_the_calls_own_key_opens_it_and_for_a_day(call: Call, agent: AgentProfile) -> None:
    wait = {"wait": 1, "ago": 20}
    own, other = visitor_key(call.pk), visitor_key(make_call(agent).pk)
    forged = own[:-1] + ("A" if own[-1] != "A" else "B")
    for key in (other, forged, str(call.pk), TimestampSigner(salt="other").sign(str(call.pk))):
        assert tell(call, wait, key=key).status_code == 401
    assert tell(call, wait, key=Aged(salt="visitor").sign(str(call.pk))).status_code == 401
    assert set(heard(call)) == {None}
