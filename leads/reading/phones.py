"""Phone numbers in digits that were read out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers

from leads.number_words.talk import talk
from leads.reading.runs import Mark, Run, readings, runs
from leads.reading.tokens import Token, tokenize

_MOBILE = re.compile(r"(?:0|91|091|0091)?([6-9]\d{9})")
_NEAR = 4  # words before a number that tell what kind it is
_IDENTITY = [4, 4, 4]  # how an Aadhaar number is written


@dataclass(frozen=True, slots=True)
class Span:
    """A phone number in E.164 at the marks `first` to `end` (exclusive) of a run."""

    e164: str
    first: int
    end: int


def phones_in(marks: Sequence[Mark]) -> list[Span]:
    """The phone numbers of a run, in order.

    A number starts and ends where the run does, at a pause, beside another phone number, or, because a
    weak word at an edge may be no digit, beside nothing but weak words.
    """
    found: list[Span] = []
    place = 0
    while place < len(marks):
        span = _phone_at(marks, place) if _may_start(marks, place, bool(found) and found[-1].end == place) else None
        if span is None:
            place += 1
        else:
            found.append(span)
            place = span.end
    return found


def whole_phone(marks: Sequence[Mark]) -> str:
    """The phone number that all the marks make together; empty if they make none."""
    whole = [span for span in _spans(marks, 0) if span.end == len(marks)]
    return whole[0].e164 if whole else ""


def kind_is_other(tokens: Sequence[Token], run: Run, others: frozenset[str], language: str) -> bool:
    """Whether the words before a run call it something in `others`, and not a phone number."""
    words = talk(language)
    for token in reversed(tokens[max(0, run.first - _NEAR) : run.first]):
        if token.word in others:
            return True
        if token.word in words.phone:
            return False
    return False


def find_runs(text: str, language: str, turn: int = 0) -> tuple[list[Token], list[Run]]:
    """The tokens of a text and those of its runs that may be phone numbers."""
    tokens = tokenize(text, language)
    others = talk(language).not_phone | talk(language).pin
    return tokens, [run for run in runs(tokens, language, turn) if not kind_is_other(tokens, run, others, language)]


def _whole_written(mark: Mark) -> bool:
    return len(mark.token.digits) >= 10


def _may_start(marks: Sequence[Mark], place: int, after_phone: bool) -> bool:
    while True:
        if place == 0 or after_phone or marks[place].stop or marks[place].plus or _whole_written(marks[place]):
            return True
        place -= 1
        if _whole_written(marks[place]):
            return True
        if not marks[place].weak:
            return False


def _may_end(marks: Sequence[Mark], end: int) -> bool:
    while end < len(marks):
        if marks[end].stop or marks[end].plus or _whole_written(marks[end]) or _whole_written(marks[end - 1]):
            return True
        if _phone_at(marks, end) is not None:
            return True
        if not marks[end].weak:
            return False
        end += 1
    return True


def _phone_at(marks: Sequence[Mark], first: int) -> Span | None:
    spans = [span for span in _spans(marks, first) if _may_end(marks, span.end)]
    return max(spans, key=lambda span: span.end, default=None)


def _spans(marks: Sequence[Mark], first: int) -> list[Span]:
    spans = []
    plus = marks[first].plus
    start = first + 1 if marks[first].token.says("plus") else first
    for digits, end in readings(marks, start):
        part = marks[start:end]
        e164 = _with_plus(digits, part) if plus else _mobile(digits, part) or _landline(digits, part)
        if e164 and not _is_range(part):
            spans.append(Span(e164, first, end))
    return spans


def _mobile(digits: str, part: Sequence[Mark]) -> str:
    match = _MOBILE.fullmatch(digits)
    if match is None or [len(mark.token.digits) for mark in part] == _IDENTITY:
        return ""
    return f"+91{match[1]}"


def _with_plus(digits: str, part: Sequence[Mark]) -> str:
    if digits.startswith("91") and _MOBILE.fullmatch(digits):
        return f"+91{digits[-10:]}"
    written = all(mark.token.digits for mark in part)
    return _valid(f"+{digits}") if written and len(digits) >= 8 else ""


def _landline(digits: str, part: Sequence[Mark]) -> str:
    """A landline only with the zero of its town code, in written digits: 044-24345678."""
    if len(digits) != 11 or digits[0] != "0" or not all(mark.token.digits for mark in part):
        return ""
    return _valid(digits, phonenumbers.PhoneNumberType.FIXED_LINE)


def _valid(text: str, kind: int | None = None) -> str:
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number) or kind not in (None, phonenumbers.number_type(number)):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_range(part: Sequence[Mark]) -> bool:
    """65000-75000, "65000 and 75000": two sums, not a number in two groups."""
    apart = any(mark.before == "word" or "-" in mark.token.gap for mark in part[1:])
    return apart and len(part) == 2 and all(mark.token.digits.endswith("000") for mark in part)
