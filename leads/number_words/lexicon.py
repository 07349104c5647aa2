"""What every number word means in a call of a given language.

Callers mix: a Tamil caller says English digits, which are written in Tamil letters, and names the city in
Hindi. So a lexicon holds the language's own words, English in its script and, behind them, the words of
the other scripts, which cannot be mistaken for its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from agents.digits import DIGIT_WORDS, ENGLISH_DIGITS, REPEATS
from agents.languages import LANGUAGES
from leads.number_words import english
from leads.number_words.bn import BN
from leads.number_words.en import EN, HINDI_IN_LATIN, HINDI_IN_LATIN_HALVES, HINDI_IN_LATIN_WEAK
from leads.number_words.gu import GU
from leads.number_words.hi import HI
from leads.number_words.kn import KN
from leads.number_words.ml import ML
from leads.number_words.mr import MR
from leads.number_words.or_ import OR
from leads.number_words.pa import PA
from leads.number_words.spelling import fold
from leads.number_words.ta import TA
from leads.number_words.table import NumberWords
from leads.number_words.te import TE

NUMBER_WORDS: dict[str, NumberWords] = {
    "hi-IN": HI, "ta-IN": TA, "te-IN": TE, "bn-IN": BN, "mr-IN": MR, "gu-IN": GU, "kn-IN": KN, "ml-IN": ML, "pa-IN": PA, "or-IN": OR,
    "en-IN": EN,
}  # fmt: skip

_VIRAMA = 9  # its class among the combining marks

Kind = Literal["number", "hundred", "scale", "repeat", "plus", "shift", "point", "rupee"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word stands for.

    `value` is the number, the scale (100 to 10000000), how often a digit is repeated, or what a half word
    adds. `joins` tells whether the number after it belongs to it: of a ten about a unit, "always" or "maybe";
    of any number about a "fraction".
    `weak` words have another meaning too.
    """

    kind: Kind
    value: float = 0
    weak: bool = False
    joins: Literal["always", "maybe", "fraction", "never"] = "never"


Lexicon = dict[str, Meaning]


def variants(row: str) -> list[list[str]]:
    """The words of a row, each with its spellings."""
    return [place.split("/") for place in row.split()]


@cache
def lexicon(language: str) -> Lexicon:
    """Every number word a call in `language` (BCP-47) may hold, by its folded spelling."""
    script = LANGUAGES[language].script
    found: Lexicon = {}
    same = [code for code, other in LANGUAGES.items() if other.script == script and code != language]
    behind = ["hi-IN"] if language == "mr-IN" else []
    others = [code for code in LANGUAGES if code != language and code not in same]
    for code in (language, *behind, *others):
        found = _own(code) | found
    return found


@cache
def _own(language: str) -> Lexicon:
    """A language's words and English in its script. They agree: no word has two meanings."""
    return dict([*_english(LANGUAGES[language].script), *_native(language)])


@cache
def digits(language: str) -> tuple[str, ...]:
    """The plainest word for each digit, zero to nine."""
    return tuple(places[0] for places in variants(DIGIT_WORDS[language]))


