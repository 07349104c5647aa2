"""Is a value that a model or a visitor hands over one we can keep? Imports no Django models."""

from __future__ import annotations

from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from agents.contract import FieldToFindOut

MAX_LENGTH = 500


class BadValueError(Exception):
    """The value cannot be kept. The text tells the model what to ask the visitor."""


def clean_value(field: FieldToFindOut, raw: Any) -> str:
    """The value as it is stored; empty when none was given. Raises `BadValueError`."""
    text = "" if raw is None else str(raw).strip()
    if not text:
        if field.required:
            raise BadValueError(f"{field.label} is missing. Ask for it.")
        return ""
    if len(text) > MAX_LENGTH:
        raise BadValueError(f"{field.label} is too long. Ask for it in a few words.")
    if field.kind == "phone":
        return _phone(field, text)
    if field.kind == "email":
        return _email(field, text)
    if field.choices and text not in field.choices:
        raise BadValueError(f"{field.label} must be one of: {', '.join(field.choices)}. Ask again.")
    return text


def phone_number(text: str) -> str:
    """The number as `+919845012345`, an Indian one unless it says otherwise; empty when it is none."""
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException:
        return ""
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else ""


def _phone(field: FieldToFindOut, text: str) -> str:
    number = phone_number(text)
    if not number:
        raise BadValueError(f"{field.label} is not a valid phone number. Ask for all ten digits again.")
    return number


def _email(field: FieldToFindOut, text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise BadValueError(
            f"{field.label} is not a valid e-mail address. Ask for it again, letter by letter."
        ) from error
    return text
