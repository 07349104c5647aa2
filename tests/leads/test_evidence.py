"""From which turns a value comes: transcripts in, findings out."""

from __future__ import annotations

import pytest

from agents.contract import FieldToFindOut
from leads.evidence import Finding, is_confirmed, judge, standing
from tests.leads.talk import NUMBER, READ_BACK, transcript

KINDS = ("name", "phone", "email", "money", "number", "date", "yes_no", "text", "choice")
FIELDS = {kind: FieldToFindOut.model_validate({"key": kind, "label": kind, "kind": kind}) for kind in KINDS}
OTHER = "+919000000001"


def found(kind: str, value: str, *lines: str, pointed: tuple[str, ...] = (), language: str = "hi-IN") -> Finding:
    return judge(FIELDS[kind], value, transcript(*lines, language=language), pointed)


# Phone numbers ----------------------------------------------------------------------------------


def test_a_number_in_pieces_is_one_number_with_all_its_turns() -> None:
    lines = ("नौ आठ चार पाँच शून्य", "> जी", "एक दो तीन चार पाँच")
    assert found("phone", NUMBER, *lines) == Finding(NUMBER, "heard", ("1.1", "1.3"))


def test_what_the_transcript_holds_stands_before_what_a_model_says_and_both_are_shown() -> None:
    assert found("phone", OTHER, "98450 12345") == Finding(NUMBER, "heard", ("1.1",), other=OTHER)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("हाँ जी, सही है", "confirmed"),
        ("ஆமா சரி", "heard"),  # not a word of this call's languages
        ("yes correct", "confirmed"),
        ("हाँ 98450 12345", "confirmed"),
        ("नहीं", "heard"),
        ("हाँ, पर नहीं", "heard"),
        ("ठीक, और पता?", "confirmed"),
        ("मुझे फ्लैट चाहिए", "heard"),
    ],
)
def test_it_is_confirmed_when_it_was_read_back_and_the_visitor_agreed(answer: str, state: str) -> None:
    finding = found("phone", NUMBER, "98450 12345", READ_BACK, answer)
    assert (finding.value, finding.state) == (NUMBER, state)
    assert finding.turns == (("1.1", "1.2", "1.3") if state == "confirmed" else ("1.1",))


def test_a_yes_to_something_else_confirms_nothing() -> None:
    said = transcript("98450 12345", "> क्या आपको लोन चाहिए?", "हाँ")
    assert not is_confirmed(NUMBER, said)
    assert not is_confirmed(NUMBER, transcript("98450 12345", READ_BACK, "हाँ, 98450 54321"))
    assert is_confirmed(NUMBER, transcript("98450 12345", READ_BACK, "हाँ"))


@pytest.mark.parametrize(
    "lines",
    [
        ("98450 12344", "नहीं, सॉरी, 98450 12345"),
        ("98450 12344", "> नौ आठ चार पाँच शून्य, एक दो तीन चार चार, सही है?", "नहीं, पाँच", READ_BACK, "हाँ"),
    ],
    ids=["in its place", "read back anew"],
)
def test_a_correction_replaces_the_slip(lines: tuple[str, ...]) -> None:
    stands = standing("phone", transcript(*lines))
    assert stands
    assert stands.value == NUMBER
    assert found("phone", "+919845012344", *lines).value == NUMBER
    assert found("phone", NUMBER, *lines).other == ""


@pytest.mark.parametrize("last", ["नहीं, सॉरी, 98450 12346", "नहीं, सॉरी, 90000 00001"], ids=["much alike", "another"])
def test_a_correction_of_what_was_agreed_to_replaces_that_too(last: str) -> None:
    stands = standing("phone", transcript("98450 12345", READ_BACK, "हाँ", last))
    assert stands
    assert stands == found("phone", stands.value, "98450 12345", READ_BACK, "हाँ", last)
    assert (stands.value != NUMBER, stands.state, stands.turns) == (True, "heard", ("1.4",))
    assert found("phone", NUMBER, "98450 12345", READ_BACK, "हाँ", last) == Finding(
        stands.value, "heard", ("1.4",), other=NUMBER
    )


def test_a_number_that_only_the_agent_named_is_nobodys() -> None:
    lines = ("> हमारा नंबर 98450 12345 है, ठीक है?", "हाँ")
    assert standing("phone", transcript(*lines)) is None
    assert found("phone", NUMBER, *lines).state == "confirmed", (
        "a model that takes it for the visitor's has a yes for it"
    )
    assert found("phone", OTHER, *lines) == Finding(OTHER)


