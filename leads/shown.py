"""Values as people read them, and phone numbers as something to press."""

from __future__ import annotations

import re
from datetime import date

import phonenumbers
from django.utils.formats import date_format
from django.utils.html import format_html

from agents.models import FieldToFindOut

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_AMOUNT = re.compile(r"(\d+)(\.\d+)?")
_LAKHS = re.compile(r"(?<=\d)(?=(?:\d\d)*\d{3}$)")  # where Indian commas stand: 75,00,000


def as_read(kind: str, text: str) -> str:
    """A stored value with spaces, commas or a weekday; as it is when it is not what its kind promises."""
    if kind == FieldToFindOut.Kind.PHONE:
        return _spaced(text)
    if kind == FieldToFindOut.Kind.MONEY and (amount := _AMOUNT.fullmatch(text)):
        return f"₹{_LAKHS.sub(',', amount[1])}{amount[2] or ''}"
    if kind == FieldToFindOut.Kind.DATE:
        try:
            return date_format(date.fromisoformat(text), "D j M Y")
        except ValueError:
            return text
    return text


def phone_link(phone: str) -> str:
    """A link that calls the number; plain text for anything else, escaped."""
    if not _is_number(phone):
        return format_html("{}", phone)
    return format_html('<a class="lead-phone" href="tel:{}">{}</a>', phone, _spaced(phone))


def whatsapp(phone: str) -> str:
    """The address at which WhatsApp writes to the number; empty for anything else."""
    return f"https://wa.me/{phone.removeprefix('+')}" if _is_number(phone) else ""


def _is_number(phone: str) -> bool:
    """Whether it is a number that can be called: visitors and models put in other things too."""
    return _E164.fullmatch(phone) is not None


def _spaced(phone: str) -> str:
    try:
        number = phonenumbers.parse(phone if _is_number(phone) else "")
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
