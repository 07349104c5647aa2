"""Whatever way a mobile number is said, it comes back exactly; and digits that are none never become one."""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from agents.languages import LANGUAGES
from agents.smalltalk import SMALL_TALK
from leads.number_words.lexicon import lexicon, number_word
from leads.number_words.spelling import fold
from leads.spoken import FoundPhone, Spoken, find_phones, find_phones_in_turns, say_digits
from tests.leads.spoken.rendering import mobiles, said

every_language = pytest.mark.parametrize("language", LANGUAGES)
# A failing text is short enough to read as it is: shrinking it would only take minutes.
quick = settings(max_examples=20, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])


@every_language
@quick
@given(data=st.data(), number=mobiles, prefix=st.sampled_from(["", "", "+91 ", "91 ", "0", "plus nine one "]))
def test_a_mobile_number_comes_back_exactly(language: str, data: st.DataObject, number: str, prefix: str) -> None:
    pieces = data.draw(said(number, language, tens=not prefix))
    apart = data.draw(st.lists(st.sampled_from([" ", ", "]), min_size=len(pieces), max_size=len(pieces)))
    text = prefix + "".join(piece + gap for piece, gap in zip(pieces, apart, strict=True))

    assert find_phones(text, language) == [f"+91{number}"], text


@every_language
@quick
@given(data=st.data(), number=mobiles)
def test_a_number_in_pieces_is_one_number_with_its_turns(language: str, data: st.DataObject, number: str) -> None:
    pieces = data.draw(said(number, language, tens=False))
    assume(len(pieces) > 1)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(pieces) - 1), min_size=1, max_size=3)))
    parts = [" ".join(pieces[start:end]) for start, end in zip([0, *cuts], [*cuts, len(pieces)], strict=True)]
    yes = data.draw(st.sampled_from(SMALL_TALK[language].backchannels))
    turns = [turn for part in parts for turn in (Spoken("visitor", part), Spoken("agent", yes))]

    assert find_phones_in_turns(turns, language) == [FoundPhone(f"+91{number}", tuple(range(0, len(turns), 2)))], turns


@every_language
@quick
@given(data=st.data(), digits=st.from_regex(r"[0-9]{1,14}", fullmatch=True))
def test_other_digits_are_no_phone_number(language: str, data: st.DataObject, digits: str) -> None:
    assume(not re.fullmatch(r"(0|91|091|0091)?[6-9]\d{9}", digits) and len(digits) != 11)  # eleven may be a landline
    pieces = data.draw(said(digits, language, tens=False))

    found = find_phones(" ".join(pieces), language)
    assert [phone for phone in found if phone[3:] not in digits] == []
    assert len(digits) >= 10 or not found


@every_language
@quick
@given(number=mobiles)
def test_what_the_agent_says_is_read_as_the_number(language: str, number: str) -> None:
    text = say_digits(f"+91{number}", language)

    assert not re.search(r"\d", text)
    assert len(text.split(", ")) == 2
    assert find_phones(text, language) == [f"+91{number}"]


@pytest.mark.parametrize("text", ["9840950950", "+", "", "+91 98409", "+९८४०९५०९५०"])
def test_only_a_whole_number_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="not an E"):
        say_digits(text, "hi-IN")


def test_a_foreign_number_is_said_with_its_country() -> None:
    assert say_digits("+14155552671", "en-IN") == "one four one, five five five, five two six, seven one"


@every_language
def test_every_number_to_ninety_nine_has_one_meaning(language: str) -> None:
    words = lexicon(language)
    wrong = {
        word: (words[fold(word)].value, value)
        for value in range(100)
        for word in number_word(language, value)
        if words[fold(word)].value != value
    }
    assert wrong == {}
