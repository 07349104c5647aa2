"""The first page: figures with links, and what is wrong with what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any, Literal
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from redis.exceptions import ConnectionError as RedisDown

from agents import services
from agents.contract import Heartbeat
from agents.models import AgentProfile
from agents.standing import State, standing
from calls.models import Call
from leads.models import Extraction, Lead
from tests.factories import make_call
from vaani import home
from vaani.env import Env


@pytest.fixture(autouse=True)
def all_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "heartbeats", lambda: [worker()])
    monkeypatch.setattr(home, "get_env", lambda: environment())


def environment(**values: Any) -> Env:
    return Env(_env_file=None, sarvam_api_key="s", groq_api_key="g", **values)


def worker(slots: int = 2, active: int = 0, **keys: Literal["ok", "refused", "unreachable", "missing"]) -> Heartbeat:
    return Heartbeat(
        worker_id="w", host="h", slots=slots, active=[uuid4() for _ in range(active)], keys=keys, at=datetime.now(UTC)
    )


def told() -> list[str]:
    return [fault.what for fault in home.faults()]


def test_nothing_wrong_is_said_so(admin_client: Client, agent: AgentProfile) -> None:
    assert told() == []
    assert "Nothing. All is well." in admin_client.get("/admin/").content.decode()


def test_every_figure_leads_to_its_list(admin_client: Client, agent: AgentProfile) -> None:
    make_call(agent, status=Call.Status.LIVE)
    make_call(agent)
    make_call(agent, kind=Call.Kind.TRIAL)
    yesterday = make_call(agent)
    Call.objects.filter(pk=yesterday.pk).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    lines = admin_client.get("/admin/").context["lines"]
    assert [(line.figure, line.label) for line in lines] == [
        ("2", "calls today"),
        ("1", "live now"),
        ("0", "new leads"),
        ("1", "agent takes calls"),
    ]
    pages = [admin_client.get(line.link).context for line in lines]
    assert [call.live for call in pages.pop(1)["now"].calls].count(True) == 1  # the others are connecting
    assert [len(page["cl"].result_list) for page in pages] == [2, 0, 1]


def test_samples_are_no_news(admin_client: Client, agent: AgentProfile) -> None:
    for kind in (Call.Kind.VISITOR, Call.Kind.SAMPLE):
        Lead.objects.create(agent=agent, call=make_call(agent, kind=kind))
    Lead.objects.create(agent=agent, callback_at=datetime.now(UTC))
    calls, _live, leads, _agents = admin_client.get("/admin/").context["lines"]
    assert (calls.figure, leads.figure) == ("1", "2")
    assert [len(admin_client.get(line.link).context["cl"].result_list) for line in (calls, leads)] == [1, 2]


def test_paused_agents_are_counted_apart(admin_client: Client, agent: AgentProfile) -> None:
    services.pause(agent)
    line = admin_client.get("/admin/").context["lines"][-1]
    assert (line.figure, line.label) == ("0", "agents take calls, 1 paused")


@pytest.mark.django_db
def test_staff_see_only_the_figures_they_may_open() -> None:
    user = User.objects.create_user("meera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_call"))
    client = Client()
    client.force_login(user)
    assert [line.label for line in client.get("/admin/").context["lines"]] == ["calls today", "live now"]


def test_the_sandbox_is_named_plainly(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "get_env", lambda: Env(_env_file=None, sarvam_api_key="sandbox", groq_api_key="sandbox"))
    (fault,) = home.faults()
    assert "Sarvam, Groq" in fault.what
    assert "SARVAM_API_KEY, GROQ_API_KEY" in fault.remedy


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        ([], "No worker is running"),
        ([worker(slots=2, active=2)], "All workers are busy"),
        ([worker(sarvam="refused")], "Sarvam refuses its key."),
        ([worker(sarvam="unreachable")], "Sarvam can't be reached."),
        ([worker(groq="missing")], "Groq has no key."),
    ],
)
def test_trouble_with_workers_and_keys_is_told(
    agent: AgentProfile, monkeypatch: pytest.MonkeyPatch, workers: list[Heartbeat], words: str
) -> None:
    monkeypatch.setattr(home, "heartbeats", lambda: workers)
    (fault,) = told()
    assert fault.startswith(words)


def test_a_key_no_agent_needs_may_be_missing(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "heartbeats", lambda: [worker(openai="missing")])
    assert told() == []


def test_without_redis_that_is_what_is_said(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(key: str) -> None:
        raise RedisDown

    monkeypatch.setattr(cache, "get", down)
    monkeypatch.setattr(home, "heartbeats", list)
    assert told() == ["Redis does not answer, so no call can start."]


def test_a_retired_model_is_told_with_the_agents_that_use_it(agent: AgentProfile) -> None:
    AgentProfile.objects.filter(pk=agent.pk).update(llm_provider="groq", llm_model="llama-3.3-70b-versatile")
    assert told() == []  # calls use what is published
    services.publish(AgentProfile.objects.get(), author=None)
    (fault,) = home.faults()
    assert fault.what == "llama-3.3-70b-versatile ended on 16 August 2026; calls use openai/gpt-oss-120b."
    assert fault.remedy == "Move its agents to openai/gpt-oss-120b, for good: Asha."
    assert fault.links == [("Move to its successor", "/admin/agents/agentprofile/models/")]


def test_a_retired_model_of_the_site_is_told_apart(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    retired = environment(llm_model="llama-3.3-70b-versatile")
    monkeypatch.setattr(home, "get_env", lambda: retired)
    (fault,) = home.faults()
    assert fault.what == "llama-3.3-70b-versatile ended on 16 August 2026; calls use openai/gpt-oss-120b."
    assert "LLM_MODEL" in fault.remedy
    assert fault.links == [("Asha", f"/admin/agents/agentprofile/{agent.pk}/change/")]


def test_a_refused_model_that_nothing_follows_is_told_with_its_agents(agent: AgentProfile) -> None:
    services.mark_refused("saaras:v4", "model_not_found")
    AgentProfile.objects.filter(pk=agent.pk).update(stt_model="saaras:v4")
    services.publish(AgentProfile.objects.get(), author=None)
    (fault,) = home.faults()
    assert fault.what == "saaras:v4 is refused by its provider, and nothing follows it."
    assert fault.links == [("Asha", f"/admin/agents/agentprofile/{agent.pk}/change/")]


def test_calls_that_could_not_be_read_are_told_and_can_be_read_again(agent: AgentProfile) -> None:
    call = make_call(agent)
    Extraction.objects.create(call=call, status=Extraction.Status.FAILED, tries=8, error="m: 401.")
    (fault,) = home.faults()
    assert fault.what == "1 call could not be read, so its lead may lack what was said."
    assert fault.remedy.startswith("The last fault: m: 401. Put that right")
    assert fault.links == [(str(call), f"/admin/calls/call/{call.pk}/change/")]
    call_command("read_again", stdout=StringIO())
    assert (Extraction.objects.get().status, Extraction.objects.get().tries) == ("waiting", 0)
    assert not told()


def test_a_refused_model_is_told(agent: AgentProfile) -> None:
    services.mark_refused("bulbul:v2", "model_not_found")
    assert told() == ["bulbul:v2 is refused by its provider; calls use bulbul:v3."]


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 12, 1), State.SERVED),
        (date(2026, 12, 15), State.ENDING),
        (date(2027, 1, 13), State.ENDING),
        (date(2027, 1, 14), State.ENDED),
    ],
)
def test_a_model_is_announced_thirty_days_before_its_end(today: date, state: State) -> None:
    assert standing("gpt-4o-mini", today).state is state
