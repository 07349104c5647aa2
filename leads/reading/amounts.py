"""Counts and sums of money: lakh and crore, half words, "₹ 50k"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leads.number_words.lexicon import Meaning
from leads.number_words.spelling import fold
from leads.reading.tokens import Token, money_before

_AND = {"and", "a", "an"}
_RANGE = "to or से या ते किंवा थी થી કે ਤੋਂ ਜਾਂ থেকে বা কিংবা ରୁ ବା முதல் அல்லது నుంచి నుండి లేదా ರಿಂದ ಇಂದ ಅಥವಾ മുതൽ അല്ലെങ്കിൽ"
_BETWEEN = frozenset(map(fold, _RANGE.split()))
_SHORT_SCALES = {"k", "l", "cr"}  # only right after written digits
_COUNTED = {*_SHORT_SCALES, "grand", "thousands", "lakhs", "lacs", "crores"}  # never without a number before
_LIST = 3  # so many bare numbers in a row are digits being read out, not counts


@dataclass(frozen=True, slots=True)
class Cardinal:
    """A number said as one, of the tokens `first` to `last`. `scale` is the last of its hundred, lakh ..., or 1."""

    value: float
    first: int
    last: int
    scale: int = 1
    money: bool = False
    weak: bool = False

    @property
    def is_amount(self) -> bool:
        return self.money or self.scale >= 1000


def cardinals(tokens: Sequence[Token]) -> list[Cardinal]:
    """Every number of a text, in order, a ten and its unit together. Digits read out come one by one."""
    found: list[Cardinal] = []
    place = 0
    while place < len(tokens):
        number = _cardinal(tokens, place)
        if number is None:
            place += 1
        else:
            found.append(_with_money(tokens, number))
            place = number.last + 1
    return _ranges(tokens, found)


def counts(tokens: Sequence[Token], read_out: set[int]) -> list[Cardinal]:
    """The numbers that count something: no bare weak word, and no digits in a row, nor at the places `read_out`."""
    numbers = [number for number in cardinals(tokens) if number.first not in read_out]
    bare = [0] * len(numbers)
    for place, number in enumerate(numbers):
        near = place and numbers[place - 1].last + 1 == number.first and not numbers[place - 1].is_amount
        bare[place] = 0 if number.is_amount else (bare[place - 1] if near else 0) + 1
    for place in range(len(numbers) - 2, -1, -1):
        if bare[place + 1] > bare[place] > 0:
            bare[place] = bare[place + 1]
    return [n for n, row in zip(numbers, bare, strict=True) if row < _LIST and (n.money or not n.weak)]


def _cardinal(tokens: Sequence[Token], first: int) -> Cardinal | None:
    total, floor, place, scale = 0.0, float("inf"), first, 1
    weak = True
    while True:
        group = _group(tokens, place)
        if group is None:
            break
        value, after, sure = group
        step = _scale(tokens, after)
        if step and step < floor:
            total, floor, scale, place = total + value * step, step, step, after + 1
            weak = weak and after == first  # "thousand" alone: as in "a thousand thanks"
            continue
        if total == 0 and value >= 1000 and not tokens[first].digits:
            total, floor, scale, place, weak = value, 1000, 1000, after, False  # a thousand in one word: இரண்டாயிரம்
            continue
        if total == 0:
            commas = tokens[first].digits and first + 1 < after and tokens[first + 1].gap == ","
            return Cardinal(value, first, after - 1, 1000 if commas else 1, weak=not sure)
        if _belongs(tokens, place, after, value, floor):
            total, place = total + value, after
        break
    return Cardinal(total, first, place - 1, scale, weak=weak) if place > first else None


def _belongs(tokens: Sequence[Token], place: int, after: int, value: float, floor: float) -> bool:
    """Whether a number without a scale ends the one before it: two thousand five hundred, but not "5 lakh, 98409"."""
    following = after < len(tokens) and tokens[after].is_number
    return value < min(floor, 1000) and not following and not re.search(r"[^\s]", tokens[place].gap)


def _group(tokens: Sequence[Token], place: int) -> tuple[float, int, bool] | None:
    """A number below a thousand with its half word: its value, the place after it and whether it is no weak word."""
    if place >= len(tokens):
        return None
    token = tokens[place]
    if token.meaning is not None and token.meaning.kind == "shift":
        inner = _plain(tokens, place + 1, token.meaning.value)
        if inner is not None:
            return inner[0], inner[1], True
        if _hundred_or_scale(tokens, place + 1) and token.meaning.value != 0.5:
            return _hundreds(tokens, 1 + token.meaning.value, place + 1, True)
        return None
    if token.says("hundred"):
        return _hundreds(tokens, 1, place, True)
    if token.says("scale") and token.word not in _COUNTED:
        return 1, place, False
    return _plain(tokens, place)


def _plain(tokens: Sequence[Token], place: int, shift: float = 0) -> tuple[float, int, bool] | None:
    if place >= len(tokens) or not tokens[place].is_number:
        return None
    token = tokens[place]
    if token.digits:
        value, after = _written(tokens, place)
        after, more = _half(tokens, after)
        return _hundreds(tokens, value + shift + more, after, True)
    meaning = token.meaning
    if meaning is None:
        return None
    value, after, sure = meaning.value, place + 1, not meaning.weak
    unit = tokens[after].meaning if after < len(tokens) else None
    if unit is not None and unit.kind == "number" and _joins(meaning, unit.value):
        value, after = value + unit.value, after + 1
    if after < len(tokens) and tokens[after].says("point"):
        value, after = _spoken_fraction(tokens, value, after)
    after, more = _half(tokens, after)
    return _hundreds(tokens, value + shift + more, after, (sure or more > 0) and (value >= 1 or value == 0))


def _joins(number: Meaning, after: float) -> bool:
    if number.joins == "fraction":
        return 0 < after < 1
    return number.joins != "never" and after in range(1, 10)


def _written(tokens: Sequence[Token], place: int) -> tuple[float, int]:
    """1.5, 1,50,000: written digits with their point and commas."""
    after = _commas(tokens, place)
    text = "".join(token.digits for token in tokens[place:after])
    if after < len(tokens) and tokens[after].digits and tokens[after].gap == "." and len(tokens[after].digits) <= 3:
        text, after = f"{text}.{tokens[after].digits}", after + 1
    return float(text), after


def _commas(tokens: Sequence[Token], place: int) -> int:
    """The place after a number written with commas, the last three digits after the last of them."""
    after = place + 1
    while after < len(tokens) and tokens[after].digits and tokens[after].gap == ",":
        after += 1
    sizes = [len(token.digits) for token in tokens[place:after]]
    grouped = sizes[0] <= 3 and sizes[-1] == 3 and (set(sizes[1:-1]) <= {2} or set(sizes[1:-1]) <= {3})
    return after if grouped else place + 1


def _spoken_fraction(tokens: Sequence[Token], value: float, point: int) -> tuple[float, int]:
    after, fraction = point + 1, ""
    while after < len(tokens) and (digit := _digit(tokens[after])):
        fraction, after = fraction + digit, after + 1
    return (value + float(f"0.{fraction}"), after) if fraction else (value, point)


def _digit(token: Token) -> str:
    if token.digits:
        return token.digits
    meaning = token.meaning
    return str(int(meaning.value)) if meaning and meaning.kind == "number" and meaning.value in range(100) else ""


def _half(tokens: Sequence[Token], place: int) -> tuple[int, float]:
    """ "... and a half", the "a" of "half a crore": the place after it and what it adds."""
    words = [token.word for token in tokens[place : place + 3]]
    if words == ["and", "a", "half"]:
        return place + 3, 0.5
    return (place + 1, 0.0) if words[:1] == ["a"] and _hundred_or_scale(tokens, place + 1) else (place, 0.0)


def _hundred_or_scale(tokens: Sequence[Token], place: int) -> bool:
    return place < len(tokens) and (tokens[place].says("hundred") or tokens[place].says("scale"))


def _hundreds(tokens: Sequence[Token], value: float, place: int, sure: bool) -> tuple[float, int, bool]:
    """The value with a hundred after it, and what follows the hundred."""
    if place >= len(tokens) or not tokens[place].says("hundred"):
        return value, place, sure
    value, after = value * 100, place + 1
    rest = after + 1 if after < len(tokens) and tokens[after].word in _AND else after
    if rest < len(tokens) and tokens[rest].is_number and not tokens[rest].digits:
        inner = _plain(tokens, rest)
        if inner is not None and 0 < inner[0] < 100:
            return value + inner[0], inner[1], True
    return value, after, True


def _scale(tokens: Sequence[Token], place: int) -> int:
    """The thousand, lakh or crore at a place; 0 for none."""
    token = tokens[place] if place < len(tokens) else None
    if token is None or token.meaning is None or token.meaning.kind != "scale":
        return 0
    if token.word in _SHORT_SCALES and not (place and tokens[place - 1].digits and len(token.gap) <= 1):
        return 0
    return int(token.meaning.value)


def _with_money(tokens: Sequence[Token], number: Cardinal) -> Cardinal:
    before = tokens[number.first - 1] if number.first else None
    after = tokens[number.last + 1] if number.last + 1 < len(tokens) else None
    money = (
        money_before(tokens[number.first].gap)
        or (before is not None and before.says("rupee"))
        or (after is not None and (after.says("rupee") or "₹" in after.gap))
    )
    return replace(number, money=True) if money else number


def _ranges(tokens: Sequence[Token], numbers: list[Cardinal]) -> list[Cardinal]:
    """ "50 to 60 lakh", "5-6 lakh", "दो तीन लाख": the first has the scale of the second, and is money if that is."""
    for place in range(len(numbers) - 2, -1, -1):
        number, after = numbers[place], numbers[place + 1]
        if number.is_amount or not after.is_amount:
            continue
        between = tokens[number.last + 1 : after.first]
        dash = not between and "-" in tokens[after.first].gap
        counting = not between and number.value + 1 == after.value / after.scale
        if counting or dash or (len(between) == 1 and between[0].word in _BETWEEN):
            if number.value < 1000 <= after.scale:
                numbers[place] = replace(
                    number, value=number.value * after.scale, scale=after.scale, money=after.money, weak=False
                )
            elif after.money:
                numbers[place] = replace(number, money=True)
    return numbers
