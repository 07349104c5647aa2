"""The page's sentences: which language it begins in, and that every language's catalogue is whole."""

from __future__ import annotations

import re
import unicodedata

import pytest
from django.test import Client

from agents.languages import LANGUAGES
from calls.wording import ENGLISH, FOLDER, catalogue, edition, preferred_language, wording

OFFERED = ["en-IN", "hi-IN", "ta-IN", "or-IN"]
BRACES = re.compile(r"\{\w+\}")


@pytest.mark.parametrize(
    ("link", "remembered", "browser", "expected"),
    [
        ("ta-IN", "or-IN", "hi-IN", "ta-IN"),
        ("bn-IN", "or-IN", "hi-IN", "or-IN"),
        ("", "bn-IN", "hi-IN,en;q=0.9", "hi-IN"),
        ("", "", "en-IN,en;q=0.9,ta;q=0.8", "ta-IN"),
        ("", "", "ta;q=0.5, OR-in;q=0.8", "or-IN"),
        ("", "", "bn,mr;q=0.9", "hi-IN"),
        ("", "", "en-US,en;q=0.9", "hi-IN"),
        ("", "", "ta;q=much,*", "hi-IN"),
        ("en-IN", "", "", "en-IN"),
        ("", "en-IN", "ta", "en-IN"),
        ("", "", "", "hi-IN"),
    ],
)
def test_language_to_begin_with(link: str, remembered: str, browser: str, expected: str) -> None:
    assert preferred_language(OFFERED, "hi-IN", link=link, remembered=remembered, browser=browser) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_sentence_and_its_braces(language: str) -> None:
    english, own = catalogue(ENGLISH), catalogue(language)
    assert own.keys() == english.keys()
    for name, text in own.items():
        assert text == text.strip() != ""
        assert sorted(BRACES.findall(text)) == sorted(BRACES.findall(english[name])), name


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != ENGLISH])
def test_a_sentence_is_in_its_languages_own_script(language: str) -> None:
    script = {"Odia": "ORIYA"}.get(LANGUAGES[language].script, LANGUAGES[language].script.upper())
    for name, text in catalogue(language).items():
        letters = [letter for letter in BRACES.sub("", text) if letter.isalpha()]
        own = [letter for letter in letters if unicodedata.name(letter).startswith(script)]
        assert len(own) > len(letters) / 2, f"{name}: {text}"


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == LANGUAGES.keys()


def test_words_agreed_to_have_a_name_of_their_own_in_each_language() -> None:
    names = [wording(code)["consentVersion"] for code in LANGUAGES]
    assert len(set(names)) == len(LANGUAGES)
    assert all(len(name) <= 20 for name in names)


def test_texts_of_another_language_are_fetched_and_kept(client: Client) -> None:
    response = client.get(f"/texts/{edition()}/ta-IN.json")
    assert response.json() == wording("ta-IN")
    assert "immutable" in response["Cache-Control"]
    assert client.get(f"/texts/{edition()}/fr-FR.json").status_code == 404
