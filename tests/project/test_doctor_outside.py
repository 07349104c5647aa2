"""The doctor and what is not ours: the address of the site, the providers, n8n; each broken on purpose."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from agents.models import AgentProfile, ModelRefusal
from tests.conftest import SetEnv
from tests.factories import make_agent
from tests.project.conftest import Elsewhere
from vaani.doctor import outside
from vaani.doctor.checkup import failed
from vaani.doctor.fetching import fetch


@pytest.mark.parametrize(
    ("public", "livekit", "state"),
    [
        ("", "ws://127.0.0.1:7880", "ok"),
        ("http://voice.example.in", "wss://voice.example.in", "failed"),
        ("https://voice.example.in", "ws://voice.example.in", "failed"),
        ("https://nobody.invalid", "wss://nobody.invalid", "warning"),
    ],
)
def test_a_site_that_no_browser_takes_is_told(set_env: SetEnv, public: str, livekit: str, state: str) -> None:
    set_env(public_url=public, livekit_public_url=livekit)
    assert outside.site().state == state


def test_a_site_that_leads_to_something_else_is_told(
    set_env: SetEnv, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_env(public_url="https://voice.example.in", livekit_public_url="wss://voice.example.in")
    # What a browser would be led to by name and certificate, of which this machine has neither.
    monkeypatch.setattr(outside, "fetch", lambda url: fetch(f"http://{elsewhere.place}{urlsplit(url).path}"))
    wrong = outside.site()
    assert (wrong.state, "leads to something else, which answers 200" in wrong.found) == ("failed", True)
    elsewhere.text = '{"status": "healthy"}'
    assert outside.site().state == "ok"
    elsewhere.status = 502
    assert "which answers 502" in outside.site().found


def test_a_key_that_a_provider_refuses_is_told(sandboxed: str, set_env: SetEnv) -> None:
    set_env(sarvam_base_url=f"http://{sandboxed}/none/sarvam", sarvam_api_key="sandbox")
    assert outside.providers().state == "warning", "it works, and is only the sandbox"
    set_env(groq_api_key="another")
    assert (outside.providers().state, outside.providers().found) == ("failed", "GROQ_API_KEY is refused.")


@pytest.mark.parametrize("status", [402, 404, 500])
def test_an_answer_that_tells_nothing_of_the_key_is_told(
    sandboxed: str, set_env: SetEnv, elsewhere: Elsewhere, status: int
) -> None:
    elsewhere.status = status
    set_env(sarvam_base_url=f"http://{sandboxed}/none/sarvam", sarvam_api_key="sandbox")
    set_env(groq_base_url=f"http://{elsewhere.place}/v1")
    result = outside.providers()
    assert (result.state, f"Groq answers {status}," in result.found) == ("warning", True)


@pytest.mark.django_db
def test_a_model_that_was_refused_is_told() -> None:
    profile: AgentProfile = make_agent(llm_provider="groq", llm_model="openai/gpt-oss-120b")
    assert outside.models().state == "ok"
    ModelRefusal.objects.create(model=profile.llm_model)
    assert "openai/gpt-oss-120b" in outside.models().found


@pytest.mark.parametrize(
    ("status", "text", "state"),
    [
        (200, "{}", "ok"),
        (404, '{"message": "no such agent"}', "ok"),
        (404, 'The requested webhook "GET agent-config" is not registered.', "warning"),
        (401, "", "failed"),
        (500, "", "failed"),
    ],
)
def test_what_n8n_answers_is_understood(
    set_env: SetEnv, elsewhere: Elsewhere, status: int, text: str, state: str
) -> None:
    elsewhere.status, elsewhere.text = status, text
    set_env(n8n_base_url=f"http://{elsewhere.place}")
    assert outside.n8n().state == state


def test_what_was_not_asked_for_is_skipped(set_env: SetEnv) -> None:
    set_env(n8n_base_url="")
    assert outside.n8n().state == "skipped"
    assert failed("a", "b").remedy == "b"
