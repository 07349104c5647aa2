"""PIN codes: the six digits of an Indian postal address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from leads.number_words.talk import talk
from leads.reading.phones import kind_is_other, phones_in
from leads.reading.runs import Mark, readings, runs
from leads.reading.tokens import tokenize

# The first two digits are a postal circle's, the last three an office's, which is never 000.
_PIN = re.compile(r"(?:1[1-9]|2[0-8]|3[0-46-9]|4\d|5[0-36-9]|6[0-47-9]|7\d|8[0-5]|9\d)\d(?!000)\d{3}")


def find_pins(text: str, language: str) -> list[str]:
    """The PIN codes in a text, said or written, in order, each once. Digits of phone numbers, OTPs and sums are none."""
    tokens = tokenize(text, language)
    found: list[str] = []
    for run in runs(tokens, language):
        if not kind_is_other(tokens, run, talk(language).not_phone, language):
            for part in _without_phones(run.marks):
                found += _pins_in(part)
    return list(dict.fromkeys(found))


def _without_phones(marks: Sequence[Mark]) -> Iterator[Sequence[Mark]]:
    start = 0
    for span in phones_in(marks):
        yield marks[start : span.first]
        start = span.end
    yield marks[start:]


def _pins_in(marks: Sequence[Mark]) -> Iterator[str]:
    """Six digits from one pause to another."""
    stops = [place for place in range(len(marks)) if place == 0 or marks[place].stop] + [len(marks)]
    end = 0
    for first in stops[:-1]:
        if first < end:
            continue
        pins = [(digits, last) for digits, last in readings(marks, first) if last in stops and _PIN.fullmatch(digits)]
        if pins:
            pin, end = pins[0]
            yield pin
