"""Digits read out: stretches of words and written numbers that can be one long number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from leads.number_words.talk import talk
from leads.reading.amounts import cardinals
from leads.reading.tokens import Token

LONGEST = 15  # digits, of any phone number with its country
_IDENTIFIER = 6  # digits from which on a run is no count
_STOP = re.compile(r"[.,;:!?/()\n\u0964|]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A token of a run. Before it stands nothing, a pause, or a word like "and"; `turn` tells where it was said."""

    token: Token
    before: Literal["", "pause", "word"] = ""
    turn: int = 0

    @property
    def stop(self) -> bool:
        """Whether a number can start here."""
        return bool(self.before)

    @property
    def weak(self) -> bool:
        return self.token.meaning is not None and self.token.meaning.weak

    @property
    def plus(self) -> bool:
        """Whether a plus introduces the number that starts here."""
        return self.token.says("plus") or self.token.gap.endswith("+")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits without other words among them, and where they stand in their text: tokens `first` to `last`."""

    marks: tuple[Mark, ...]
    first: int
    last: int


def runs(tokens: Sequence[Token], language: str, turn: int = 0) -> list[Run]:
    """The runs of a text. Sums of money and other amounts are none."""
    amounts = {
        place
        for number in cardinals(tokens)
        if number.is_amount or number.value != int(number.value)
        for place in range(number.first, number.last + 1)
    }
    link = talk(language).link
    found: list[Run] = []
    marks: list[Mark] = []
    first = last = 0
    before: Literal["", "pause", "word"] = ""
    for place, token in enumerate(tokens):
        before = before or ("pause" if _STOP.search(token.gap) else "")
        if place not in amounts and _can_stand(token):
            if not marks:
                first = place
            marks.append(Mark(token, before if marks else "", turn))
            last, before = place, ""
        elif place in amounts or token.word not in link or not marks:
            found += _closed(marks, first, last)
            marks, before = [], ""
        else:
            before = "word"
    return found + _closed(marks, first, last)


def read_out(tokens: Sequence[Token], language: str) -> set[int]:
    """The places of the tokens in runs that are too long to be a count."""
    return {
        place
        for run in runs(tokens, language)
        if max((len(digits) for digits, _ in readings(run.marks, 0)), default=0) >= _IDENTIFIER
        for place in range(run.first, run.last + 1)
    }


def _closed(marks: list[Mark], first: int, last: int) -> list[Run]:
    return [Run(tuple(marks), first, last)] if any(mark.token.is_number for mark in marks) else []


def _can_stand(token: Token) -> bool:
    meaning = token.meaning
    if meaning is None:
        return bool(token.digits)
    return meaning.kind in ("repeat", "plus", "hundred") or (
        meaning.kind == "number" and meaning.value < 1000 and meaning.value == int(meaning.value)
    )


def readings(marks: Sequence[Mark], first: int) -> Iterator[tuple[str, int]]:
    """Every way to read digits from a place on: the digits and the place after them. A ten with its unit comes first."""
    pending = [("", first)]
    while pending:
        digits, place = pending.pop()
        if digits:
            yield digits, place
        for more, after in reversed(_options(marks, place)):
            if len(digits) + len(more) <= LONGEST:
                pending.append((digits + more, after))


def _options(marks: Sequence[Mark], place: int) -> list[tuple[str, int]]:
    if place >= len(marks):
        return []
    token = marks[place].token
    if token.digits:
        return [(token.digits, place + 1)]
    meaning = token.meaning
    if meaning is None:
        return []
    if meaning.kind == "repeat":
        digit = _unit(marks, place + 1, zero=True)
        return [(digit * int(meaning.value), place + 2)] if digit else []
    if meaning.kind != "number":
        return []
    value = int(meaning.value)
    unit = _unit(marks, place + 1) if meaning.joins in ("always", "maybe") else ""
    joined = [(str(value + int(unit)), place + 2)] if unit else []
    alone = [(str(value), place + 1)] if not (unit and meaning.joins == "always") else []
    if place + 1 < len(marks) and marks[place + 1].token.says("hundred") and value < 100:
        rest = _options(marks, place + 2)
        return [(str(value * 100 + int(more)), after) for more, after in rest if len(more) == 2 and more[0] != "0"] + [
            (str(value * 100), place + 2)
        ]
    return joined + alone


def _unit(marks: Sequence[Mark], place: int, *, zero: bool = False) -> str:
    """The single digit at a place, or nothing."""
    if place >= len(marks):
        return ""
    token = marks[place].token
    if token.digits:
        return token.digits if zero and len(token.digits) == 1 else ""
    meaning = token.meaning
    if meaning is None or meaning.kind != "number" or meaning.value not in range(0 if zero else 1, 10):
        return ""
    return str(int(meaning.value))
