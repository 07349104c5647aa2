"""The catalogue: who follows a model or a voice that is no longer served."""

from __future__ import annotations

from datetime import date

import pytest

from agents.catalogue import LLM_DEFAULTS, MODELS, STT_MODEL, TTS_MODEL, VOICES, Model, Voice, serving, serving_voice

LONG_AGO, LONG_AFTER = date(2000, 1, 1), date(2100, 1, 1)


@pytest.mark.parametrize(
    ("name", "today", "served"),
    [
        ("llama-3.3-70b-versatile", date(2026, 8, 15), "llama-3.3-70b-versatile"),
        ("llama-3.3-70b-versatile", date(2026, 8, 16), "openai/gpt-oss-120b"),
        ("gpt-4o-mini", date(2027, 1, 13), "gpt-4o-mini"),
        ("gpt-4o-mini", date(2027, 1, 14), "gpt-4.1-mini"),
        ("our-own-model", LONG_AFTER, "our-own-model"),
    ],
)
def test_a_model_is_followed_from_its_last_day(name: str, today: date, served: str) -> None:
    assert serving(name, today) == served


def test_a_refused_model_is_followed_at_once_and_the_last_of_a_line_stays() -> None:
    assert serving("bulbul:v2", LONG_AGO, {"bulbul:v2"}) == "bulbul:v3"
    assert serving("bulbul:v2", LONG_AGO, {"bulbul:v2", "bulbul:v3"}) == "bulbul:v3"
    assert serving("our-own-model", LONG_AGO, {"our-own-model"}) == "our-own-model"


@pytest.mark.parametrize("model", MODELS.values(), ids=str)
def test_every_line_of_models_leads_on_within_its_provider_and_kind(model: Model) -> None:
    assert model.successor or model.ends_on is None
    if model.successor:
        follower = MODELS[model.successor]
        assert (follower.provider, follower.kind) == (model.provider, model.kind)
    # A circle of successors would never return.
    last = MODELS[serving(model.name, LONG_AFTER, MODELS)]
    assert last.successor == ""


@pytest.mark.parametrize("voice", VOICES.values(), ids=str)
def test_a_voice_moves_with_its_model_and_keeps_its_gender(voice: Voice) -> None:
    newest = serving(voice.model, LONG_AFTER, {voice.model})
    moved = VOICES[serving_voice(voice.id, newest)]
    assert (moved.model, moved.gender) == (newest, voice.gender)
    assert serving_voice(voice.id, voice.model) == voice.id


def test_voices_of_one_model_never_become_one_voice() -> None:
    moved = [voice.successor for voice in VOICES.values() if voice.successor]
    assert len(moved) == len(set(moved))


def test_the_genders_are_the_providers_own() -> None:
    genders = {voice.id: voice.gender for voice in VOICES.values() if voice.model == "bulbul:v2"}
    assert {name for name, gender in genders.items() if gender == "female"} == {"anushka", "manisha", "vidya", "arya"}
    assert {name for name, gender in genders.items() if gender == "male"} == {"abhilash", "karun", "hitesh"}


def test_the_defaults_are_in_the_catalogue() -> None:
    assert (MODELS[STT_MODEL].kind, MODELS[TTS_MODEL].kind) == ("stt", "tts")
    assert all(MODELS[name].provider == provider for provider, name in LLM_DEFAULTS.items())
    assert MODELS[LLM_DEFAULTS["groq"]].extra == {"reasoning_effort": "low"}