@cache
def number_word(language: str, value: int) -> list[str]:
    """The spellings of a language's one word for 0 to 99; none where it has none of its own."""
    words = NUMBER_WORDS[language]
    if value < 10:
        return variants(DIGIT_WORDS[language])[value]
    if words.to_ninety_nine:
        return variants(words.to_ninety_nine)[value - 10]
    teens, tens = variants(words.teens or _latin()[0]), variants(words.tens or _latin()[1])
    if value < 20:
        return teens[value - 10]
    return tens[value // 10 - 2] if value % 10 == 0 else []


def _latin() -> tuple[str, str]:
    row = english.TEENS_AND_TENS["Latin"].split()
    return " ".join(row[:10]), " ".join(row[10:])


def _native(language: str) -> Iterator[tuple[str, Meaning]]:
    words = NUMBER_WORDS[language]
    weak = {fold(word) for word in words.weak.split()}
    joins: Literal["maybe", "never"] = "never" if words.to_ninety_nine or words.joining else "maybe"
    numbers: list[tuple[str, Meaning]] = []
    for value in range(100):
        ten = value > 10 and value % 10 == 0
        numbers += _spelt(number_word(language, value), "number", value, weak, joins if ten else "never")
    yield from numbers
    for text, value_of in words.fixed.items():
        yield from _spelt([text, text.replace(*words.before_rest)], "number", value_of, weak)
    for place, forms in enumerate(variants(words.joining), 2):
        yield from ((fold(form), Meaning("number", place * 10, joins="always")) for form in forms)
    yield from ((fold(text), Meaning("number", joined)) for text, joined in _glued(language))
    yield from ((fold(text), meaning) for text, meaning in _with_endings(language))
    if language == "en-IN":
        latin_weak = {fold(word) for word in HINDI_IN_LATIN_WEAK.split()}
        for text, number in (HINDI_IN_LATIN | HINDI_IN_LATIN_HALVES).items():
            yield from _spelt([text], "number", number, latin_weak)
    others: tuple[tuple[Kind, float, str], ...] = (
        ("hundred", 100, words.hundred),
        ("scale", 1_000, words.thousand),
        ("scale", 100_000, words.lakh),
        ("scale", 10_000_000, words.crore),
        ("shift", 0.25, words.quarter_more),
        ("shift", 0.5, words.half_more),
        ("shift", -0.25, words.quarter_less),
        ("rupee", 0, words.rupee),
        ("point", 0, words.point),
    )
    for kind, worth, text in others:
        yield from _spelt(text.split(), kind, worth, weak)


def _english(script: str) -> Iterator[tuple[str, Meaning]]:
    weak = {
        fold(word)
        for code, words in NUMBER_WORDS.items()
        if LANGUAGES[code].script == script
        for word in words.weak.split()
    }
    for value, forms in enumerate(variants(ENGLISH_DIGITS[script])):
        yield from _spelt(forms, "number", value, weak)
    for place, forms in enumerate(variants(english.TEENS_AND_TENS[script])):
        value = place + 10 if place < 10 else (place - 8) * 10
        yield from _spelt(forms, "number", value, weak, "maybe" if place >= 10 else "never")
    for times, text in enumerate(REPEATS[script], 2):
        yield from _spelt(text.split("/"), "repeat", times, weak)
    yield from _spelt(english.HUNDRED[script].split(), "hundred", 100, weak)
    yield from _spelt(english.THOUSAND[script].split(), "scale", 1_000, weak)
    yield from _spelt(english.PLUS[script].split(), "plus", 0, weak)
    yield from ((fold(text), Meaning("number", 0, weak=True)) for text in english.OH[script].split())


def _spelt(
    forms: Iterable[str], kind: Kind, value: float, weak: set[str], joins: Literal["maybe", "never"] = "never"
) -> Iterator[tuple[str, Meaning]]:
    for form in forms:
        word = fold(form)
        yield word, Meaning(kind, value, weak=word in weak, joins=joins)


def _glued(language: str) -> Iterator[tuple[str, int]]:
    """Twenty-one to ninety-nine in one word, where a ten and a unit are written so."""
    for place, stems in enumerate(variants(NUMBER_WORDS[language].glued), 2):
        for unit in range(1, 10):
            for stem in stems:
                for word in number_word(language, unit):
                    yield _glue(stem, word), place * 10 + unit


def _glue(stem: str, word: str) -> str:
    sign = _vowel_sign(word[0])
    if unicodedata.combining(stem[-1]) != _VIRAMA or sign is None:
        return stem + word
    return stem[:-1] + sign + word[1:]


def _vowel_sign(letter: str) -> str | None:
    """The sign of an independent vowel, empty for a, None for a consonant. The scripts' blocks are alike."""
    place = ord(letter) & 0x7F
    if place == 0x05:
        return ""
    return chr(ord(letter) + 0x38) if 0x06 <= place <= 0x14 else None


def _with_endings(language: str) -> Iterator[tuple[str, Meaning]]:
    """One and a half to twelve and three quarters, where the half is an ending."""
    words = NUMBER_WORDS[language]
    for value in range(1, 13):
        for word in number_word(language, value) if words.endings else ():
            stem = word[: len(word) - words.cut] if words.cut else word
            for ending, more in words.endings.items():
                yield stem + ending, Meaning("number", value + more)
            yield stem + words.before_quarter, Meaning("number", value, joins="fraction")
