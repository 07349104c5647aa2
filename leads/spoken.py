"""Reading what people say: phone numbers, sums, PIN codes, e-mail addresses and dates. Imports no Django.

In all eleven languages, in words, digits or a mix of both, in English written in the local script and in the
digits that the recogniser already wrote. Languages are BCP-47. The words stand in plain tables for a native
speaker to correct: the digits in `agents.digits`, the rest in `leads.number_words`.
"""

from __future__ import annotations

from leads.number_words.days import DAY_WORDS
from leads.number_words.lexicon import NUMBER_WORDS
from leads.number_words.talk import TALK_WORDS
from leads.reading.amounts import counts
from leads.reading.mails import find_emails
from leads.reading.pins import find_pins
from leads.reading.runs import read_out
from leads.reading.saying import say_digits
from leads.reading.times import IST, FoundDate, find_dates
from leads.reading.tokens import tokenize
from leads.reading.turns import FoundPhone, Spoken, find_phones_in_turns

__all__ = [
    "DAY_WORDS",
    "IST",
    "NUMBER_WORDS",
    "TALK_WORDS",
    "FoundDate",
    "FoundPhone",
    "Spoken",
    "find_amounts",
    "find_dates",
    "find_emails",
    "find_numbers",
    "find_phones",
    "find_phones_in_turns",
    "find_pins",
    "say_digits",
]


def find_phones(text: str, language: str) -> list[str]:
    """The phone numbers in a visitor's text as E.164, in order of appearance, each once.

    A number that the text itself corrects ("no, sorry, ...") is left out.
    """
    return [phone.e164 for phone in find_phones_in_turns([Spoken("visitor", text)], language) if not phone.superseded]


def find_numbers(text: str, language: str) -> list[float]:
    """The numbers that count or measure something, in order: 2.5 for ढाई, 150000 for डेढ़ लाख.

    Digits that are read out one by one or are six and more (phone numbers, PIN codes) are none, nor is a word
    alone that has another meaning (दो, "give").
    """
    tokens = tokenize(text, language)
    return [number.value for number in counts(tokens, read_out(tokens, language))]


def find_amounts(text: str, language: str) -> list[int]:
    """The sums in a text in whole rupees, in order: what has a currency, or is in thousands, lakhs or crores."""
    tokens = tokenize(text, language)
    return [round(number.value) for number in counts(tokens, read_out(tokens, language)) if number.is_amount]
