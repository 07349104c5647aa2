"""What pages may load: strict for visitors, no more than its theme needs for the admin."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from django.test import Client

from agents.models import AgentProfile
from tests.conftest import SetEnv
from tests.project.test_production import read_settings
from vaani.env import get_env


def _policy(client: Client, path: str) -> dict[str, set[str]]:
    with closing(client.get(path)) as answer:  # which may be an open file
        header = answer.headers["Content-Security-Policy"]
    return {name: set(values) for name, *values in (part.split() for part in header.split(";"))}


@pytest.mark.parametrize("path", ["/a/demo", "/api/docs", "/health/live"])
def test_nothing_inline_runs_for_visitors(client: Client, agent: AgentProfile, path: str) -> None:
    policy = _policy(client, path)
    assert policy["default-src"] == {"'self'"}
    assert "script-src" not in policy
    assert "'unsafe-inline'" not in policy["style-src"]
    assert policy["frame-ancestors"] == {"'none'"}


def test_only_the_style_we_wrote_ourselves_may_stand_in_a_page(client: Client, agent: AgentProfile) -> None:
    answers = [client.get("/a/demo") for _ in range(2)]
    nonces = [re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"]) for answer in answers]
    assert nonces[0] != nonces[1]  # nobody can write one in advance
    for answer, (nonce,) in zip(answers, nonces, strict=True):
        assert re.findall(r"<style[^>]*>", answer.content.decode()) == [f'<style nonce="{nonce}">']


def test_a_page_may_reach_livekit(client: Client, agent: AgentProfile) -> None:
    assert get_env().browser_livekit_url in _policy(client, "/a/demo")["connect-src"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("wss://voice-a1b2c3.livekit.cloud", ["wss://*.livekit.cloud", "https://*.livekit.cloud"]),
        ("wss://voice.example.in", ["wss://voice.example.in", "https://voice.example.in"]),
        ("wss://notlivekit.cloud", ["wss://notlivekit.cloud", "https://notlivekit.cloud"]),
    ],
)
def test_a_page_may_follow_livekit_cloud_to_its_other_hosts(set_env: SetEnv, url: str, allowed: list[str]) -> None:
    set_env(livekit_public_url=url)
    assert read_settings().CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] == ["'self'", *allowed]


@pytest.mark.django_db  # Django looks after its connection once a file has been sent
@pytest.mark.parametrize("path", ["/static/vaani/icon.svg", "/static/admin/vaani.css", "/widget.js"])
def test_a_file_opened_by_itself_runs_nothing(client: Client, path: str) -> None:
    policy = _policy(client, path)
    assert policy["default-src"] == {"'self'"}
    assert "script-src" not in policy


def test_the_admin_gets_what_its_theme_needs_and_no_inline_script(admin_client: Client) -> None:
    policy = _policy(admin_client, "/admin/")
    assert policy["script-src"] == {"'self'", "'unsafe-eval'"}
    assert policy["style-src"] == {"'self'", "'unsafe-inline'"}