def test_of_two_numbers_the_one_agreed_to_stands_and_a_model_may_name_either() -> None:
    lines = ("98450 12345", READ_BACK, "हाँ", "पति का दूसरा नंबर 90000 00001 है")
    stands = standing("phone", transcript(*lines))
    assert stands
    assert (stands.value, stands.state) == (NUMBER, "confirmed")
    assert found("phone", OTHER, *lines) == Finding(OTHER, "heard", ("1.4",))


def test_the_language_spoken_is_that_of_the_visitors_turns() -> None:
    said = transcript("தொண்ணூற்றி எட்டு நாலு அஞ்சு பூஜ்யம்", "ஒண்ணு ரெண்டு மூணு நாலு அஞ்சு", language="ta-IN")
    stands = standing("phone", said)
    assert stands
    assert (stands.value, stands.turns) == (NUMBER, ("1.1", "1.2"))


# E-mail addresses -------------------------------------------------------------------------------


def test_an_address_is_heard_as_it_is_said_and_confirmed_when_read_back() -> None:
    said = ("मेरा ईमेल रवि ऐट जीमेल डॉट कॉम है", "> ravi@gmail.com, सही है?", "जी हाँ")
    assert found("email", "ravi@gmail.com", said[0]) == Finding("ravi@gmail.com", "heard", ("1.1",))
    assert found("email", "ravi@gmail.com", *said).state == "confirmed"
    assert found("email", "rabi@gmail.com", said[0]).other == "rabi@gmail.com"


# Everything else --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "line", "state"),
    [
        ("name", "राहुल शर्मा", "मेरा नाम राहुल शर्मा है", "heard"),
        ("name", "Rahul Sharma", "मेरा नाम राहुल शर्मा है", "heard"),
        ("name", "राहुल", "my name is Rahul", "heard"),
        ("name", "राहुल वर्मा", "मेरा नाम राहुल है", "inferred"),
        ("name", "रवि", "मेरा नाम राहुल है", "inferred"),
        ("money", "150000", "बजट डेढ़ लाख है", "heard"),
        ("money", "5000000-6000000", "पचास से साठ लाख", "heard"),
        ("money", "5000000-7000000", "पचास से साठ लाख", "inferred"),
        ("money", "250000", "बजट डेढ़ लाख है", "inferred"),
        ("number", "2", "2 BHK चाहिए", "heard"),
        ("date", "2026-11-21", "कल आऊँगा", "inferred"),
        ("date", "2026-12-05", "5 December को आऊँगा", "heard"),
        ("choice", "Pune", "मुझे पुणे में चाहिए", "heard"),
        ("text", "दो बेडरूम फ्लैट बाणेर", "बाणेर में दो बेडरूम का फ्लैट देखना है", "heard"),
        ("text", "a villa with a garden", "बाणेर में दो बेडरूम का फ्लैट देखना है", "inferred"),
    ],
)
def test_values_compare_by_what_they_mean(kind: str, value: str, line: str, state: str) -> None:
    finding = found(kind, value, "> नमस्ते, बताइए", line)
    assert (finding.value, finding.state, finding.other) == (value, state, "")
    assert finding.turns == (("1.2",) if state == "heard" or kind == "date" else ())


def test_a_name_may_come_in_two_turns() -> None:
    assert found("name", "राहुल शर्मा", "राहुल", "> और सरनेम?", "शर्मा").turns == ("1.1", "1.3")


def test_what_no_turn_supports_stays_inferred_with_the_turns_pointed_at() -> None:
    assert found("text", "a garden", "घर देखना है", pointed=("1.1", "1.9")) == Finding("a garden", turns=("1.1",))


def test_a_yes_to_the_agents_own_words_counts_only_where_it_was_pointed_at() -> None:
    asked = ("> क्या आपका बजट पचास लाख है?", "जी हाँ")
    assert found("money", "5000000", *asked, pointed=("1.2",)) == Finding("5000000", "confirmed", ("1.1", "1.2"))
    assert found("money", "5000000", *asked) == Finding("5000000")
    told = ("> हमारे फ्लैट पचास लाख से हैं।", "जी हाँ")
    assert found("money", "5000000", *told, pointed=("1.2",)).state == "inferred", "that was no question"


@pytest.mark.parametrize(("value", "state"), [("yes", "heard"), ("no", "inferred")])
def test_yes_and_no_are_the_answer_that_was_pointed_at(value: str, state: str) -> None:
    lines = ("> लोन चाहिए?", "जी हाँ", "> पार्किंग?", "नहीं")
    assert found("yes_no", value, *lines, pointed=("1.2",)) == Finding(value, state, ("1.2",))  # type: ignore[arg-type]
    assert found("yes_no", value, *lines) == Finding(value)


def test_what_only_the_agent_said_was_not_heard() -> None:
    assert found("name", "Asha", "> मैं आशा बोल रही हूँ", "नमस्ते") == Finding("Asha")
