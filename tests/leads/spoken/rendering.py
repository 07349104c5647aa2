"""Phone numbers in the many ways in which they are said, for property tests."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from agents.digits import DIGIT_WORDS, ENGLISH_DIGITS, REPEATS
from agents.languages import LANGUAGES
from leads.number_words.english import TEENS_AND_TENS
from leads.number_words.lexicon import number_word, variants
from leads.spoken import NUMBER_WORDS

NATIVE_ZEROS = {
    "Devanagari": "०", "Gujarati": "૦", "Gurmukhi": "੦", "Bengali": "০", "Odia": "୦", "Tamil": "௦", "Telugu": "౦", "Kannada": "೦",
    "Malayalam": "൦", "Latin": "0",
}  # fmt: skip

mobiles = st.from_regex(r"[6-9][0-9]{9}", fullmatch=True)


@dataclass(frozen=True)
class Way:
    """One way to say the first digits of a number: the words and how many digits they stand for."""

    text: str
    size: int


def ways(digits: str, language: str, *, tens: bool = True) -> list[Way]:
    """Every way to say some of the first digits. `tens` alone or with a unit can have two readings."""
    script = LANGUAGES[language].script
    value = int(digits[0])
    single = [*variants(DIGIT_WORDS[language])[value], *variants(ENGLISH_DIGITS[script])[value]]
    single.append(variants(ENGLISH_DIGITS["Latin"])[value][0])
    found = [Way(word, 1) for word in single]
    for size, words in enumerate(REPEATS[script], 2):
        if len(digits) >= size and len(set(digits[:size])) == 1:
            found += [Way(f"{word} {each}", size) for word in words.split("/") for each in single]
    for size in range(1, min(6, len(digits)) + 1):
        zero = ord(NATIVE_ZEROS[script])
        found += [Way(digits[:size], size), Way("".join(chr(zero + int(digit)) for digit in digits[:size]), size)]
    if len(digits) > 1 and value:
        ten, unit = value, int(digits[1])
        pairs = _pairs(language, ten, unit) + _english_pairs(script, ten, unit)
        found += [Way(word, 2) for word in pairs if tens or (unit and " " not in word) or ten == 1]
    return found


def _pairs(language: str, ten: int, unit: int) -> list[str]:
    words = NUMBER_WORDS[language]
    whole = number_word(language, ten * 10 + unit)
    if whole or words.to_ninety_nine:
        return whole
    units = variants(DIGIT_WORDS[language])[unit]
    tens = variants(words.joining)[ten - 2] if words.joining else number_word(language, ten * 10)
    return [f"{each} {last}" for each in tens for last in units]


def _english_pairs(script: str, ten: int, unit: int) -> list[str]:
    row = variants(TEENS_AND_TENS[script])
    if ten == 1:
        return row[unit]
    units = variants(ENGLISH_DIGITS[script])[unit] if unit else [""]
    return [f"{each} {last}".strip() for each in row[ten + 8] for last in units]


@st.composite
def said(draw: st.DrawFn, number: str, language: str, *, tens: bool = True) -> list[str]:
    """A number's digits as the pieces in which somebody says it, without what has two readings unless `tens`."""
    pieces: list[str] = []
    while number:
        way = draw(st.sampled_from(ways(number, language, tens=tens)))
        pieces.append(way.text)
        number = number[way.size :]
    return pieces
