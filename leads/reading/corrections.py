"""Which digits of a number a correction replaces."""

from __future__ import annotations

import re
from typing import Literal

Place = Literal["first", "last", ""]

_MOBILE = re.compile(r"[6-9]\d{9}")


def corrected(number: str, digits: str, wrong: str, where: Place) -> str:
    """A ten-digit mobile number with some digits replaced; empty where it is not clear which ones are meant.

    `wrong` are the digits that were called wrong ("not four, five"), if any: the only such ones, or those
    that were said last. `where` tells that the first
    or the last ones are meant. Without either the digits stand where they resemble the old ones most, if
    they are three at least, differ in half of them at most, and that place is the only one.
    """
    size = len(digits)
    if not 0 < size < len(number):
        return ""
    if wrong:
        if len(wrong) != size or (number.count(wrong) != 1 and not number.endswith(wrong)):
            return ""
        return _valid(digits.join(number.rsplit(wrong, 1)))
    if where == "last":
        return _valid(number[:-size] + digits)
    if where == "first":
        return _valid(digits + number[size:])
    if size < 3:
        return ""
    places = range(len(number) - size + 1)
    differing = {place: sum(a != b for a, b in zip(number[place:], digits, strict=False)) for place in places}
    fewest = min(differing.values())
    best = [place for place, count in differing.items() if count == fewest]
    if not 0 < fewest <= size // 2 or len(best) > 1:
        return ""
    return _valid(number[: best[0]] + digits + number[best[0] + size :])


def _valid(number: str) -> str:
    return number if _MOBILE.fullmatch(number) else ""
