"""One spelling for the many in which a word is written, so that tables and transcripts meet."""

from __future__ import annotations

import re
import unicodedata

_BLOCKS = (
    0x0900,
    0x0980,
    0x0A00,
    0x0A80,
    0x0B00,
)  # Devanagari, Bengali, Gurmukhi, Gujarati, Odia: letters at equal places
_LENGTHS = {0x08: 0x07, 0x0A: 0x09, 0x40: 0x3F, 0x42: 0x41}  # ई as इ, ऊ as उ, and their signs
_VIRAMA = 0x4D
_HARD_AND_BREATHED = ((0x15, 0x16), (0x17, 0x18), (0x1A, 0x1B), (0x1F, 0x20), (0x21, 0x22), (0x24, 0x25), (0x26, 0x27))
_NASALS = ((0x19, 0x15, 0x18), (0x1E, 0x1A, 0x1D), (0x23, 0x1F, 0x22), (0x28, 0x24, 0x27), (0x2E, 0x2A, 0x2D))
_CHILLUS = str.maketrans({"ൺ": "ണ്", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്", "ൿ": "ക്"})
_DROPPED = {0x200C, 0x200D, 0x0A70, 0x0A71} | {block + sign for block in _BLOCKS for sign in (0x01, 0x02, 0x03, 0x3C)}


def _classes() -> tuple[dict[int, int | None], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    marks: dict[int, int | None] = dict.fromkeys(_DROPPED)
    marks |= {block + long: block + short for block in _BLOCKS for long, short in _LENGTHS.items()}
    doubled = [f"([{chr(b + 0x15)}-{chr(b + 0x39)}]){chr(b + _VIRAMA)}(?=\\1)" for b in _BLOCKS]
    doubled += [
        f"{chr(b + hard)}{chr(b + _VIRAMA)}(?={chr(b + breathed)})"
        for b in _BLOCKS
        for hard, breathed in _HARD_AND_BREATHED
    ]
    nasal = [
        f"{chr(b + sound)}{chr(b + _VIRAMA)}(?=[{chr(b + first)}-{chr(b + last)}])"
        for b in _BLOCKS
        for sound, first, last in _NASALS
    ]
    ends = "[" + "".join(chr(b + _VIRAMA) for b in _BLOCKS) + "]$"
    groups = "|".join(pattern.replace("\\1", f"\\{n}") for n, pattern in enumerate(doubled[: len(_BLOCKS)], 1))
    return (
        marks,
        re.compile("|".join([groups, *doubled[len(_BLOCKS) :]])),
        re.compile("|".join(nasal)),
        re.compile(ends),
    )


_MARKS, _DOUBLED, _NASAL, _END = _classes()


def fold(word: str) -> str:
    """The word in the form in which it is compared.

    NFC without joiners and case everywhere. In the northern scripts also without nuktas, nasal signs,
    doubled consonants and the length of i and u, which people and recognisers write either way
    (पाँच, पांच; चालीस, चालिस; अट्ठाईस, अठाइस). In Malayalam chillu letters are spelt out, and the half
    u that ends many words is left off (രണ്ട്, രണ്ടു).
    """
    text = unicodedata.normalize("NFD", word.casefold()).translate(_CHILLUS).translate(_MARKS)
    text = _NASAL.sub("", _DOUBLED.sub("", text))
    text = re.sub("(?:ു്|്|ു)$", "", text) if "\u0d00" <= text[:1] <= "\u0d7f" else _END.sub("", text)
    return unicodedata.normalize("NFC", text)
