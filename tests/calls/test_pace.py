"""How much one address may ask in a minute. Scripts that start a thousand calls: tests/project/test_front.py."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents.models import AgentProfile
from calls.models import Call
from tests.conftest import Beat, SetEnv
from vaani import pace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, everything happens in the same minute."""
    monkeypatch.setattr(pace, "_MINUTE", 3600)


def ask(address: str = "127.0.0.1", **body: Any) -> Any:
    return Client(REMOTE_ADDR=address).post("/api/token", {"agentId": "demo", **body}, content_type="application/json")


def test_a_household_is_one_address_however_many_it_makes_up(
    agent: AgentProfile, heartbeat: Beat, set_env: SetEnv
) -> None:
    heartbeat(9)
    set_env(starts_per_minute="2")
    household = [ask(f"2001:db8:1:2::{number:x}") for number in range(1, 6)]
    assert [answer.status_code for answer in household] == [200, 200, 429, 429, 429]
    assert (household[-1].json()["code"], household[-1].headers["Retry-After"]) == ("too_many_starts", "3600")
    assert ask("2001:db8:1:3::1").status_code == 200


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
