"""What pages may load: strict for visitors, no more than its theme needs for the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.models import AgentProfile
from vaani.env import get_env


def _policy(client: Client, path: str) -> dict[str, set[str]]:
    header = client.get(path).headers["Content-Security-Policy"]
    return {name: set(values) for name, *values in (part.split() for part in header.split(";"))}


@pytest.mark.parametrize("path", ["/a/demo", "/api/docs", "/health/live"])
def test_nothing_inline_runs_for_visitors(client: Client, agent: AgentProfile, path: str) -> None:
    policy = _policy(client, path)
    assert policy["default-src"] == {"'self'"}
    assert "script-src" not in policy
    assert "style-src" not in policy
    assert policy["frame-ancestors"] == {"'none'"}


def test_a_page_may_reach_livekit(client: Client, agent: AgentProfile) -> None:
    assert get_env().browser_livekit_url in _policy(client, "/a/demo")["connect-src"]


def test_the_admin_gets_what_its_theme_needs_and_no_inline_script(admin_client: Client) -> None:
    policy = _policy(admin_client, "/admin/")
    assert policy["script-src"] == {"'self'", "'unsafe-eval'"}
    assert policy["style-src"] == {"'self'", "'unsafe-inline'"}
