"""Is a value that a model, a visitor or staff hand over one we can keep? Touches no database.

A kept value has one form: a phone number is E.164, an amount whole rupees in digits, a day `2026-11-30`, the rest text.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from agents.contract import FieldToFindOut
from agents.smalltalk import words
from leads.number_words.talk import talk
from leads.reading.tokens import tokenize
from leads.spoken import find_amounts, find_dates, find_emails, find_numbers, find_phones

MAX_LENGTH = 500
NUMBERS = ("number", "money")
RANGE = "-"  # between the two numbers of a value that is a range
_YES_NO = ("yes", "no")
# What the model is told to ask when a value is none of its kind.
_ASK_AGAIN = {
    "phone": "is not a valid phone number. Ask for all ten digits again.",
    "email": "is not a valid e-mail address. Ask for it again, letter by letter.",
    "number": "is not a number. Ask for it again.",
    "money": "is not an amount of money. Ask for it in rupees.",
    "date": "is not a day. Ask which day is meant, with its date.",
    "yes_no": "must be yes or no. Ask again.",
}


class BadValueError(Exception):
    """The value cannot be kept. The text tells the model what to ask the visitor."""


class Value(NamedTuple):
    """A value in the form in which it is kept. Not `certain` when it takes a guess to read: "tomorrow"."""

    text: str
    certain: bool = True


def clean_value(field: FieldToFindOut, raw: Any, *, language: str = "en-IN", at: datetime | None = None) -> str:
    """The value as it is stored; empty when none was given. Raises `BadValueError`.

    It may be said in words of `language`; a relative day counts from `at`, an aware time, by default now.
    """
    text = "" if raw is None else " ".join(str(raw).replace("\0", "").split())
    if not text:
        return ""
    if len(text) > MAX_LENGTH:
        raise BadValueError(f"{field.label} is too long. Ask for it in a few words.")
    if field.choices:
        return _choice(field, text)
    if field.kind in ("text", "name", "choice"):
        return text
    found = _written(field.kind, text) or _one(field.kind, text, language, at or timezone.now())
    if not found:
        raise BadValueError(f"{field.label} {_ASK_AGAIN[field.kind]}")
    return found


def readings(kind: str, text: str, language: str, at: datetime) -> list[Value]:
    """Every value of that kind that a text holds, in order: a number, an address, a day."""
    match kind:
        case "phone":
            return [Value(number) for number in find_phones(text, language)]
        case "email":
            return [Value(address) for address in find_emails(text, language)]
        case "date":
            days = [found for found in find_dates(text, language, at) if found.day]
            return [Value(str(found.day), certain=not found.inferred) for found in days]
        case "number":
            return [Value(_plain(number)) for number in find_numbers(text, language)]
        case "yes_no":
            return [Value(said)] if (said := yes_or_no(text, language)) else []
        case "money":
            sums = find_amounts(text, language) or find_numbers(text, language)
            return [Value(_plain(amount)) for amount in sums]
    return []


def yes_or_no(text: str, language: str) -> str:
    """What an answer says: `yes`, `no` as soon as there is a no in it, or empty when neither."""
    said, table = {token.word for token in tokenize(text, language)}, talk(language)
    return "no" if said & table.no else "yes" if said & table.yes else ""


def phone_number(text: str) -> str:
    """The number as `+919845012345`, an Indian one unless it says otherwise; empty when it is none."""
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException:
        return ""
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else ""


def _choice(field: FieldToFindOut, text: str) -> str:
    chosen = next((choice for choice in field.choices if words(choice) == words(text)), "")
    if not chosen:
        raise BadValueError(f"{field.label} must be one of: {', '.join(field.choices)}. Ask again.")
    return chosen


def _written(kind: str, text: str) -> str:
    """A value that is written as a form would take it, which needs no language; empty when it is not."""
    match kind:
        case "phone":
            return phone_number(text)
        case "email":
            try:
                validate_email(text)
            except ValidationError:
                return ""
            return text.lower()
        case "date":
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                return ""
        case "yes_no":
            return text.lower() if text.lower() in _YES_NO else ""
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return ""
    return _plain(number) if number.is_finite() else ""


def _one(kind: str, text: str, language: str, at: datetime) -> str:
    """The one value that a text holds; of numbers two, as a range: 50 to 60 lakh. Empty when it is not clear."""
    found = list(dict.fromkeys(value.text for value in readings(kind, text, language, at)))
    most = 2 if kind in NUMBERS else 1
    return RANGE.join(found) if 0 < len(found) <= most else ""


def _plain(number: Decimal | float) -> str:
    return f"{Decimal(str(number)).normalize():f}"
