"""The page that shares an agent: its link, its code, the widget's tag, and the sites that may show it."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from agents.models import AgentProfile
from agents.published import published_agent
from agents.services import allow_sites, pause
from tests.conftest import SetEnv
from tests.factories import make_agent

pytestmark = pytest.mark.django_db


def _address(agent: AgentProfile) -> str:
    return reverse("admin:agents_agentprofile_share", args=[agent.pk])


def _page(client: Client, agent: AgentProfile, **asked: str) -> str:
    answer = client.get(_address(agent), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_the_public_link_and_its_code(agent: AgentProfile, admin_client: Client, set_env: SetEnv) -> None:
    set_env(public_url="https://voice.example.in")
    page = _page(admin_client, agent)
    assert 'href="https://voice.example.in/a/demo"' in page
    assert 'data-src="https://voice.example.in/widget.js" data-agent="demo" data-preview' in page
    assert 'aria-label="QR code of https://voice.example.in/a/demo"' in page
    assert re.search(r'<svg [^>]*viewBox="0 0 \d+ \d+"', page)
    png = re.search(r'href="data:image/png;base64,([^"]+)" download="demo.png"', page)
    assert png
    assert base64.b64decode(png[1]).startswith(b"\x89PNG")
    assert 'href="data:image/svg+xml' in page
    assert "share-note" not in page


def test_a_link_may_choose_the_language(agent: AgentProfile, admin_client: Client) -> None:
    plain, tamil = _page(admin_client, agent), _page(admin_client, agent, lang="ta-IN")
    assert "/a/demo?lang=ta-IN</a>" in tamil
    assert 'download="demo-ta-IN.png"' in tamil
    code = re.compile(r'class="share-code".*?</svg>', re.S)
    assert code.findall(plain) != code.findall(tamil)
    assert "/a/demo</a>" in _page(admin_client, agent, lang="fr-FR")


def test_what_keeps_visitors_away_is_said(admin_client: Client, set_env: SetEnv) -> None:
    draft, paused = make_agent(agent_id="draft", published=False), make_agent(agent_id="paused")
    pause(paused)
    assert "nobody is at this address" in _page(admin_client, draft)
    assert "data-preview" not in _page(admin_client, draft)
    assert "visitors read that it takes no calls" in _page(admin_client, paused)
    assert "works on this machine only" in _page(admin_client, paused)
    set_env(public_url="https://voice.example.in")
    assert "works on this machine only" not in _page(admin_client, paused)


def test_sites_are_saved_at_once_and_noted(agent: AgentProfile, admin_client: Client) -> None:
    assert _served(agent) == []  # and now cached
    text = "https://www.example.in/\nhttp://localhost:8000"
    answer = admin_client.post(_address(agent), {"origins": text})
    assert answer.status_code == 302
    assert _served(agent) == ["https://www.example.in", "http://localhost:8000"]
    assert "sites" in LogEntry.objects.get().change_message
    assert "https://www.example.in\nhttp://localhost:8000</textarea>" in _page(admin_client, agent)


def test_a_wrong_line_is_told_beside_the_box_and_nothing_is_saved(agent: AgentProfile, admin_client: Client) -> None:
    allow_sites(agent, ["https://old.in"])
    text = "https://new.in\nwww.example.in"
    answer = admin_client.post(_address(agent), {"origins": text})
    errors: dict[str, Any] = answer.context["sites"].errors
    assert errors == {"origins": ["Line 2: write the whole address, such as https://www.example.in."]}
    assert f"{text}</textarea>" in answer.content.decode()
    assert _served(agent) == ["https://old.in"]


def _served(agent: AgentProfile) -> list[str]:
    found = published_agent(agent.agent_id)
    assert found
    return found.origins
