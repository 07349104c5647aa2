"""What must happen in an example, decided by plain comparison."""

from __future__ import annotations

from typing import Any

import pytest

from agents.examples import Expected, Fault, Said, Step, ToolUse, faults, fold, holds, keeps_language
from agents.languages import LANGUAGES

HELLO = Said("agent", "Hello! I am Asha of Sharma Clinic.")
SAVED = ToolUse("save_details", {"name": "Rahul Sharma", "phone": "98450 12345", "flats": 2}, True, "Saved.")
# How people in cities talk: the words around are English, those between them are not.
MIXED = {
    "hi-IN": "आपका appointment Monday morning 10 AM पर confirm है",
    "ta-IN": "உங்க appointment Monday morning confirm ஆயிடுச்சு",
    "bn-IN": "আপনার appointment Monday confirm হয়ে গেছে",
    "or-IN": "ଆପଣଙ୍କ appointment Monday confirm ହୋଇଗଲା",
    "pa-IN": "ਤੁਹਾਡੀ appointment Monday confirm ਹੋ ਗਈ ਹੈ",
    "en-IN": "Your appointment with डॉक्टर शर्मा is on Monday",
}


def talk(*replies: str) -> list[Step]:
    return [HELLO, Said("visitor", "When do you open?"), *(Said("agent", reply) for reply in replies)]


def wrong(steps: list[Step], **wanted: Any) -> list[Fault]:
    return faults(Expected("en-IN", **wanted), steps)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("क़लम", "क\u093cलम"),  # one letter with its dot, or two
        ("क्\u200dष", "क्ष"),
        ("न\u200cमस्ते", "नमस्ते"),
        ("two   words\n", "two words"),
    ],
    ids=["case", "composition", "ZWJ", "ZWNJ", "space"],
)
def test_texts_are_the_same_after_folding(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("text", "phrase", "is_there"),
    [
        ("We open on MONDAY, at 10:30.", "monday at 10:30", True),
        ("We are open now.", "no", False),
        ("It costs 5000 rupees.", "500", False),
        ("It costs ₹500.", "500", True),
        ("हम सोमवार को खुलते हैं।", "सोमवार", True),
        ("சனிக்கிழமையில் திறந்திருக்கும்", "சனிக்கிழமை", True),
        ("சனிக்கிழமை", "கிழமை", False),
        ("नहीं", "ही", False),
        ("फ्लैट ५०० का", "५०", False),
        ("Open on Monday and closed at 7", "Monday at 7", False),
        ("Anything", "!", False),
    ],
)
def test_words_are_found_whole_and_in_order(text: str, phrase: str, is_there: bool) -> None:
    assert holds(text, phrase) is is_there


def test_each_phrase_must_come_in_some_reply() -> None:
    steps = talk("We open at ten.", "On Sunday we are closed.")
    assert wrong(steps, says=["at ten", "sunday"]) == []
    assert wrong(steps, says=["at ten", "at eleven"]) == [Fault("says", "at eleven")]


def test_no_phrase_that_must_not_be_said_may_come_in_any() -> None:
    steps = talk("We open at ten.", "A discount is possible.")
    assert wrong(steps, never_says=["loan", "discount"]) == [Fault("never_says", "discount")]


def test_neither_the_greeting_nor_the_visitor_counts() -> None:
    steps = talk("At ten.")
    assert wrong(steps, says=["Sharma Clinic"]) == [Fault("says", "Sharma Clinic")]
    assert wrong(steps, never_says=["Sharma Clinic", "open"]) == []


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({}, True),
        ({"phone": "98450  12345", "name": "RAHUL SHARMA"}, True),
        ({"flats": "2"}, True),
        ({"phone": "9845012345"}, False),
        ({"name": "Rahul Sharma", "email": "a@b.in"}, False),
    ],
)
def test_a_tool_must_be_used_once_with_all_the_values(values: dict[str, str], fits: bool) -> None:
    steps = [*talk("Saved."), SAVED]
    found = wrong(steps, tool="save_details", tool_values=values)
    assert [fault.kind for fault in found] == ([] if fits else ["tool"])


def test_values_of_two_uses_are_not_put_together() -> None:
    uses: list[Step] = [
        ToolUse("save_details", {"name": "Rahul"}, True, ""),
        ToolUse("save_details", {"flats": 2}, True, ""),
    ]
    assert wrong(uses, tool="save_details", tool_values={"name": "Rahul", "flats": "2"}) == [
        Fault("tool", "name=Rahul, flats=2")
    ]


def test_another_tool_is_not_the_tool() -> None:
    assert wrong([*talk("Bye."), SAVED], tool="end_call") == [Fault("tool", "")]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_is_known_by_its_script(code: str) -> None:
    assert keeps_language(LANGUAGES[code].greeting, code)
    others = {other.script for other in LANGUAGES.values() if keeps_language(LANGUAGES[code].greeting, other.code)}
    assert others == {LANGUAGES[code].script}


@pytest.mark.parametrize("code", MIXED)
def test_english_words_in_an_indian_sentence_are_that_language(code: str) -> None:
    assert keeps_language(MIXED[code], code)


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("Your appointment is on Monday", False),
        ("aap ka appointment Monday ko hai", False),
        ("Your appointment Monday morning ten AM confirm ठीक", False),
        ("ठीक है। உங்க அப்பாயின்ட்மென்ட் உறுதி", False),
        ("OK, Rahul!", True),
        ("12345 67890 11", True),
    ],
    ids=["English", "in Latin letters", "one word of it", "more Tamil than Hindi", "too little to tell", "numbers"],
)
def test_a_reply_in_another_script_is_not_hindi(reply: str, kept: bool) -> None:
    assert keeps_language(reply, "hi-IN") is kept


def test_one_reply_out_of_the_language_is_a_fault_and_told() -> None:
    steps = talk("We open at ten.", "हम दस बजे खुलते हैं।")
    assert wrong(steps, keeps_language=True) == [Fault("language", "हम दस बजे खुलते हैं।")]
    assert wrong(steps) == []
