from __future__ import annotations

from typing import Any

import pytest

from agents.contract import FieldToFindOut
from leads.checks import BadValueError, clean_value

PHONE = FieldToFindOut(key="phone", label="Phone number", kind="phone", required=True)
EMAIL = FieldToFindOut(key="email", label="E-mail", kind="email")
CITY = FieldToFindOut(key="city", label="City", kind="choice", choices=["Pune", "Mumbai"])
NEED = FieldToFindOut(key="need", label="Need", kind="text")


@pytest.mark.parametrize("given", ["98450 12345", "9845012345", "+91 98450-12345", "098450 12345"])
def test_a_phone_number_is_kept_in_one_form(given: str) -> None:
    assert clean_value(PHONE, given) == "+919845012345"


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        (PHONE, "98450", "ten digits"),
        (PHONE, "0000000000", "ten digits"),
        (PHONE, "nine eight", "ten digits"),
        (PHONE, "", "missing"),
        (PHONE, None, "missing"),
        (EMAIL, "ravi at gmail", "letter by letter"),
        (CITY, "Delhi", "Pune, Mumbai"),
        (NEED, "x" * 501, "few words"),
    ],
)
def test_a_bad_value_says_what_to_ask(field: FieldToFindOut, given: Any, says: str) -> None:
    with pytest.raises(BadValueError, match=says):
        clean_value(field, given)


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        (EMAIL, "ravi@example.in", "ravi@example.in"),
        (CITY, "Pune", "Pune"),
        (NEED, " 2 BHK ", "2 BHK"),
        (NEED, None, ""),
    ],
)
def test_a_good_value_is_kept(field: FieldToFindOut, given: Any, kept: str) -> None:
    assert clean_value(field, given) == kept
