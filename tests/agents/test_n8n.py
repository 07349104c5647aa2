"""Agents that n8n feeds: a real HTTP server in n8n's place, well and unwell."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from redis import Redis

from agents import n8n, sources
from agents.defaults import default_config
from agents.models import AgentProfile, AgentVersion, N8nAsking
from agents.published import PublishedAgent
from agents.services import publish
from tests.agents.conftest import N8n, Respond, answer
from tests.conftest import Beat, Logged, SetEnv
from tests.factories import make_agent
from vaani.problems import Problem

pytestmark = pytest.mark.django_db


def fed(**parts: Any) -> AgentProfile:
    """An agent that n8n feeds and that was never published."""
    return make_agent(published=False, source=AgentProfile.Source.N8N, **parts)


def find(agent_id: str = "demo") -> PublishedAgent | None:
    try:
        return sources.find_agent(agent_id)
    except Problem:
        return None


def a_minute_later(redis: Redis) -> None:
    """What n8n was asked is remembered for a minute at most. Forget it, as Redis will."""
    keys = redis.keys("*n8n-asked*")
    assert keys
    for key in keys:
        assert 0 < redis.ttl(key) <= 60
        redis.delete(key)


# Well -------------------------------------------------------------------------------------------


def test_its_profile_is_published_as_a_version_by_n8n(server: N8n, logged: Logged) -> None:
    profile = fed()
    server.respond = answer({"name": "Kaveri", "brief": {"who": "A clerk."}, "maxSeconds": 120})
    found = find()
    assert found
    assert server.asked == [("/webhook/agent-config", {"agent_id": "demo"})]
    assert (found.config.name, found.config.brief.who, found.config.max_seconds) == ("Kaveri", "A clerk.", 120)
    assert found.config.consent == profile.consent, "what n8n leaves out comes from the stored profile"
    assert AgentVersion.objects.get().author_name == "n8n"
    profile.refresh_from_db()
    assert profile.name == "Asha"
    assert ("demo", 1, "n8n") in {
        (line["agent_id"], line["version"], line["source"]) for line in logged("configuration_loaded")
    }


def test_another_path_may_be_set(server: N8n, set_env: SetEnv) -> None:
    set_env(n8n_webhook_agent_config="/webhook/ours")
    fed()
    find()
    assert server.asked == [("/webhook/ours", {"agent_id": "demo"})]


@pytest.mark.django_db(transaction=True)  # what is published shows on commit
def test_it_is_asked_once_a_minute_and_only_news_makes_a_version(server: N8n, redis: Redis) -> None:
    fed()
    for _ in range(3):
        assert find()
    assert len(server.asked) == 1
    a_minute_later(redis)
    find()
    assert (len(server.asked), AgentVersion.objects.count()) == (2, 1)
    server.respond = answer([{"name": "Usha"}])
    a_minute_later(redis)
    found = find()
    assert found
    assert (found.config.name, found.version) == ("Usha", 2)


def test_an_id_we_have_no_row_for_is_asked_for_and_kept(server: N8n) -> None:
    found = find("clinic")
    assert found
    assert (found.config.agent_id, found.config.name, found.source) == ("clinic", "Kaveri", "n8n")
    assert found.config.languages == default_config("clinic").languages
    assert AgentProfile.objects.get().source == AgentProfile.Source.N8N


def test_a_miss_is_remembered(server: N8n, redis: Redis) -> None:
    server.respond = answer({"error": "no such agent"}, 404)
    assert [find("clinic"), find("clinic")] == [None, None]
    assert len(server.asked) == 1
    a_minute_later(redis)
    server.respond = answer({"name": "Kaveri"})
    assert find("clinic")


@pytest.mark.parametrize("agent_id", ["a b", "../demo", "a\0", "x" * 61, ""])
def test_an_id_no_agent_can_have_is_not_asked_for(server: N8n, agent_id: str) -> None:
    assert find(agent_id) is None
    assert server.asked == []


@pytest.mark.parametrize("published", [True, False])
def test_our_own_agents_are_none_of_its_business(server: N8n, published: bool) -> None:
    make_agent(published=published)
    assert bool(find()) is published
    assert server.asked == []


def test_without_an_address_it_is_not_used(set_env: SetEnv) -> None:
    set_env(n8n_base_url="")
    fed()
    assert find() is None


def test_without_redis_to_remember_in_it_is_not_asked(server: N8n, redis_down: None) -> None:
    assert find("clinic") is None
    assert server.asked == []


@pytest.mark.parametrize(
    ("sent", "language", "voice"),
    [
        ({"languages": ["ta-IN", "en-IN"]}, "ta-IN", "arya"),
        ({"languages": ["ta-IN", "hi-IN"]}, "hi-IN", "arya"),
        ({"voices": ["karun", "hitesh"]}, "hi-IN", "karun"),
        ({"ttsModel": "bulbul:v3", "voices": ["priya"]}, "hi-IN", "priya"),
    ],
)
def test_which_comes_first_is_settled_when_n8n_does_not_say(
    server: N8n, sent: dict[str, Any], language: str, voice: str
) -> None:
    server.respond = answer(sent)
    found = find("clinic")
    assert found
    assert (found.config.default_language, found.config.default_voice) == (language, voice)


def test_missing_parts_come_from_what_was_published_here_and_not_from_a_later_draft(server: N8n, redis: Redis) -> None:
    profile = make_agent(source=AgentProfile.Source.N8N, consent="Recorded.")
    AgentProfile.objects.filter(pk=profile.pk).update(consent="Nobody may publish this yet.")
    find()
    version = AgentVersion.objects.latest("pk")
    assert (version.author_name, version.config.name, version.config.consent) == ("n8n", "Kaveri", "Recorded.")
    publish(AgentProfile.objects.get(), author=None, author_name="meera")
    a_minute_later(redis)
    find()
    version = AgentVersion.objects.latest("pk")
    assert (version.config.name, version.config.consent) == ("Kaveri", "Nobody may publish this yet.")


# Unwell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("respond", "why"),
    [
        (answer({"name": "Kaveri"}, 500), "n8n answered 500"),
        (answer({"name": "Kaveri"}, 201), "n8n answered 201"),
        (answer(b"<html>"), "could not be read"),
        (answer(b"\xff\xfe\x00"), "could not be read"),
        (answer(b""), "could not be read"),
        (answer(b"[" * 100_000), "could not be read"),
        (answer(b" " * 1_000_001), "larger than 1000000 bytes"),
        (answer({"name": "a\0"}), "Unicode"),
        (answer({}), "not a profile"),
        (answer([]), "not a profile"),
        (answer([{"name": "A"}, {"name": "B"}]), "not a profile"),
        (answer("Kaveri"), "not a profile"),
        (answer({"systemPrompt": "You are"}), "wrong at systemPrompt"),
        (answer({"name": {"first": "Kaveri"}}), "wrong at name"),
        (answer({"pace": 9}), "wrong at pace"),
        (answer({"brief": {"knows": "all"}}), "wrong at brief.who"),
        (answer({"default_language": "ta-IN"}), "wrong at default_language"),
        (answer({"languages": ["fr-FR"], "defaultLanguage": "fr-FR"}), "we have no fr-FR"),
        (answer({"languages": []}), "hi-IN comes first and is not among them"),
        (answer({"defaultLanguage": "od-IN"}), "od-IN comes first and is not among them"),
        (answer({"voices": ["alloy"], "defaultVoice": "alloy"}), "we have no alloy"),
        (answer({"voices": ["priya"], "defaultVoice": "priya"}), "we have no priya"),
    ],
)
def test_an_answer_that_is_no_profile_is_not_taken(server: N8n, logged: Logged, respond: Respond, why: str) -> None:
    make_agent(source=AgentProfile.Source.N8N)
    server.respond = respond
    found = find()
    assert found
    assert (found.config.name, found.version) == ("Asha", 1)
    (line,) = logged("n8n_failed")
    assert why in line["why"]
    assert (line["agent_id"], line["fallback"]) == ("demo", "stored_profile")


def test_a_profile_that_our_columns_do_not_hold_is_not_taken(server: N8n, logged: Logged) -> None:
    server.respond = answer({"name": "Kaveri" * 20})
    assert find("clinic") is None
    assert not AgentProfile.objects.exists()
    assert "too long" in logged("n8n_failed")[0]["why"]


@pytest.mark.parametrize("way", ["hang", "trickle"])
def test_the_limit_is_over_the_whole_exchange(
    server: N8n, logged: Logged, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(n8n, "LIMIT_SECONDS", 0.2)
    make_agent(source=AgentProfile.Source.N8N)
    server.respond = getattr(server, way)
    assert find()
    assert logged("n8n_failed")[0]["why"] == "n8n took longer than 0.2 s"


def test_an_answer_without_end_is_not_read_to_its_end(server: N8n, logged: Logged) -> None:
    make_agent(source=AgentProfile.Source.N8N)
    server.respond = server.flood
    assert find()
    assert logged("n8n_failed")[0]["why"] == "n8n's answer is larger than 1000000 bytes"


def test_a_call_starts_within_five_and_a_half_seconds_while_n8n_hangs_for_six(
    server: N8n, logged: Logged, heartbeat: Beat, client: Client
) -> None:
    """Five seconds are n8n's. Of the half that is left for us, what counts is our work, not how busy this machine is."""
    make_agent(source=AgentProfile.Source.N8N)
    heartbeat(1)
    server.respond = server.hang
    client.get("/api/languages")  # a server that has just started loads its addresses first
    began, worked = time.monotonic(), time.thread_time()
    response = client.post("/api/token", {"agentId": "demo"}, content_type="application/json")
    waited, worked = time.monotonic() - began, time.thread_time() - worked
    assert response.status_code == 200, response.content
    assert not server.answered_late, "the call did not wait for the answer"
    assert waited >= 5
    assert worked < 0.5
    (line,) = logged("n8n_failed")
    assert (line["why"], line["fallback"], line["version"]) == ("n8n took longer than 5 s", "stored_profile", 1)
    asking = N8nAsking.objects.get()
    assert (asking.taken, asking.version, asking.fault) == ("stored_profile", 1, "n8n took longer than 5 s")
    assert 5 <= asking.seconds <= waited


