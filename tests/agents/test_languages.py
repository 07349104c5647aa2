"""The eleven languages: their codes, and that each one's own words are in its own script."""

from __future__ import annotations

import unicodedata

import pytest

from agents.languages import LANGUAGES, Language, from_sarvam

# What Unicode calls a script, where it is not what we call it.
SCRIPT_NAMES = {"Odia": "ORIYA", "Bengali": "BENGALI"}


def test_there_are_the_eleven_of_the_product() -> None:
    spoken = "hi ta te bn mr gu kn ml pa or en"
    assert list(LANGUAGES) == [f"{code}-IN" for code in spoken.split()]


def test_sarvams_own_codes_exist_only_at_the_edge() -> None:
    assert {lang.code: lang.sarvam_code for lang in LANGUAGES.values() if lang.sarvam_code != lang.code} == {
        "or-IN": "od-IN"
    }
    assert all(from_sarvam(lang.sarvam_code) == lang.code for lang in LANGUAGES.values())
    assert from_sarvam("od-IN") == "or-IN"


@pytest.mark.parametrize("code", ["or-IN", "unknown", "fr-FR", "", None])
def test_a_code_sarvam_does_not_use_is_no_language(code: str | None) -> None:
    assert from_sarvam(code) is None


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda lang: lang.code)
def test_each_speaks_in_its_own_script(language: Language) -> None:
    script = SCRIPT_NAMES.get(language.script, language.script.upper())
    assert language.greeting.count("{agent_name}") == 1
    for text in (language.own_name, language.polite_pronoun, language.greeting, language.apology, language.resumed):
        letters = {char for char in text.replace("{agent_name}", "") if unicodedata.category(char) == "Lo"} or {
            char for char in text if char.isalpha()
        }
        assert letters
        assert {unicodedata.name(char).split()[0] for char in letters} == {script}


def test_the_turn_detector_is_used_where_it_is_calibrated() -> None:
    assert [lang.code for lang in LANGUAGES.values() if lang.semantic_turns] == ["hi-IN", "en-IN"]


def test_verbs_show_the_speaker_where_they_do() -> None:
    assert {lang.code for lang in LANGUAGES.values() if lang.gendered_verbs} == {"hi-IN", "mr-IN", "gu-IN", "pa-IN"}
