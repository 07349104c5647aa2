"""The apology of a page that nobody can talk from: a clip for all, which asks its provider once a minute at most."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents.languages import LANGUAGES
from calls.apologies import APOLOGIES
from tests.agents.test_samples import SPOKEN, WAV, Sarvam, sarvam
from tests.conftest import SetEnv

__all__ = ["sarvam"]

pytestmark = pytest.mark.django_db


def hear(language: str = "hi-IN") -> Any:
    return Client().get(f"/api/apologies/{language}.wav")


def test_there_is_one_in_every_language() -> None:
    assert APOLOGIES.keys() == LANGUAGES.keys()
    assert all(LANGUAGES[code].full_stop in text for code, text in APOLOGIES.items())


def test_anybody_hears_it_in_the_sites_voice_and_it_is_kept(sarvam: Sarvam, set_env: SetEnv) -> None:
    set_env(default_voice="karun")
    answers = [hear("or-IN"), hear("or-IN")]
    assert [(answer.status_code, answer.headers["Content-Type"], answer.content) for answer in answers] == [
        (200, "audio/wav", WAV)
    ] * 2
    assert answers[0].headers["Cache-Control"] == "public, max-age=86400"
    (asked,) = sarvam.asked
    assert (asked["speaker"], asked["target_language_code"], asked["text"]) == ("karun", "od-IN", APOLOGIES["or-IN"])


def test_a_default_voice_that_there_is_not_is_another(sarvam: Sarvam, set_env: SetEnv) -> None:
    set_env(default_voice="nobody")
    assert hear().status_code == 200
    assert sarvam.asked[0]["speaker"] == "arya"


def test_a_provider_that_failed_is_not_asked_again_at_once(sarvam: Sarvam) -> None:
    sarvam.status = 500
    assert [hear().json()["code"], hear().json()["code"]] == ["voice_unavailable"] * 2
    assert len(sarvam.asked) == 1
    sarvam.status, sarvam.body = 200, SPOKEN
    assert hear("ta-IN").status_code == 200, "another language has its own minute"


def test_without_redis_the_provider_is_left_alone(sarvam: Sarvam, redis_down: None) -> None:
    assert hear().status_code == 502
    assert sarvam.asked == []


def test_a_language_we_lack_is_not_there(sarvam: Sarvam) -> None:
    assert (hear("fr-FR").status_code, sarvam.asked) == (404, [])
