"""Values that a model, a visitor or staff hand over: the form in which they are kept, or what to ask instead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.contract import FieldToFindOut
from leads.checks import BadValueError, clean_value

FRIDAY = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # Saturday in India


def field(kind: str, *choices: str) -> FieldToFindOut:
    told = {"key": kind, "label": "It", "kind": kind, "choices": list(choices)}
    return FieldToFindOut.model_validate(told)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("phone", "98450 12345", "+919845012345"),
        ("phone", "+91 98450-12345", "+919845012345"),
        ("phone", "098450 12345", "+919845012345"),
        ("phone", 9845012345, "+919845012345"),
        ("phone", "९८४५० १२३४५", "+919845012345"),
        ("phone", "नौ आठ चार पाँच शून्य एक दो तीन चार पाँच", "+919845012345"),
        ("email", "Ravi@Example.in", "ravi@example.in"),
        ("email", "रवि ऐट जीमेल डॉट कॉम", "ravi@gmail.com"),
        ("number", "1,200", "1200"),
        ("number", 2.5, "2.5"),
        ("number", "ढाई", "2.5"),
        ("number", "2 या 3", "2-3"),
        ("money", "₹ 65,00,000", "6500000"),
        ("money", "1.5 lakh", "150000"),
        ("money", "50 to 60 lakh", "5000000-6000000"),
        ("date", "2026-11-30", "2026-11-30"),
        ("date", "कल", "2026-11-22"),
        ("yes_no", "No", "no"),
        ("yes_no", "जी हाँ", "yes"),
        ("name", " राहुल \n शर्मा ", "राहुल शर्मा"),
        ("text", "a\0b", "ab"),
        ("text", None, ""),
        ("phone", "  ", ""),
    ],
)
def test_a_good_value_is_kept_in_one_form(kind: str, given: Any, kept: str) -> None:
    assert clean_value(field(kind), given, language="hi-IN", at=FRIDAY) == kept


def test_a_choice_is_kept_as_staff_wrote_it() -> None:
    assert clean_value(field("choice", "North Side", "South Side"), "south side.") == "South Side"
    with pytest.raises(BadValueError, match="one of: North, South"):
        clean_value(field("choice", "North", "South"), "East")


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        ("phone", "98450", "ten digits"),
        ("phone", "0000000000", "ten digits"),
        ("phone", "98450 12345 or 98450 54321", "ten digits"),
        ("email", "ravi at home", "letter by letter"),
        ("number", "many", "not a number"),
        ("number", "1 2 3 4 5", "not a number"),
        ("number", "NaN", "not a number"),
        ("money", "a lot", "not an amount"),
        ("date", "some day", "which day"),
        ("date", "2026-13-40", "which day"),
        ("yes_no", "perhaps", "yes or no"),
        ("text", "x" * 501, "few words"),
    ],
)
def test_a_bad_value_says_what_to_ask(kind: str, given: Any, says: str) -> None:
    with pytest.raises(BadValueError, match=says):
        clean_value(field(kind), given, language="hi-IN", at=FRIDAY)
