"""The page inside a widget, and tokens for pages of other sites: for the agent's own sites, and for nobody else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from agents.models import AgentProfile
from agents.services import allow_sites, pause
from calls.models import Call
from tests.conftest import Beat, Logged, SetEnv
from tests.factories import make_agent

pytestmark = pytest.mark.django_db

SITE = "https://www.example.in"


def embedded(client: Client, agent_id: str = "demo", **asked: str) -> Any:
    return client.get(f"/embed/{agent_id}", asked)


def ancestors(answer: Any) -> list[str]:
    found = re.search(r"frame-ancestors ([^;]+)", answer.headers["Content-Security-Policy"])
    assert found
    return found[1].split()


def test_the_agents_sites_may_frame_it_and_no_others(client: Client, agent: AgentProfile) -> None:
    assert ancestors(embedded(client)) == ["'self'"]
    allow_sites(agent, [SITE, "http://localhost:8000"])
    answer = embedded(client)
    assert answer.status_code == 200
    assert ancestors(answer) == ["'self'", SITE, "http://localhost:8000"]
    assert "X-Frame-Options" not in answer.headers
    data = re.search(r'<script id="embed-data" type="application/json">(.*?)</script>', answer.content.decode())
    assert data
    assert json.loads(data[1]) == {"origins": [SITE, "http://localhost:8000"]}


def test_the_page_itself_stays_unframed(client: Client, agent: AgentProfile) -> None:
    allow_sites(agent, [SITE])
    answer = client.get("/a/demo")
    assert ancestors(answer) == ["'none'"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert b"embed-data" not in answer.content


def test_a_paused_agent_says_so_in_the_panel_and_an_unknown_one_is_ours_alone(
    client: Client, agent: AgentProfile
) -> None:
    allow_sites(agent, [SITE])
    pause(agent, "Back on Monday.")
    away = embedded(client)
    assert (away.status_code, ancestors(away)) == (503, ["'self'", SITE])
    assert "Back on Monday." in away.content.decode()
    assert "calls/embed.js" in away.content.decode()
    nobody = embedded(client, "nobody")
    assert (nobody.status_code, ancestors(nobody)) == (404, ["'self'"])
    assert 'href="/"' not in nobody.content.decode()  # a page that refuses to be framed


@pytest.mark.parametrize("path", ["/a/demo", "/embed/demo"])
def test_the_address_may_choose_the_language(client: Client, agent: AgentProfile, path: str) -> None:
    assert b'value="ta-IN" checked' in client.get(path, {"lang": "ta-IN"}).content
    assert b'value="hi-IN" checked' in client.get(path, {"lang": "fr-FR"}).content


def ask(origin: str | None, agent_id: str = "demo") -> Any:
    headers = {"Origin": origin} if origin is not None else {}
    return Client().post("/api/token", {"agentId": agent_id}, content_type="application/json", headers=headers)


def test_another_sites_page_gets_no_token(agent: AgentProfile, heartbeat: Beat, logged: Logged) -> None:
    heartbeat(9)
    make_agent(agent_id="second")
    allow_sites(agent, [SITE])
    for origin in ("https://other.in", "http://www.example.in", f"{SITE}.evil.in", "null"):
        answer = ask(origin)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (403, "origin_not_allowed")
        assert origin in problem["detail"]
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert ask(SITE, "second").status_code == 403  # one agent's site is not the other's
    assert not Call.objects.exists()
    assert {line["code"] for line in logged("request_refused")} == {"origin_not_allowed"}
    answer = ask(SITE)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == SITE


def test_our_own_pages_and_programs_need_no_site(agent: AgentProfile, heartbeat: Beat, set_env: SetEnv) -> None:
    heartbeat(9)
    set_env(public_url="https://voice.example.in")
    assert ask(None).status_code == 200
    assert ask("https://voice.example.in").status_code == 200
    assert ask("http://testserver").status_code == 200
    assert ask("https://testserver").status_code == 403
