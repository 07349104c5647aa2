"""Sites that may call an agent: how their addresses are read, and what their pages may read of the API."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agents.models import AgentProfile
from agents.origins import MOST, read_origins
from agents.services import allow_sites, pause

SITE = "https://www.example.in"
PREFLIGHT = {"Origin": SITE, "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://www.example.in", "https://www.example.in"),
        ("  HTTPS://WWW.Example.IN/ ", "https://www.example.in"),
        ("https://example.in:443", "https://example.in"),
        ("https://example.in:8443", "https://example.in:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://उदाहरण.भारत", "https://xn--p1b6ci4b4b3a.xn--h2brj9c"),
    ],
)
def test_an_address_is_read_as_browsers_spell_it(written: str, read: str) -> None:
    assert read_origins(written) == [read]


def test_lines_are_read_in_their_order_each_once() -> None:
    assert read_origins("https://b.in\n\n  \r\nhttps://a.in\nhttps://b.in/") == ["https://b.in", "https://a.in"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("www.example.in", "such as https://www.example.in."),
        ("*", "such as https://"),
        ("null", "such as https://"),
        ("https://*.example.in", "no address"),
        ("https://", "no address"),
        ("https://example.in:99999", "no address"),
        ("https://exa mple.in", "no address"),
        ("https://example.in; script-src *", "no address"),
        ("https://[::1", "no address"),
        ("https://" + "a" * 70 + ".in", "no address"),
        ("javascript://example.in", "must begin with https://"),
        ("http://example.in", "Write https://example.in."),
        ("https://example.in/contact?a=b", "write only https://example.in,"),
        ("https://me:secret@example.in", "write only https://example.in,"),
        ("https://example.in/#top", "write only https://example.in,"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_write(written: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_origins(f"https://good.in\n{written}\n")
    (message,) = refused.value.messages
    assert message.startswith("Line 2: ")
    assert says in message


def test_there_are_so_many_sites_and_no_more() -> None:
    lines = [f"https://site{number}.in" for number in range(MOST + 1)]
    assert len(read_origins("\n".join(lines[:MOST]))) == MOST
    with pytest.raises(ValidationError, match="50 sites at most"):
        read_origins("\n".join(lines))


@pytest.mark.parametrize("path", ["/api/token", "/api/config/demo"])
def test_pages_of_an_agents_sites_may_ask_and_no_others(client: Client, agent: AgentProfile, path: str) -> None:
    refused = client.options(path, headers=PREFLIGHT)
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert refused.headers["Vary"] == "Origin"
    allow_sites(agent, [SITE])
    answer = client.options(path, headers=PREFLIGHT)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    pause(agent)
    assert "Access-Control-Allow-Origin" not in client.options(path, headers=PREFLIGHT).headers


def test_what_is_answered_may_be_read_by_them_too(client: Client, agent: AgentProfile) -> None:
    allow_sites(agent, [SITE])
    answer = client.get("/api/config/demo", headers={"Origin": SITE})
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert answer.json()["agentId"] == "demo"
    stranger = client.get("/api/config/demo", headers={"Origin": "https://other.in"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_nothing_else_of_the_api_is_shared(client: Client, agent: AgentProfile) -> None:
    allow_sites(agent, [SITE])
    for path in ("/api/trials", "/api/languages", "/api/invalidate-cache", "/a/demo", "/admin/login/"):
        assert "Access-Control-Allow-Origin" not in client.options(path, headers=PREFLIGHT).headers
        assert "Access-Control-Allow-Origin" not in client.get(path, headers={"Origin": SITE}).headers
