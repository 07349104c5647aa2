"""The ready agents are usable as they stand, in every language."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from agents import ready
from agents.contract import AgentConfig
from agents.drafts import import_draft
from agents.files import dump_agent
from agents.grammar import warnings_for
from agents.languages import LANGUAGES
from agents.prompt import INDIA, greeting, instructions, substitute
from agents.ready import BRIEFS, TRADES, ready_config

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=INDIA)
ALL = [(trade, brief) for trade in TRADES for brief in BRIEFS]
BLOCKS = {
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Odia": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Latin": "A-Za-z",
}
MARKS = " !?,.'0-9\u0964\u200c"  # the danda is one for all scripts
AN_ASSISTANT = {
    "hi-IN": "एआई असिस्टेंट",
    "ta-IN": "ஏஐ அசிஸ்டென்ட்",
    "te-IN": "ఏఐ అసిస్టెంట్",
    "bn-IN": "এআই অ্যাসিস্ট্যান্ট",
    "mr-IN": "एआय असिस्टंट",
    "gu-IN": "એઆઈ આસિસ્ટન્ટ",
    "kn-IN": "ಎಐ ಅಸಿಸ್ಟೆಂಟ್",
    "ml-IN": "എഐ അസിസ്റ്റന്റ്",
    "pa-IN": "ਏਆਈ ਅਸਿਸਟੈਂਟ",
    "or-IN": "ଏଆଇ ଆସିଷ୍ଟାଣ୍ଟ",
    "en-IN": "AI assistant",
}

every_agent = pytest.mark.parametrize(("trade", "brief"), ALL)


def texts(config: AgentConfig) -> str:
    """All that staff read and edit but the greetings."""
    fields = [part for field in config.fields for part in (field.label, field.hint, *field.choices)]
    own = config.variables.values()
    return "\n".join([config.description, config.consent, *config.brief.model_dump().values(), *own, *fields])


def filled_in(config: AgentConfig) -> str:
    """All of `texts`, with the agent's own names filled in."""
    return substitute(texts(config), config.variables)


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:,\d+)*", text))


def test_each_trade_has_a_file_in_each_language_and_there_are_no_others() -> None:
    files = {path.name for path in Path(ready.__file__).parent.glob("*.yaml")}
    assert files == {f"{trade}.{brief}.yaml" for trade, brief in ALL}


@every_agent
def test_the_file_is_written_as_an_export_would_write_it(trade: str, brief: str) -> None:
    config = ready_config(trade, brief)
    text = (Path(ready.__file__).parent / f"{trade}.{brief}.yaml").read_text(encoding="utf-8")
    assert dump_agent(config) == text
    assert unicodedata.is_normalized("NFC", text)
    assert config.agent_id == trade


@every_agent
@pytest.mark.django_db
def test_the_form_has_nothing_to_say_against_it(trade: str, brief: str) -> None:
    profile = import_draft(ready_config(trade, brief))
    assert profile.published is None
    assert set(profile.languages) == set(LANGUAGES)


@every_agent
def test_it_greets_in_all_eleven_languages_each_in_its_own_script(trade: str, brief: str) -> None:
    greetings = ready_config(trade, brief).greetings
    assert list(greetings) == list(LANGUAGES)
    for code, text in greetings.items():
        assert "{agent_name}" in text
        assert AN_ASSISTANT[code] in text
        assert text.endswith("?")
        letters = BLOCKS[LANGUAGES[code].script]
        assert re.fullmatch(f"[{letters}{MARKS}{{|}}]+", text.replace("{agent_name}", "")), (code, text)


@every_agent
def test_every_voice_greets_as_itself(trade: str, brief: str) -> None:
    config = ready_config(trade, brief)
    assert warnings_for(config.greetings, config.voices) == {}
    for code in LANGUAGES:
        for voice in config.voices:
            said = greeting(config, code, voice)
            assert config.name in said
            assert not re.search("[{|}]", said)


@pytest.mark.parametrize("trade", TRADES)
def test_both_briefs_are_of_one_agent(trade: str) -> None:
    english, hindi = (ready_config(trade, brief) for brief in ("en", "hi"))
    assert english.greetings == hindi.greetings
    assert english.name == hindi.name
    assert english.say_as == hindi.say_as
    assert english.variables.keys() == hindi.variables.keys()
    assert [(field.key, field.kind, field.required, len(field.choices)) for field in english.fields] == [
        (field.key, field.kind, field.required, len(field.choices)) for field in hindi.fields
    ]
    assert len(english.brief.knows.splitlines()) == len(hindi.brief.knows.splitlines())
    assert len(english.brief.never.splitlines()) == len(hindi.brief.never.splitlines())
    assert numbers(english.brief.knows) == numbers(hindi.brief.knows)


@every_agent
def test_the_brief_is_whole_and_in_its_language(trade: str, brief: str) -> None:
    config = ready_config(trade, brief)
    assert all(config.brief.model_dump().values())
    assert config.description
    assert config.consent
    assert all(field.label for field in config.fields)
    assert {"phone"} <= {field.key for field in config.fields if field.required}
    devanagari = len(re.findall("[\u0900-\u097f]", filled_in(config)))
    latin = len(re.findall("[A-Za-z]", filled_in(config)))
    assert devanagari > 10 * latin if brief == "hi" else devanagari == 0


@every_agent
def test_nothing_is_left_to_fill_in(trade: str, brief: str) -> None:
    text = filled_in(ready_config(trade, brief))
    assert not re.search(r"[\[\]{}<>_]|TODO|XXX", text)


@every_agent
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_is_told_all_of_it(trade: str, brief: str, language: str) -> None:
    config = ready_config(trade, brief)
    prompt = instructions(config, language=language, voice=config.default_voice, visitor_name="", now=NOW)
    for part in config.brief.model_dump().values():
        assert substitute(part, config.variables) in prompt
    for field in config.fields:
        assert field.label in prompt
    assert "{" not in prompt


@pytest.mark.parametrize("brief", BRIEFS)
def test_the_clinic_names_112_and_leaves_medicine_to_the_doctor(brief: str) -> None:
    config = ready_config("clinic", brief)
    assert all("112" in text for text in config.greetings.values())
    for part in (config.description, config.consent, *config.brief.model_dump().values()):
        assert "112" in part
    advice = {"en": "Give medical advice of any kind", "hi": "किसी भी तरह की डॉक्टरी सलाह देना"}
    assert config.brief.never.startswith(advice[brief])
