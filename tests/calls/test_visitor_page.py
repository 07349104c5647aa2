"""The visitor's page as the server sends it. What its scripts do is tested in a browser, in tests/e2e."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from agents.contract import AgentConfig
from agents.defaults import default_config
from agents.models import AgentProfile
from agents.published import forget_published
from agents.services import create_profile, pause, publish
from calls.apologies import APOLOGIES
from calls.wording import terms_version, wording
from vaani.env import ROOT, SANDBOX_KEY, get_env

pytestmark = pytest.mark.django_db

SCRIPTS = ROOT / "static" / "calls"


@pytest.fixture(autouse=True)
def nothing_published() -> None:
    forget_published()


def agent(
    agent_id: str = "reception", *, is_default: bool = False, published: bool = True, **parts: Any
) -> AgentProfile:
    config = AgentConfig.model_validate(default_config(agent_id).model_dump() | {"name": "Asha"} | parts)
    profile = create_profile(config, source=AgentProfile.Source.ADMIN, is_default=is_default)
    if published:
        publish(profile, author=None, author_name="test")
    return profile


def page_data(page: bytes) -> dict[str, Any]:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page.decode(), re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_page_offers_what_is_published_and_not_the_draft(client: Client) -> None:
    profile = agent(
        languages=["ta-IN", "en-IN"],
        default_language="ta-IN",
        voices=["arya", "karun"],
        default_voice="karun",
        text_chat=False,
        consent="What is said is kept for 90 days.",
    )
    AgentProfile.objects.filter(pk=profile.pk).update(name="Draft name", languages=["hi-IN"])

    response = client.get("/a/reception")

    assert response.status_code == 200
    data = page_data(response.content)
    assert data["agentId"] == "reception"
    assert data["agentName"] == "Asha"
    assert data["languages"] == [
        {"code": "ta-IN", "name": "Tamil", "ownName": "தமிழ்"},
        {"code": "en-IN", "name": "English", "ownName": "English"},
    ]
    assert data["voices"] == [
        {"id": "arya", "name": "Arya", "gender": "female"},
        {"id": "karun", "name": "Karun", "gender": "male"},
    ]
    assert (data["language"], data["defaultVoice"], data["textChat"]) == ("ta-IN", "karun", False)
    html = response.content.decode()
    assert 'name="language" value="ta-IN" checked' in html
    assert 'name="voice" value="karun" checked' in html
    assert '<span class="tile-own" lang="ta-IN">தமிழ்</span>' in html
    assert "What is said is kept for 90 days." in html
    assert 'id="typing"' not in html
    assert "Draft name" not in html


def test_page_has_an_apology_in_each_language_it_offers(client: Client) -> None:
    agent(languages=["or-IN", "en-IN"], default_language="or-IN")

    data = page_data(client.get("/a/reception").content)

    assert data["apologies"] == {code: APOLOGIES[code] for code in ("or-IN", "en-IN")}
    for code in data["apologies"]:
        address = data["apologyUrl"].replace("language-code", code)
        assert resolve(address).kwargs == {"language": code}


def test_front_page_is_the_default_agent(client: Client) -> None:
    assert client.get("/").status_code == 404
    agent("other")
    agent("front", is_default=True)

    assert page_data(client.get("/").content)["agentId"] == "front"


@pytest.mark.parametrize("path", ["/a/nobody", "/a/draft", "/a/" + "x" * 200])
def test_no_such_agent(client: Client, path: str) -> None:
    agent("draft", published=False)

    response = client.get(path)

    assert response.status_code == 404
    assert wording("en-IN")["nobodyTitle"] in response.content.decode()


def test_paused_agent_takes_no_calls(client: Client) -> None:
    pause(agent())

    response = client.get("/a/reception")

    assert response.status_code == 503
    html = response.content.decode()
    assert wording("hi-IN")["pausedTitle"].replace("{name}", "Asha") in html
    assert wording("hi-IN")["paused"] in html
    assert 'id="call"' not in html
    assert 'id="callback"' in html, "but a number can be left"
    assert '<script type="module" src="/static/built/calls/paused.js">' in html
    html = client.get("/a/reception?lang=en-IN&ref=1").content.decode()
    assert 'href="/a/reception?lang=en-IN&amp;ref=1"' in html, "tried again in the same language"


def test_a_paused_agent_says_its_own_sentence_as_text(client: Client) -> None:
    pause(agent(), "We are back on Monday. <b>Write</b> to us!")

    html = client.get("/a/reception").content.decode()

    assert "We are back on Monday. &lt;b&gt;Write&lt;/b&gt; to us!" in html
    assert f">{wording('hi-IN')['paused']}<" not in html


def test_sandbox_is_said_plainly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    agent()
    for key in ("", SANDBOX_KEY):
        env = get_env().model_copy(update={"sarvam_api_key": key})
        monkeypatch.setattr("calls.views.get_env", lambda env=env: env)
        response = client.get("/a/reception")
        assert page_data(response.content)["sandbox"] is bool(key)
        assert (b'data-banner="sandbox"' in response.content) is bool(key)


def test_page_keeps_to_its_content_security_policy(client: Client) -> None:
    hostile = "</script><script>alert(1)</script><b onclick=x>"
    agent(name=hostile, description=hostile, consent=hostile)

    response = client.get("/a/reception")

    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    html = response.content.decode()
    assert page_data(response.content)["agentName"] == hostile
    assert "<b onclick" not in html
    assert not re.search(r"<style(?! nonce=)|\sstyle=|\son\w+=\"", html)
    # Executable scripts come from files, the one inline element is data.
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == ['<script id="page-data" type="application/json">']
    assert all(address.startswith("/") for address in re.findall(r'(?:src|href)="([^"]*)"', html))


def test_scripts_find_the_texts_and_elements_they_name(client: Client) -> None:
    agent()
    response = client.get("/a/reception")
    html, texts = response.content.decode(), page_data(response.content)["texts"]
    named: set[str] = set()
    for path in SCRIPTS.glob("*.js"):
        script = path.read_text()
        named.update(re.findall(r"\btexts\.(\w+)", script))
        named.update(re.findall(r'\b(?:failed|lost|plainFailure)\("(\w+)"\)', script))
        named.update(re.findall(r'\b(?:text|title): "(\w+)"', script))
        named.update(re.findall(r'Error: "(\w+)"', script))
        for element in re.findall(r'\belement\("([\w-]+)"\)', script):
            assert f'id="{element}"' in html, f"{path.name} wants #{element}"
    assert len(named) > 25
    assert not named - texts.keys()


def test_page_is_in_the_language_it_begins_with(client: Client) -> None:
    agent(languages=["hi-IN", "ta-IN", "en-IN"])

    for headers, lang, language in [
        ({}, "", "hi-IN"),
        ({"Accept-Language": "ta,en;q=0.9"}, "", "ta-IN"),
        ({"Accept-Language": "ta,en;q=0.9", "Cookie": "language=en-IN"}, "", "en-IN"),
        ({"Cookie": "language=en-IN"}, "?lang=ta-IN", "ta-IN"),
    ]:
        response = client.get(f"/a/reception{lang}", headers=headers)
        html = response.content.decode()
        assert f'<html lang="{language}">' in html
        assert f'value="{language}" checked' in html
        assert f'<span data-text="call">{wording(language)["call"]}</span>' in html
        assert page_data(response.content)["texts"]["callAgain"] == wording(language)["callAgain"]
        assert {"Accept-Language", "Cookie"} <= {name.strip() for name in response["Vary"].split(",")}


def test_every_sentence_of_the_page_changes_with_the_language(client: Client) -> None:
    agent(languages=["en-IN", "hi-IN"], default_language="en-IN", recording=True)
    response = client.get("/a/reception")
    texts = page_data(response.content)["texts"]

    named = re.findall(r'data-text="(\w+)"[^>]*>([^<]*)<', response.content.decode())

    assert len(named) > 20
    for name, shown in named:
        assert unescape(shown) == texts[name]


def test_what_is_agreed_to_has_another_name_once_anything_of_it_is_another(client: Client) -> None:
    """What a call keeps of it is composed in the browser: see tests/e2e/test_recording.py."""
    profile = agent(languages=["en-IN", "ta-IN"], default_language="en-IN", consent="We also ask our bank.")
    row = AgentProfile.objects.filter(pk=profile.pk)
    names = []
    for change in ({}, {"calls_kept_days": 60}, {"recordings_kept_days": 3}):
        row.update(**change)
        forget_published()
        names.append(page_data(client.get("/a/reception").content)["termsVersion"])
    profile.refresh_from_db()
    profile.consent = "We ask nobody."
    profile.save()
    publish(profile, author=None, author_name="test")
    forget_published()
    pages = [client.get(f"/a/reception?lang={language}").content for language in ("en-IN", "ta-IN")]
    names += {page_data(page)["termsVersion"] for page in pages}
    assert len(set(names)) == 4
    assert b"We ask nobody." in pages[0]
    assert names[-1] == terms_version({"name": "Asha", "days": "60", "recordingDays": "3"}, "We ask nobody.")


@pytest.mark.parametrize(("days", "said"), [(90, "for 90 days"), (None, "until you ask us to erase it")])
def test_what_is_kept_and_how_long_is_said_before_the_call(client: Client, days: int | None, said: str) -> None:
    profile = agent(languages=["en-IN"], default_language="en-IN", recording=True, callback=True)
    AgentProfile.objects.filter(pk=profile.pk).update(calls_kept_days=days, recordings_kept_days=7)
    forget_published()

    html = client.get("/a/reception").content.decode()

    assert "A machine answers" in html
    assert said in html
    assert "recording of this call for 7 days" in html
    switches = re.findall(r"<input type=\"checkbox\"[^>]*>", html)
    assert len(switches) == 2
    assert all('autocomplete="off"' in switch for switch in switches), "a browser may switch none on again"
