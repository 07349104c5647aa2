"""A script that starts calls: its address's bucket bounds what it may ask, the caps what it may take."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from agents.models import AgentProfile
from calls.api import TokenRequest, token
from calls.models import Call
from tests.conftest import Beat, SetEnv
from vaani import pace
from vaani.problems import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, everything happens in the same minute, and nobody's 20 s to join are over."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(pace, "_MINUTE", 3600)


def ask(address: str = "127.0.0.1", **body: Any) -> Any:
    return Client(REMOTE_ADDR=address).post("/api/token", {"agentId": "demo", **body}, content_type="application/json")


def start(address: str) -> str:
    """What becomes of a start: "started", or the code of why not. By the view alone, which takes a fraction of the time."""
    try:
        token(
            RequestFactory().post("/api/token", REMOTE_ADDR=address), TokenRequest.model_validate({"agentId": "demo"})
        )
    except Problem as problem:
        return problem.code
    return "started"


def starts(addresses: list[str], count: int) -> Counter[str]:
    """What becomes of `count` starts, by these addresses in turn."""
    return Counter(start(addresses[number % len(addresses)]) for number in range(count))


def test_a_thousand_starts_of_one_address_are_thirty(agent: AgentProfile, heartbeat: Beat) -> None:
    heartbeat(50)
    # Sarvam's plan takes 20.
    assert starts(["127.0.0.2"], 1000) == {"started": 20, "speech_full": 10, "too_many_starts": 970}
    assert Call.objects.count() == 20
    refused = ask("127.0.0.2")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_starts")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "Retry-After" in refused.headers


def test_a_thousand_starts_of_a_hundred_addresses_stay_under_the_agents_own_cap(
    agent: AgentProfile, heartbeat: Beat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("ERROR")  # two lines a start would take more time than the starts
    heartbeat(50)
    AgentProfile.objects.update(max_calls=3)
    addresses = [f"127.0.0.{number}" for number in range(2, 102)]
    assert starts(addresses, 1000) == {"started": 3, "agent_full": 997}
    assert Call.objects.count() == 3


def test_a_household_is_one_address_however_many_it_makes_up(
    agent: AgentProfile, heartbeat: Beat, set_env: SetEnv
) -> None:
    heartbeat(9)
    set_env(starts_per_minute="2")
    household = [f"2001:db8:1:2::{number:x}" for number in range(1, 6)]
    assert starts(household, 5) == {"started": 2, "too_many_starts": 3}
    assert start("2001:db8:1:3::1") == "started"


def test_a_forwarded_header_makes_nobody_another(agent: AgentProfile, heartbeat: Beat, set_env: SetEnv) -> None:
    heartbeat(9)
    set_env(starts_per_minute="1")
    assert ask().status_code == 200
    liar = Client(
        headers={"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "X-Real-IP": "203.0.113.7"}
    )
    assert liar.post("/api/token", {"agentId": "demo"}, content_type="application/json").status_code == 429


def test_wrong_requests_are_counted_apart(agent: AgentProfile, heartbeat: Beat, set_env: SetEnv) -> None:
    heartbeat(9)
    set_env(starts_per_minute="2")
    client = Client()
    wrong = [client.post("/api/token", body, content_type="application/json") for body in (b"{", b'{"agentId": 3}') * 2]
    assert [answer.status_code for answer in wrong] == [400, 422, 429, 429]
    assert wrong[-1].json()["code"] == "too_many_mistakes"
    assert [ask().status_code for _ in range(3)] == [200, 200, 429]


def test_the_workers_mistakes_are_nobodys_else(worker: Client, call: Call, set_env: SetEnv) -> None:
    set_env(starts_per_minute="1")
    claims = [worker.post(f"/api/calls/{call.pk}/claim", {}, content_type="application/json") for _ in range(3)]
    assert [answer.status_code for answer in claims] == [422] * 3
