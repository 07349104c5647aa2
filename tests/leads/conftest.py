"""What tests of leads share: receivers, a clock that is put forward by hand, a lead worth sending, who reviews it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from agents.models import AgentProfile
from calls.models import Call
from leads.models import Lead, LeadValue
from tests.conftest import SetEnv
from tests.factories import make_call
from tests.leads.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server on loopback that takes everything."""
    with receiving() as found:
        yield found


@pytest.fixture
def n8n(receiver: Receiver, set_env: SetEnv) -> Receiver:
    """The same, as the environment's n8n."""
    set_env(n8n_base_url=receiver.url)
    return receiver


class Clock:
    """The time that the product sees."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time stands still but for `clock.forward(hours=1)`."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def lead(agent: AgentProfile) -> Lead:
    """Of a call, with a name and a number that were heard."""
    lead = Lead.objects.create(agent=agent, call=make_call(agent))
    for key, value in (("name", "राहुल"), ("phone", "+919845012345")):
        lead.values.create(key=key, label=key, kind=key, value=value, state=LeadValue.State.HEARD)
    return lead


@pytest.fixture
def meera(db: None) -> User:
    """A colleague who reviews leads."""
    user = User.objects.create_user("meera", is_staff=True)
    user.groups.set(Group.objects.filter(name="Reviewers"))
    return user


@pytest.fixture
def staff(meera: User) -> Client:
    """Her browser."""
    client = Client()
    client.force_login(meera)
    return client


@pytest.fixture
def order(sandboxed: str) -> Callable[..., None]:
    """Tell the sandbox how to answer about a call."""

    def put(call: Call, **orders: Any) -> None:
        requests.put(f"http://{sandboxed}/control/calls/{call.pk}", json=orders, timeout=5).raise_for_status()

    return put


@pytest.fixture
def asked(sandboxed: str) -> Callable[[Call], list[dict[str, Any]]]:
    """What the sandbox was asked about a call, besides its conversation."""

    def entries(call: Call) -> list[dict[str, Any]]:
        ledger = requests.get(f"http://{sandboxed}/control/calls/{call.pk}/ledger", timeout=5).json()["entries"]
        return [entry for entry in ledger if entry["part"] == "data"]

    return entries
