"""The public API of agents: who sees how much of a profile, the catalogue, and who may clear the cache."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from agents import services
from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.languages import LANGUAGES
from agents.models import AgentProfile, IntegrationKey
from agents.published import published_agent
from agents.services import draft_config, pause
from tests.factories import make_agent

pytestmark = pytest.mark.django_db


def bearer(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


# Configuration ----------------------------------------------------------------------------------


def test_anyone_sees_what_a_page_needs_and_no_more(client: Client, agent: AgentProfile) -> None:
    answer = client.get("/api/config/demo")
    config = draft_config(agent)
    assert answer.status_code == 200
    assert answer.json() == {
        "agentId": "demo",
        "name": "Asha",
        "description": config.description,
        "languages": config.languages,
        "voices": config.voices,
        "defaultLanguage": "hi-IN",
        "defaultVoice": "arya",
        "greeting": LANGUAGES["hi-IN"].greeting.format(agent_name="Asha", disclosure=LANGUAGES["hi-IN"].disclosure),
        "consent": config.consent,
        "recording": False,
        "callback": False,
    }


def test_the_worker_sees_the_whole_published_profile(worker: Client, agent: AgentProfile) -> None:
    answer = worker.get("/api/config/demo").json()
    assert AgentConfig.model_validate(answer) == draft_config(agent)
    assert answer["brief"]["never"]
    assert answer["fields"][0]["key"] == "name"
    assert "default_language" not in answer, "programs read camelCase"


@pytest.mark.parametrize("token", ["x", "a.b.c", ""])
def test_a_wrong_bearer_sees_nothing_of_the_brief(agent: AgentProfile, token: str) -> None:
    answer = bearer(token).get("/api/config/demo")
    assert answer.status_code == (401 if token else 200)
    assert "brief" not in answer.json()


@pytest.mark.parametrize("agent_id", ["nobody", "a%00b", "a%20b", "x" * 200])
def test_an_unknown_agent_is_answered_with_those_there_are(client: Client, agent: AgentProfile, agent_id: str) -> None:
    pause(make_agent(agent_id="paused"))
    make_agent(agent_id="unpublished", published=False)
    answer = client.get(f"/api/config/{agent_id}")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (404, "unknown_agent")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["errors"] == [{"field": "agent_id", "message": problem["detail"], "allowed": ["demo"]}]


# The catalogue ----------------------------------------------------------------------------------


def test_the_catalogue_lists_every_language_and_voice(client: Client) -> None:
    answer = client.get("/api/languages").json()
    assert answer.keys() == {"languages", "voices"}
    assert [language["code"] for language in answer["languages"]] == list(LANGUAGES)
    assert answer["languages"][1] == {"code": "ta-IN", "name": "Tamil", "ownName": "தமிழ்", "script": "Tamil"}
    assert [voice["id"] for voice in answer["voices"]] == list(VOICES)
    (karun,) = [voice for voice in answer["voices"] if voice["id"] == "karun"]
    assert karun == {
        "id": "karun",
        "name": "Karun",
        "gender": "male",
        "models": ["bulbul:v2"],
        "languages": list(LANGUAGES),
        "status": "served",
        "successor": "rahul",
    }
    services.mark_refused("bulbul:v2", "no such model")
    (karun,) = [voice for voice in client.get("/api/languages").json()["voices"] if voice["id"] == "karun"]
    assert karun["status"] == "refused"


# The cache --------------------------------------------------------------------------------------


@pytest.fixture
def stale(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch) -> AgentProfile:
    """An agent paused behind the cache's back. The cache forgets nothing by itself while the test looks."""
    monkeypatch.setattr("agents.published._CACHE_SECONDS", 600)
    published_agent("demo")
    AgentProfile.objects.update(enabled=False)
    return agent


def is_stale() -> bool:
    found = published_agent("demo")
    assert found
    return found.enabled


def signed_in(**rights: Any) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("meera", **rights))
    return client


def test_staff_the_worker_and_a_key_may_clear_it(stale: AgentProfile, worker: Client) -> None:
    key = IntegrationKey.objects.create(name="n8n", hashed=IntegrationKey.hash("vk_secret"))
    for caller in (signed_in(is_staff=True), worker, bearer("vk_secret")):
        AgentProfile.objects.update(enabled=True)
        caller.post("/api/invalidate-cache")
        published_agent("demo")
        AgentProfile.objects.update(enabled=False)
        assert is_stale()
        answer = caller.post("/api/invalidate-cache")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert not is_stale()
    key.refresh_from_db()
    assert key.last_used_at is not None


def test_nobody_else_may(stale: AgentProfile, client: Client) -> None:
    IntegrationKey.objects.create(name="n8n", hashed=IntegrationKey.hash("vk_secret"))
    hashed = IntegrationKey.hash("vk_secret")
    for caller in (client, signed_in(), bearer("vk_other"), bearer(hashed), bearer("")):
        answer = caller.post("/api/invalidate-cache")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authorised")
    assert is_stale()
