"""Behind https: what the settings come to when PUBLIC_URL says so."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.test import Client

from agents.models import AgentProfile
from tests.conftest import SetEnv

pytestmark = pytest.mark.django_db

SITE, HOST = "https://voice.example.in", "voice.example.in"
CHOSEN = ("SECRET", "SECURE_", "SESSION_COOKIE_", "CSRF_", "ALLOWED_HOSTS", "SILENCED_", "X_FRAME", "DEBUG")
SIGN_IN = "/admin/login/"


@pytest.fixture
def production(set_env: SetEnv, settings: Any) -> None:
    """The settings of an installation with a domain and a key of its own, read anew."""
    set_env(public_url=SITE, secret_key="k3y-" * 8 + "and-some-more-letters-of-it")
    take_settings(settings)


def read_settings() -> Any:
    """The module of settings, read anew under the environment as it is."""
    path = Path(__file__).parents[2] / "vaani" / "settings.py"
    spec = importlib.util.spec_from_file_location("settings_of_production", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def take_settings(settings: Any) -> None:
    """Have Django go by those settings of the environment as it is that have to do with https."""
    module = read_settings()
    for name in dir(module):
        if name.isupper() and name.startswith(CHOSEN):
            setattr(settings, name, getattr(module, name))


def complaints() -> list[str]:
    return [str(said.id) for said in run_checks(include_deployment_checks=True) if not said.is_silenced()]


def test_djangos_own_checks_find_nothing(production: None) -> None:
    assert complaints() == []


def test_a_site_without_a_key_of_its_own_is_complained_of(set_env: SetEnv, settings: Any) -> None:
    set_env(public_url=SITE, secret_key="")
    take_settings(settings)
    assert complaints() == ["security.W009"]


def test_cookies_travel_by_https_only_and_stay_from_scripts_and_other_sites(production: None) -> None:
    User.objects.create_superuser("meera", password="a good one 123")
    client = Client(headers={"Host": HOST, "Origin": SITE}, enforce_csrf_checks=True)
    client.get(SIGN_IN, secure=True)
    token = client.cookies["csrftoken"]
    form = {"username": "meera", "password": "a good one 123", "csrfmiddlewaretoken": token.value}
    answer = client.post(SIGN_IN, form, secure=True)
    assert answer.status_code == 302
    session = client.cookies["sessionid"]
    assert (token["secure"], token["samesite"]) == (True, "Lax")
    assert (session["secure"], session["samesite"], session["httponly"]) == (True, "Lax", True)


def test_browsers_are_told_to_stay_with_https_once_they_came_by_it(production: None) -> None:
    client = Client(headers={"Host": HOST})
    assert client.get("/health/live", secure=True).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get("/health/live").headers
    assert client.get("/health/live").status_code == 200  # workers and monitors come by plain http, and stay there


@pytest.mark.parametrize("header", ["X-Forwarded-Proto", "X-Forwarded-Ssl", "Front-End-Https"])
def test_a_header_alone_makes_no_https(production: None, header: str) -> None:
    answer = Client(headers={"Host": HOST, header: "https"}).get("/health/live")
    assert "Strict-Transport-Security" not in answer.headers


def test_a_form_of_another_site_is_refused(production: None) -> None:
    client = Client(headers={"Host": HOST, "Origin": "https://evil.example"}, enforce_csrf_checks=True)
    client.get(SIGN_IN, secure=True)
    form = {"username": "meera", "password": "x", "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post(SIGN_IN, form, secure=True).status_code == 403
    ours = Client(headers={"Host": HOST, "Origin": SITE}, enforce_csrf_checks=True)
    assert ours.post(SIGN_IN, form | {"csrfmiddlewaretoken": ""}, secure=True).status_code == 403


def test_a_trial_needs_more_than_the_cookie_of_staff(production: None, agent: AgentProfile) -> None:
    client = Client(headers={"Host": HOST}, enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("meera"))
    answer = client.post("/api/trials", {"agentId": "demo"}, content_type="application/json", secure=True)
    assert (answer.status_code, answer.json()["code"]) == (403, "stale_page")


def test_other_hosts_names_are_not_ours(production: None) -> None:
    assert Client(headers={"Host": HOST}).get("/health/live").status_code == 200
    assert Client(headers={"Host": "evil.example"}).get("/api/languages").status_code == 400


@pytest.mark.parametrize("path", ["/a/demo", "/admin/login/", "/api/languages", "/nowhere", "/api/nowhere", "/health"])
def test_no_page_may_be_framed_or_guessed_at(production: None, agent: AgentProfile, path: str) -> None:
    headers = Client(headers={"Host": HOST}).get(path).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
