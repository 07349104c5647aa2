"""Days that are named against another day: tomorrow, परसों, next Tuesday, "15 March"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from leads.number_words.days import DAY_WORDS, DayWords
from leads.number_words.lexicon import variants
from leads.number_words.spelling import fold
from leads.reading.amounts import cardinals
from leads.reading.tokens import Token

_STEM = 4  # letters that a word must have to be known with an ending
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day that the tokens `first` to `last` name. `inferred`: a part of it was not said."""

    day: date
    inferred: bool
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The day words of a call: the language's own, with the English ones behind them."""

    rows: tuple[DayWords, ...]

    def has(self, name: str, token: Token) -> bool:
        """Whether a token is one of the words of a kind."""
        return matches(token.word, _folded(self.rows, name))

    def place(self, name: str, token: Token) -> int | None:
        """Where a token stands in a row of weekdays or months, counted from zero."""
        for forms in _places(self.rows, name):
            for place, words in enumerate(forms):
                if matches(token.word, words):
                    return place
        return None


@cache
def vocabulary(language: str) -> Vocabulary:
    """The day words of a call in `language` (BCP-47)."""
    codes = dict.fromkeys([language, "en-IN", *(["hi-IN"] if language in ("mr-IN", "en-IN") else [])])
    return Vocabulary(tuple(DAY_WORDS[code] for code in codes))


def matches(word: str, forms: frozenset[str]) -> bool:
    """Whether a word is one of the forms, or, in other scripts than Latin, one with an ending."""
    return word in forms or (not word.isascii() and any(word.startswith(f) for f in forms if len(f) >= _STEM))


def find_days(tokens: Sequence[Token], words: Vocabulary, today: date) -> Iterator[Day]:
    """The days that are named, in order."""
    numbers = {number.first: number for number in cardinals(tokens) if number.value == int(number.value)}
    place = 0
    while place < len(tokens):
        value = int(numbers[place].value) if place in numbers else 0
        last = numbers[place].last if place in numbers else place
        day = (
            _written(tokens, place, today)
            or _relative(tokens, place, words, today)
            or _weekday(tokens, place, words, today)
            or _later(tokens, place, last, value, words, today)
            or _of_month(tokens, place, last, value, words, today)
            or _month_first(tokens, place, numbers.get(place + 1), words, today)
        )
        if day is None:
            place += 1
        else:
            yield day
            place = day.last + 1


@cache
def _folded(rows: tuple[DayWords, ...], name: str) -> frozenset[str]:
    return frozenset(fold(word) for row in rows for word in getattr(row, name).split())


@cache
def _places(rows: tuple[DayWords, ...], name: str) -> list[list[frozenset[str]]]:
    return [[frozenset(map(fold, forms)) for forms in variants(getattr(row, name))] for row in rows]


@cache
def _phrases(rows: tuple[DayWords, ...]) -> list[tuple[tuple[str, ...], int, bool]]:
    """Phrases for days near today with their distance, the longest first; true for those that go both ways."""
    found = [
        (tuple(fold(word) for word in phrase.replace("'", " ").split()), days, table is not row.ahead)
        for row in rows
        for table in (row.ahead, row.both or {})
        for days, phrases in table.items()
        for phrase in phrases.split("/")
    ]
    return sorted(found, key=lambda item: -len(item[0]))


def _relative(tokens: Sequence[Token], place: int, words: Vocabulary, today: date) -> Day | None:
    for phrase, days, both in _phrases(words.rows):
        said = tuple(token.word for token in tokens[place : place + len(phrase)])
        if said == phrase:
            return Day(today + timedelta(days), both, place, place + len(phrase) - 1)
    return None


def _weekday(tokens: Sequence[Token], place: int, words: Vocabulary, today: date) -> Day | None:
    weekday = words.place("weekdays", tokens[place])
    if weekday is None:
        return None
    ahead = (weekday - today.weekday()) % _WEEK or _WEEK
    first = place
    following = place > 0 and words.has("next", tokens[place - 1])
    this_week = weekday > today.weekday()
    if following:
        first, ahead = place - 1, ahead + (_WEEK if this_week else 0)
    return Day(today + timedelta(ahead), following and this_week, first, place)


def _later(tokens: Sequence[Token], place: int, last: int, value: int, words: Vocabulary, today: date) -> Day | None:
    """In three days, तीन दिन बाद."""
    if not 0 < value < 100 or last + 1 >= len(tokens) or not words.has("days", tokens[last + 1]):
        return None
    follows = last + 2 < len(tokens) and words.has("after", tokens[last + 2])
    within = words.has("after", tokens[last + 1]) or (place > 0 and tokens[place - 1].word in ("in", "after"))
    if not follows and not within:
        return None
    return Day(today + timedelta(value), False, place, last + (2 if follows else 1))


def _of_month(tokens: Sequence[Token], place: int, last: int, value: int, words: Vocabulary, today: date) -> Day | None:
    """15 March, 15th, पंद्रह तारीख."""
    if not 0 < value <= 31:
        return None
    after, dated = last + 1, False
    while (
        after < len(tokens)
        and after <= last + 2
        and (words.has("day_of_month", tokens[after]) or tokens[after].word == "of")
    ):
        after, dated = after + 1, dated or tokens[after].word != "of"
    month = words.place("months", tokens[after]) if after < len(tokens) else None
    if month is not None:
        return _day_and_month(tokens, value, month + 1, place, after, today)
    if not dated:
        return None
    day = next((d for d in _days_from(today, 62) if d.day == value), None)
    return Day(day, True, place, after - 1) if day else None


def _month_first(tokens: Sequence[Token], place: int, number: object, words: Vocabulary, today: date) -> Day | None:
    """March 15."""
    month = words.place("months", tokens[place])
    if month is None or place + 1 >= len(tokens):
        return None
    value, last = getattr(number, "value", 0), getattr(number, "last", place)
    if not 0 < value <= 31:
        return None
    last += last + 1 < len(tokens) and words.has("day_of_month", tokens[last + 1])
    return _day_and_month(tokens, int(value), month + 1, place, last, today)


def _day_and_month(tokens: Sequence[Token], day: int, month: int, first: int, last: int, today: date) -> Day | None:
    year = tokens[last + 1].digits if last + 1 < len(tokens) else ""
    if len(year) == 4 and year.startswith("20"):
        found = _valid(int(year), month, day)
        return Day(found, False, first, last + 1) if found else None
    found = _coming(day, month, today)
    return Day(found, False, first, last) if found else None


def _written(tokens: Sequence[Token], place: int, today: date) -> Day | None:
    """15/3/2026, 15-3, 15.03.26."""
    part = tokens[place : place + 3]
    if len(part) < 2 or not part[0].digits or not part[1].digits or part[1].gap not in ("/", "-", "."):
        return None
    day, month, sign = int(part[0].digits), int(part[1].digits), part[1].gap
    if len(part) == 3 and part[2].digits and part[2].gap == sign and len(part[2].digits) in (2, 4):
        found = _valid(int(part[2].digits) % 100 + 2000, month, day)
        return Day(found, False, place, place + 2) if found else None
    if sign != "/":
        return None  # 2-3 and 2.5 are no dates
    found = _coming(day, month, today)
    return Day(found, False, place, place + 1) if found else None


def _coming(day: int, month: int, today: date) -> date | None:
    """The next such day, today among them."""
    days = (_valid(today.year + years, month, day) for years in range(5))
    return next((found for found in days if found and found >= today), None)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _days_from(today: date, count: int) -> Iterator[date]:
    return (today + timedelta(days) for days in range(count))