def test_of_two_who_come_first_together_the_second_does_not_find_nobody(server: N8n, redis: Redis) -> None:
    """n8n is asked once; whoever comes meanwhile is answered by the stored profile."""
    fed(name="Usha")
    redis.set(cache.make_key("n8n-asked:demo"), "1")
    found = find()
    assert found
    assert (found.config.name, server.asked) == ("Usha", [])


@pytest.mark.django_db(transaction=True)  # the server's thread changes the row
def test_an_answer_that_comes_after_the_agent_was_taken_from_n8n_is_dropped(server: N8n) -> None:
    make_agent(source=AgentProfile.Source.N8N)

    def taken_meanwhile(request: BaseHTTPRequestHandler) -> None:
        AgentProfile.objects.update(source=AgentProfile.Source.ADMIN)
        connection.close()
        answer({"name": "Kaveri"})(request)

    server.respond = taken_meanwhile
    found = find()
    assert found
    assert (found.config.name, AgentVersion.objects.count(), len(server.asked)) == ("Asha", 1, 1)


def test_the_voices_of_a_newer_model_go_with_that_model(server: N8n) -> None:
    server.respond = answer({"ttsModel": "bulbul:v3", "voices": ["priya", "arya"], "defaultVoice": "priya"})
    found = find("clinic")
    assert found
    assert found.config.default_voice == "priya"


