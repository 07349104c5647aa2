"""Murmurs, farewells, questions and unfinished numbers, as words."""

from __future__ import annotations

import pytest

from agents.digits import in_a_number
from agents.languages import LANGUAGES
from agents.smalltalk import SMALL_TALK, is_backchannel, is_question, says_farewell


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_language_has_its_words(code: str) -> None:
    talk = SMALL_TALK[code]
    assert all(is_backchannel(phrase, [code]) for phrase in talk.backchannels)
    assert all(says_farewell(text, code) for text in (talk.nobody_there, talk.time_up, talk.goodbye))
    assert is_question(talk.still_there)
    assert not says_farewell(talk.still_there, code)
    assert not says_farewell(talk.minute_left, code)
    assert not says_farewell(LANGUAGES[code].greeting, code)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("हां जी।", "hi-IN"),  # with anusvara, as the ear writes it
        ("हाँ हाँ, ठीक है", "hi-IN"),
        ("Okay, okay.", "ta-IN"),  # English everywhere
        ("Hmm", "bn-IN"),
        ("சரிங்க, சரி.", "ta-IN"),
        ("ఆఁ అవును", "te-IN"),
    ],
)
def test_a_murmur(text: str, language: str) -> None:
    assert is_backchannel(text, [language])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("हाँ, रुकिए", "hi-IN"),
        ("नहीं", "hi-IN"),
        ("एक मिनट", "hi-IN"),
        ("ना", "gu-IN"),
        ("इल्ल", "ta-IN"),
        ("ok wait", "en-IN"),
        ("no", "en-IN"),
        ("अच्छा बताइए", "hi-IN"),
        ("சரி", "hi-IN"),  # a word of a language nobody speaks here
        ("", "hi-IN"),
        ("।", "hi-IN"),
    ],
)
def test_no_murmur(text: str, language: str) -> None:
    assert not is_backchannel(text, [language])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("बहुत धन्यवाद, नमस्ते जी।", "hi-IN"),
        ("आपका दिन शुभ हो।", "hi-IN"),
        ("Thank you. Goodbye, Ravi!", "en-IN"),
        ("Have a nice day.", "en-IN"),
        ("ਧੰਨਵਾਦ ਜੀ, ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਜੀ।", "pa-IN"),
    ],
)
def test_a_farewell(text: str, language: str) -> None:
    assert says_farewell(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("नमस्ते जी, आगे बताइए।", "hi-IN"),
        ("नमस्ते, आप कैसे हैं?", "hi-IN"),
        ("Goodbye?", "en-IN"),
        ("बायोडाटा", "hi-IN"),
        ("", "hi-IN"),
    ],
)
def test_no_farewell(text: str, language: str) -> None:
    assert not says_farewell(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "मेरा नंबर 98409",
        "98409 5095",
        "9",
        "মোবাইল ৯৮৩০",
        "nine eight",
        "नौ आठ डबल चार",
        "नाइन एट डबल फोर",
        "it is 98-40",
        "98409,",
    ],
)
def test_in_the_middle_of_a_number(text: str) -> None:
    assert in_a_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "मेरा नंबर 98409 50950",
        "98409 50950 है",
        "बजट 65 लाख",
        "मुझे वो दे दो",  # give
        "2 BHK चाहिए",
        "तीन बजे",
        "",
        "जी हाँ",
        "double nine eight four zero nine five zero nine five",
    ],
)
def test_not_in_the_middle_of_a_number(text: str) -> None:
    assert not in_a_number(text)
