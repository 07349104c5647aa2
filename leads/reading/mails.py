"""E-mail addresses, written or said: "ravi at gmail dot com", "रवि ऐट जीमेल डॉट कॉम"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from leads.number_words import mail
from leads.number_words.lexicon import variants
from leads.number_words.spelling import fold
from leads.reading.latin import latin
from leads.reading.runs import Mark, readings
from leads.reading.tokens import Token, tokenize

_WRITTEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*\s?@\s?[A-Za-z0-9-]+(?:\s?\.\s?[A-Za-z]{2,})+(?![A-Za-z])")
_MOST = 3  # words of a name that may stand before "at" unmarked


def find_emails(text: str, language: str) -> list[str]:
    """The e-mail addresses in a text in small letters, in order of appearance, each once.

    What is written in another script is put into Latin letters the way names usually are; letters said by
    name and digits are taken as such. A domain is known by its ending (com, in, ...).
    """
    plain = unicodedata.normalize("NFC", text)
    places = [(match.start(), re.sub(r"\s", "", match.group()).casefold()) for match in _WRITTEN.finditer(plain)]
    tokens = tokenize(text, language)
    for at, token in enumerate(tokens):
        domain = _domain(tokens, _after_sign(tokens, at)) if token.word in _words("AT") else ""
        name = _name(tokens, at) if domain else ""
        if name:
            places.append((token.start, f"{name}@{domain}"))
    return list(dict.fromkeys(address for _, address in sorted(places)))


@cache
def _words(sign: str) -> frozenset[str]:
    return frozenset(fold(word) for word in getattr(mail, sign).split())


@cache
def _letters() -> dict[str, str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {
        fold(form): letter
        for row in mail.LETTERS.values()
        for letter, forms in zip(letters, variants(row), strict=True)
        for form in forms
    }


@cache
def _domains() -> dict[str, str]:
    return {fold(word): part for part, words in mail.DOMAINS.items() for word in words.split()}


def _after_sign(tokens: Sequence[Token], at: int) -> int:
    """Where the domain begins: after "at", "at the rate" or "at the rate of"."""
    place = at + 1
    while place < len(tokens) and tokens[place].word in _words("THE_RATE"):
        place += 1
    return place


def _domain(tokens: Sequence[Token], first: int) -> str:
    """gmail.com, company.co.in: the words from a place on; empty if they are no domain."""
    parts: list[str] = []
    place, part = first, ""
    while place < len(tokens):
        token = tokens[place]
        if part and (_is_dot(token) or token.gap.strip() == "."):
            parts, part = [*parts, part], ""
            place += _is_dot(token)
            continue
        if part and (parts or len(part) > 1) and not (_is_letter(tokens[place - 1]) and _is_letter(token)):
            break
        more = _domains().get(token.word) or _letters().get(token.word) or token.digits or latin(token.text)
        part, place = part + more, place + 1
    parts.append(part)
    return ".".join(parts) if len(parts) > 1 and parts[-1] in mail.ENDINGS and all(parts) else ""


def _is_dot(token: Token) -> bool:
    return token.word in _words("DOT")


def _is_letter(token: Token) -> bool:
    return token.word in _letters() or len(token.text) == 1


def _name(tokens: Sequence[Token], at: int) -> str:
    """What stands before "at", without the words that lead to the address."""
    first, free = at, _MOST
    while first > 0:
        token = tokens[first - 1]
        small = bool(_joiner(token)) or _is_letter(token) or _is_digit(token)
        spelt = _is_letter(token) and first < at and _is_letter(tokens[first])
        marked = spelt or (first < at and bool(_joiner(tokens[first])))
        if (token.word in _words("BESIDE") and not (_joiner(token) or marked)) or (free == 0 and not (small or marked)):
            break
        free -= not (small or marked)
        first -= 1
        if re.search(r"[,;:?!\u0964]", tokens[first].gap):
            break
    known = (
        first == 0 or tokens[first - 1].word in _words("BESIDE") or bool(re.search(r"[:,\u0964.]", tokens[first].gap))
    )
    if not known:
        first = _nearest(tokens, at)
    return _spelt(tokens[first:at]).strip("._-")


def _nearest(tokens: Sequence[Token], at: int) -> int:
    """Where the name starts if nothing tells: its last word with the letters, digits and signs joined to it."""
    first = at - 1
    while first > 0 and (
        _joiner(tokens[first]) or _joiner(tokens[first - 1]) or (_is_digit(tokens[first]) and first == at - 1)
    ):
        first -= 1
    while first > 0 and _is_letter(tokens[first]) and _is_letter(tokens[first - 1]):
        first -= 1
    return max(first, 0)


def _joiner(token: Token) -> str:
    for sign, text in (("DOT", "."), ("UNDERSCORE", "_"), ("DASH", "-")):
        if token.word in _words(sign):
            return text
    return ""


def _is_digit(token: Token) -> bool:
    if token.digits:
        return True
    meaning = token.meaning
    return meaning is not None and (
        meaning.kind == "repeat" or (meaning.kind == "number" and meaning.value in range(100))
    )


def _spelt(tokens: Sequence[Token]) -> str:
    """The tokens as one part of an address: letters by name, numbers as digits, signs, words in Latin letters."""
    text, place = "", 0
    while place < len(tokens):
        token = tokens[place]
        marks = [Mark(other) for other in tokens[place:] if _is_digit(other)]
        letter = _letters().get(token.word, "")
        if joiner := _joiner(token):
            text, place = text + joiner, place + 1
        elif letter:
            text, place = text + letter, place + 1
        elif _is_digit(token):
            run = _digit_row(tokens, place)
            digits, after = max(readings(marks[:run], 0), key=lambda reading: reading[1], default=("", run))
            text, place = text + digits, place + max(after, 1)
        else:
            gap = "." if token.gap == "." and text else "_" if token.gap == "_" else ""
            text, place = text + gap + latin(token.text), place + 1
    return text


def _digit_row(tokens: Sequence[Token], place: int) -> int:
    end = place
    while end < len(tokens) and _is_digit(tokens[end]):
        end += 1
    return end - place
