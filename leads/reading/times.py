"""Times of day, and days with their times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from leads.number_words.lexicon import Lexicon, lexicon
from leads.reading.amounts import cardinals
from leads.reading.days import Vocabulary, find_days, vocabulary
from leads.reading.tokens import Token, tokenize

IST = ZoneInfo("Asia/Kolkata")
_NEAR = 3  # words between a time and its "evening", a day and its time
_NOON = 12


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day, a time of day or both, as the visitor named them.

    `inferred` tells that something about the day was not said and taken for the likely: that कल, which is
    yesterday too, is tomorrow, or which month the 15th is in. A time has the half of the day only if that was said.
    """

    day: date | None
    time: time | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class _Time:
    time: time
    first: int
    last: int


def find_dates(text: str, language: str, at: datetime) -> list[FoundDate]:
    """The days and times that a text names, in order, counted from `at`, an aware time, in India.

    "Next Tuesday" is the Tuesday of the next week, a weekday alone the first one after today.
    """
    words = vocabulary(language)
    tokens = _apart(tokenize(text, language), words, lexicon(language))
    days = list(find_days(tokens, words, at.astimezone(IST).date()))
    taken = {place for day in days for place in range(day.first, day.last + 1)}
    times = [found for found in _times(tokens, words) if found.first not in taken]
    found: list[tuple[int, FoundDate]] = []
    for day in days:
        near = next((t for t in times if _beside(t, day.first, day.last)), None)
        if near is not None:
            times.remove(near)
        found.append((day.first, FoundDate(day.day, near.time if near else None, day.inferred)))
    found += [(t.first, FoundDate(None, t.time, False)) for t in times]
    return [each for _, each in sorted(found, key=lambda item: item[0])]


def _beside(found: _Time, first: int, last: int) -> bool:
    return -1 <= found.first - last - 1 <= _NEAR or -1 <= first - found.last - 1 <= _NEAR


def _apart(tokens: Sequence[Token], words: Vocabulary, numbers: Lexicon) -> list[Token]:
    """পাঁচটায় is five and "o'clock" in one word, and so are half past five in the south: அஞ்சரைக்கு."""
    found: list[Token] = []
    for token in tokens:
        cut = 0 if token.digits or token.meaning or token.word.isascii() else _number_end(token.word, numbers)
        ending = replace(token, word=token.word[cut:], gap="", meaning=None)
        if cut and words.has("clock", ending):
            found += [replace(token, word=token.word[:cut], meaning=numbers[token.word[:cut]]), ending]
        else:
            found.append(token)
    return found


def _number_end(word: str, numbers: Lexicon) -> int:
    """Where the longest number at the beginning of a word ends; 0 for none."""
    for cut in range(len(word) - 1, 1, -1):
        meaning = numbers.get(word[:cut])
        if meaning is not None and meaning.kind == "number" and 0 < meaning.value <= _NOON + 1:
            return cut
    return 0


def _times(tokens: Sequence[Token], words: Vocabulary) -> Iterator[_Time]:
    for number in cardinals(tokens):
        hour, last = number.value, number.last
        minutes = tokens[last + 1] if last + 1 < len(tokens) else None
        clock = (
            minutes is not None and minutes.gap in (":", ".") and len(minutes.digits) == 2 and int(minutes.digits) < 60
        )
        if clock and minutes is not None:
            hour, last = hour + int(minutes.digits) / 60, last + 1
        first, hour, told = _past_or_to(tokens, number.first, hour)
        after = tokens[last + 1] if last + 1 < len(tokens) else None
        part = _part_of_day(tokens, first, last, words)
        named = after is not None and words.has("clock", after)
        half = after is not None and after.word in ("p", "pm", "am") and not named
        colon = clock and minutes is not None and minutes.gap == ":"
        said = named or half or colon or told or (bool(part) and _is_hour(tokens, number.first, number.last))
        if said and 0 < hour < 25 and not number.is_amount:
            end = last + 1 if named else last
            yield _Time(_in_half(hour, part), first, end)


def _is_hour(tokens: Sequence[Token], first: int, last: int) -> bool:
    """ "Evening five", "at 5 in the evening": a number right beside a part of the day."""
    return last - first <= 1 and not (first > 0 and tokens[first - 1].is_number)


def _past_or_to(tokens: Sequence[Token], first: int, hour: float) -> tuple[int, float, bool]:
    """Half past five, quarter to six."""
    before = " ".join(token.word for token in tokens[max(0, first - 2) : first])
    shift = {"half past": 0.5, "quarter past": 0.25, "quarter to": -0.25}.get(before)
    return (first, hour, False) if shift is None else (first - 2, hour + shift, True)


def _part_of_day(tokens: Sequence[Token], first: int, last: int, words: Vocabulary) -> str:
    near = [*tokens[last + 1 : last + 1 + _NEAR], *reversed(tokens[max(0, first - _NEAR) : first])]
    for place, token in enumerate(near):
        if token.word == "pm" or (token.word == "p" and near[place + 1 : place + 2] and near[place + 1].word == "m"):
            return "pm"
        if token.word == "am" or (token.word == "a" and near[place + 1 : place + 2] and near[place + 1].word == "m"):
            return "am"
        for name in ("morning", "noon", "evening", "night"):
            if words.has(name, token):
                return name
    return ""


def _in_half(hour: float, part: str) -> time:
    midnight = part in ("night", "am") and _NOON <= hour < _NOON + 1
    later = {"pm": _NOON, "evening": _NOON, "noon": 7}.get(part, 0)  # hours before this are in the second half
    if midnight:
        hour -= _NOON
    elif hour < later or (part == "night" and 6 <= hour < _NOON):
        hour += _NOON
    minutes = round(hour * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)
