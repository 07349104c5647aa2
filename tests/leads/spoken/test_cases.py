"""What callers say, by hand: sixty cases and more in each language, in plain tables under `cases`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest

from agents.languages import LANGUAGES
from leads.spoken import IST, find_amounts, find_dates, find_emails, find_phones, find_pins

CALLED_AT = datetime(2026, 11, 23, 10, 0, tzinfo=IST)  # a Monday
KINDS = ("PHONES", "NO_PHONE", "AMOUNTS", "PINS", "EMAILS", "DATES")

Finder = Callable[[str, str], list[Any]]

every_language = pytest.mark.parametrize("language", LANGUAGES)


def lines(language: str, kind: str) -> list[str]:
    """The cases of a kind in a language, each "text | what it means" or a text alone."""
    name = language.removesuffix("-IN")
    table = import_module(f"tests.leads.spoken.cases.{'or_' if name == 'or' else name}")
    found: list[str] = getattr(table, kind).strip().splitlines()
    return found


def check(language: str, kind: str, find: Finder) -> None:
    """Find what each text means and compare all of them at once, to see every wrong one."""
    cases = [line.rpartition("|") for line in lines(language, kind)]
    right = {text.strip(): meaning.split() for text, _, meaning in cases}
    assert {text: [str(each) for each in find(text, language)] for text in right} == right


@every_language
def test_phones(language: str) -> None:
    def mobiles(text: str, language: str) -> list[str]:
        return [phone.removeprefix("+91") if len(phone) == 13 else phone for phone in find_phones(text, language)]

    check(language, "PHONES", mobiles)


@every_language
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("PHONES", "PINS")])
def test_no_phone_is_invented(language: str, kind: str) -> None:
    texts = [line.rpartition("|")[0] or line for line in lines(language, kind)]

    assert {text: phones for text in texts if (phones := find_phones(text, language))} == {}


@every_language
def test_amounts(language: str) -> None:
    check(language, "AMOUNTS", find_amounts)


@every_language
def test_pins(language: str) -> None:
    check(language, "PINS", find_pins)


@every_language
def test_emails(language: str) -> None:
    check(language, "EMAILS", find_emails)


@every_language
def test_dates(language: str) -> None:
    def days_and_times(text: str, language: str) -> list[str]:
        return [
            part
            for found in find_dates(text, language, CALLED_AT)
            for part in (
                f"{found.day or '-'}",
                f"{found.time:%H:%M}" if found.time else "-",
                *(["?"] if found.inferred else []),
            )
        ]

    check(language, "DATES", days_and_times)


def test_a_day_begins_at_midnight_in_india() -> None:
    after_midnight = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

    assert [found.day for found in find_dates("tomorrow", "en-IN", after_midnight)] == [date(2026, 11, 25)]


@every_language
def test_there_are_sixty_cases_and_more(language: str) -> None:
    assert sum(len(lines(language, kind)) for kind in KINDS) >= 60