# What is used in its place ----------------------------------------------------------------------


@pytest.fixture
def nobody(set_env: SetEnv, closed_port: int) -> None:
    """n8n refuses connections."""
    set_env(n8n_base_url=f"http://127.0.0.1:{closed_port}")


def test_first_the_last_good_copy(server: N8n, set_env: SetEnv, redis: Redis, logged: Logged, closed_port: int) -> None:
    fed()
    find()
    a_minute_later(redis)
    set_env(n8n_base_url=f"http://127.0.0.1:{closed_port}")
    found = find()
    assert found
    assert found.config.name == "Kaveri"
    assert logged("n8n_failed")[0]["fallback"] == "last_good_copy"


def test_then_the_stored_profile(nobody: None, logged: Logged) -> None:
    fed(name="Usha")
    found = find()
    assert found
    assert found.config.name == "Usha"
    assert logged("n8n_failed")[0]["fallback"] == "stored_profile"
    assert find() == found


def test_then_the_default(nobody: None, logged: Logged) -> None:
    AgentProfile.objects.filter(pk=fed().pk).update(pace=9)
    found = find()
    assert found
    assert found.config == default_config("demo")
    assert logged("n8n_failed")[0]["fallback"] == "default"


def test_and_nothing_at_all_for_an_id_nobody_knows(nobody: None, logged: Logged) -> None:
    assert find("clinic") is None
    assert not AgentProfile.objects.exists()
    assert logged("n8n_failed")[0]["fallback"] == "none"
