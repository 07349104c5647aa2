"""Agents that n8n feeds: a real HTTP server in n8n's place, well and unwell."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from redis import Redis

from agents import n8n, sources
from agents.defaults import default_config
from agents.models import AgentProfile, AgentVersion
from agents.published import PublishedAgent
from tests.conftest import Logged, SetEnv
from tests.factories import make_agent
from vaani.problems import Problem

pytestmark = pytest.mark.django_db

Respond = Callable[[BaseHTTPRequestHandler], None]


def answer(body: Any, status: int = 200) -> Respond:
    """Answer with `body`, as JSON unless it is bytes."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    return respond


class N8n:
    """An n8n with one webhook: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.respond = answer({"name": "Kaveri"})
        self.closing = threading.Event()  # frees whoever hangs
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                server.asked.append((url.path, dict(parse_qsl(url.query))))
                server.respond(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def hang(self, request: BaseHTTPRequestHandler) -> None:
        self.closing.wait(10)

    def trickle(self, request: BaseHTTPRequestHandler) -> None:
        """Begin at once and never come to the end, each byte within any limit between bytes."""
        request.send_response(200)
        request.end_headers()
        try:
            while not self.closing.wait(0.02):
                request.wfile.write(b" ")
                request.wfile.flush()
        except OSError:
            pass  # the asker gave up


@pytest.fixture
def server(set_env: SetEnv) -> Iterator[N8n]:
    n8n = N8n()
    thread = threading.Thread(target=n8n.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    set_env(n8n_base_url=n8n.url + "/")
    yield n8n
    n8n.closing.set()
    n8n.http.shutdown()
    thread.join()
    n8n.http.server_close()


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


# Unwell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("respond", "why"),
    [
        (answer({"name": "Kaveri"}, 500), "n8n answered 500"),
        (answer({"name": "Kaveri"}, 201), "n8n answered 201"),
        (answer(b"<html>"), "could not be read"),
        (answer(b"\xff\xfe\x00"), "could not be read"),
        (answer(b""), "not a profile"),
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
    assert (line["agent_id"], line["fallback"]) == ("demo", "last_good_copy")


@pytest.mark.parametrize("way", ["hang", "trickle"])
def test_the_limit_is_over_the_whole_exchange(
    server: N8n, logged: Logged, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    assert n8n.LIMIT_SECONDS == 5
    monkeypatch.setattr(n8n, "LIMIT_SECONDS", 0.2)
    make_agent(source=AgentProfile.Source.N8N)
    server.respond = getattr(server, way)
    assert find()
    assert logged("n8n_failed")[0]["why"] == "n8n took longer than 0.2 s"


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
