"""Numbers over several turns: in pieces, corrected, read back."""

from __future__ import annotations

import pytest

from leads.reading.corrections import Place, corrected
from leads.spoken import FoundPhone, Spoken, find_phones, find_phones_in_turns

FIRST, SECOND = "+919840950950", "+919840950951"


def call(*texts: str) -> list[Spoken]:
    """Turns of a call, those of the agent marked by a dash."""
    return [Spoken("agent", t[1:].strip()) if t.startswith("-") else Spoken("visitor", t) for t in texts]


@pytest.mark.parametrize(
    ("language", "turns"),
    [
        ("hi-IN", ["मेरा नंबर है 98409", "- जी", "50950"]),
        ("hi-IN", ["नौ आठ चार शून्य नौ", "- हाँ जी, आगे बताइए", "पाँच शून्य नौ पाँच शून्य है"]),
        ("en-IN", ["nine eight four oh nine", "- nine eight four zero nine, yes?", "five oh nine five oh"]),
        ("en-IN", ["nine eight four zero nine", "- and the rest of the number please, I am noting it down?", "50950"]),
        ("ta-IN", ["தொண்ணூற்றி எட்டு நாற்பது", "- சரிங்க", "தொண்ணூற்றி ஐந்து பூஜ்யம் ஒன்பது ஐம்பது"]),
        ("en-IN", ["98409", "- sorry, could you say that once more for me?", "98409 50950"]),
        ("en-IN", ["98409", "- hello? can you hear me on the line?", "98409", "- ok", "50950"]),
        ("en-IN", ["98409", "- once more please", "98409", "- ok", "50950"]),
        ("en-IN", ["98409 no sorry 98409 50950"]),
        ("en-IN", ["nine eight four zero eight, sorry, zero nine, five zero nine five zero"]),
        ("en-IN", ["nine eight four zero six no nine eight four zero nine", "- mm", "50950"]),
    ],
)
def test_pieces_are_one_number(language: str, turns: list[str]) -> None:
    found = find_phones_in_turns(call(*turns), language)

    assert [(phone.e164, phone.superseded) for phone in found] == [(FIRST, False)]
    assert found[0].turns[-1] == max(at for at, text in enumerate(turns) if not text.startswith("-"))


def test_words_between_pieces_are_no_evidence() -> None:
    turns = call("984", "- yes", "one minute please", "- ok", "zero nine five", "- hmm", "0950")

    assert find_phones_in_turns(turns, "en-IN") == [FoundPhone(FIRST, (0, 4, 6))]


@pytest.mark.parametrize(
    ("language", "turns"),
    [
        ("en-IN", ["600001", "- And how many people will be coming with you to the site?", "7234"]),
        ("en-IN", ["600001", "- and the OTP?", "7234"]),
        ("en-IN", ["98409", "- yes", "I forgot, it starts like that", "- ok", "it was in my bag at home", "- ok", "and", "- ok", "50950"]),
        ("en-IN", ["we are 98409", "- ok", "people in all, about 50950"]),
        ("en-IN", ["- our number is 98409 50950", "thank you"]),
        ("en-IN", ["98409", "- 50950"]),
    ],
)  # fmt: skip
def test_other_digits_are_not_put_together(language: str, turns: list[str]) -> None:
    assert find_phones_in_turns(call(*turns), language) == []


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("hi-IN", "नहीं नहीं, आखिरी में 51"),
        ("hi-IN", "नहीं, 9840950951"),
        ("hi-IN", "सॉरी, 50951"),
        ("hi-IN", "50 नहीं 51"),
        ("en-IN", "no, not zero, one"),
        ("en-IN", "no the last two are five one"),
        ("en-IN", "no, last two five one"),
        ("en-IN", "98409 50951"),
        ("ta-IN", "இல்ல, 50951"),
        ("te-IN", "కాదు, 50951"),
        ("bn-IN", "না, শেষে 51"),
        ("ml-IN", "അല്ല, 50951"),
        ("kn-IN", "ಅಲ್ಲ, ಕೊನೆಯ 51"),
        ("gu-IN", "ના, છેલ્લે 51"),
        ("mr-IN", "नाही, शेवटी 51"),
        ("pa-IN", "ਨਹੀਂ, ਆਖਰੀ 51"),
        ("or-IN", "ନା, ଶେଷ 51"),
    ],
)
def test_a_correction_replaces_the_number(language: str, answer: str) -> None:
    found = find_phones_in_turns(call("98409 50950", "- 98409 50950?", answer, "- 98409 50951?", "yes"), language)

    assert [(phone.e164, phone.superseded, phone.confirmed) for phone in found] == [
        (FIRST, True, False),
        (SECOND, False, True),
    ]
    assert found[1].turns[-1] == 2


def test_a_whole_number_given_again_keeps_its_own_evidence() -> None:
    found = find_phones_in_turns(call("98409 50950", "- ok", "sorry, it is 70123 45678"), "en-IN")

    assert found == [FoundPhone(FIRST, (0,), superseded=True), FoundPhone("+917012345678", (2,))]


def test_another_number_replaces_nothing() -> None:
    turns = call("98409 50950", "- ok", "another number is 98409 50951", "- ok", "70123 45678 too")

    assert [phone.superseded for phone in find_phones_in_turns(turns, "en-IN")] == [False, False, False]


def test_a_number_that_comes_back_stands_again() -> None:
    turns = call("98409 50950", "- ok", "no, 98409 50951", "- ok", "no no, 98409 50950")

    assert find_phones_in_turns(turns, "en-IN") == [
        FoundPhone(FIRST, (0, 4)),
        FoundPhone(SECOND, (2,), superseded=True),
    ]


@pytest.mark.parametrize(
    ("turns", "confirmed"),
    [
        (["98409 50950", "- nine eight four zero nine, five zero nine five zero?", "yes correct"], True),
        (["98409 50950", "- nine eight four zero nine?", "yes", "- five zero nine five zero?", "yes"], True),
        (["98409 50950", "- 98409 50950, right?", "yes 98409 50950"], True),
        (["98409 50950", "- 98409 50950?", "no, that is not right"], False),
        (["98409 50950", "- ok", "yes"], False),
        (["98409 50950", "- 98409 50951?", "yes"], False),
        (["98409 50950", "- nine eight four zero nine?", "yes"], False),
    ],
)
def test_a_read_back_and_a_yes_confirm(turns: list[str], confirmed: bool) -> None:
    assert find_phones_in_turns(call(*turns), "en-IN")[0].confirmed is confirmed


def test_a_text_that_corrects_itself_has_one_number() -> None:
    assert find_phones("98409 50950, no sorry, 98409 50951", "en-IN") == [SECOND]


@pytest.mark.parametrize(
    ("digits", "wrong", "where", "new"),
    [
        ("50951", "", "", "9840950951"),
        ("98408", "", "", "9840850950"),
        ("12345", "", "", ""),  # like neither half
        ("51", "", "", ""),  # two digits alone could stand anywhere
        ("51", "", "last", "9840950951"),
        ("97", "", "first", "9740950950"),
        ("17", "", "first", ""),  # no mobile number
        ("5", "4", "", "9850950950"),
        ("1", "0", "", "9840950951"),  # the last of several
        ("1", "7", "", ""),
        ("12", "4", "", ""),
        ("9840950951", "", "", ""),
    ],
)
def test_corrected(digits: str, wrong: str, where: Place, new: str) -> None:
    assert corrected("9840950950", digits, wrong, where) == new
