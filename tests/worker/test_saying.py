"""How words are said: the agent's list against text that comes in pieces."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.contract import SayAs
from agents.worker.saying import say_as

pytestmark = pytest.mark.asyncio

WORDS = {
    "AC": "A C",
    "AC service": "A C servicing",
    "एमआई": "ई एम आई",
    "C++": "C plus plus",
    "Sunrise Homes": "Sun Rise",
}


async def said(pieces: Sequence[str], words: dict[str, str]) -> list[str]:
    async def come() -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    return [piece async for piece in say_as(come(), [SayAs(word=word, say=say) for word, say in words.items()])]


async def spoken(text: str, words: dict[str, str] = WORDS) -> str:
    return "".join(await said([text], words))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The AC, ac and Ac.", "The A C, A C and A C."),
        ("AC's back", "A C's back"),
        ("back pACk ACs 2AC AC_2", "back pACk ACs 2AC AC_2"),
        ("Our AC service, an AC serviced", "Our A C servicing, an A C serviced"),
        ("C++ and C+", "C plus plus and C+"),
        ("SUNRISE HOMES in Sunrise", "Sun Rise in Sunrise"),
        ("आपकी एमआई। एमआईवाला", "आपकी ई एम आई। एमआईवाला"),
    ],
)
async def test_whole_words_are_said_as_the_list_says(text: str, expected: str) -> None:
    assert await spoken(text) == expected


@pytest.mark.parametrize(
    ("word", "longer"),
    [
        ("क", "कि"),  # a vowel sign
        ("क", "क्"),  # a virama
        ("த", "தே"),
        ("ক", "কো"),
        ("ਕ", "ਕੀ"),
        ("ക", "ക\u200dഷ"),  # a joiner
    ],
)
async def test_a_sign_after_a_letter_belongs_to_the_word(word: str, longer: str) -> None:
    assert await spoken(f"{longer} {word} {longer}", {word: "x"}) == f"{longer} x {longer}"
    assert "".join(await said([word, longer[len(word) :], " "], {word: "x"})) == f"{longer} "


async def test_a_letter_is_the_same_in_one_piece_and_in_two() -> None:
    whole, parts = "সড়ক", "স\u09a1\u09bcক"
    assert await spoken(whole, {parts: "x"}) == await spoken(parts, {whole: "x"}) == "x"
    assert "".join(await said(["স\u09a1", "\u09bcক "], {whole: "x"})) == "x "


async def test_what_is_put_in_is_not_looked_at_again() -> None:
    assert await spoken("AC DC", {"AC": "DC", "DC": "AC"}) == "DC AC"


async def test_a_word_is_held_only_until_it_is_known() -> None:
    assert await said(["Sun", "rise ", "Homes", ", yes. ", "The A", "C", ", "], WORDS) == [
        "Sun Rise, yes. ",
        "The ",
        "A C, ",
    ]
    assert await said(["Sunrise ", "at six"], WORDS) == ["Sunrise at ", "six"]


async def test_without_a_list_every_piece_goes_on_as_it_came() -> None:
    assert await said(["a", "\u0958", " "], {}) == ["a", "\u0958", " "]
    assert await said(["a ", "b"], {" ": "x"}) == ["a ", "b"]


@given(st.data())
async def test_pieces_make_no_difference(data: st.DataObject) -> None:
    parts = [*WORDS, "ac", "service", "Sunrise", "एम", "ा", " ", " ", ",", "+", "C", "x"]
    text = "".join(data.draw(st.lists(st.sampled_from(parts), max_size=12)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(await said(pieces, WORDS)) == unicodedata.normalize("NFC", await spoken(text))
