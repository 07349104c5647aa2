"""A text as words and written numbers, each with what it means as a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from leads.number_words.lexicon import Lexicon, Meaning, lexicon
from leads.number_words.spelling import fold

_TOKEN = re.compile(r"\d+|(?:(?!\d)(?:[^\W_]|[\u0300-\u036f]|(?![\u0964\u0965])[\u0900-\u0d7f]|[\u200c\u200d]))+")
_MONEY = re.compile(r"₹|\brs\b\.?", re.IGNORECASE)
_STEM = 3  # letters that a scale or a currency must have to be known with an ending


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a written number. `gap` is what stands between it and the token before it."""

    text: str
    word: str
    gap: str
    start: int
    end: int
    digits: str = ""
    meaning: Meaning | None = None

    @property
    def is_number(self) -> bool:
        return bool(self.digits) or (self.meaning is not None and self.meaning.kind == "number")

    def says(self, kind: str) -> bool:
        return self.meaning is not None and self.meaning.kind == kind


def tokenize(text: str, language: str) -> list[Token]:
    """The tokens of a text. Positions are those of the text in NFC."""
    return list(_tokens(unicodedata.normalize("NFC", text), lexicon(language)))


def _tokens(text: str, words: Lexicon) -> Iterator[Token]:
    end = 0
    for match in _TOKEN.finditer(text):
        found, gap = match.group(), text[end : match.start()]
        end = match.end()
        if found[0].isdecimal():
            written = "".join(str(unicodedata.decimal(digit)) for digit in found)
            yield Token(found, written, gap, match.start(), end, digits=written)
        else:
            word = fold(found)
            yield Token(found, word, gap, match.start(), end, meaning=words.get(word) or _with_ending(word, words))


def _with_ending(word: str, words: Lexicon) -> Meaning | None:
    """लाखात, లక్షల, రూపాయలకు: a scale or a currency with an ending; పదివేలు: a number and its scale in one word; साडेपाच."""
    if word.isascii():
        return None
    for cut in range(len(word) - 1, 1, -1):
        head, tail = words.get(word[:cut]), words.get(word[cut:])
        if head and cut >= _STEM and head.kind in ("scale", "rupee"):
            return head
        if head and tail and head.kind == "number" and tail.kind in ("hundred", "scale"):
            return Meaning("number", head.value * tail.value)
        if head and tail and head.kind == "shift" and tail.kind == "number":
            return Meaning("number", head.value + tail.value)
    return None


def money_before(gap: str) -> bool:
    """Whether a currency sign stands in a gap."""
    return bool(_MONEY.search(gap))
