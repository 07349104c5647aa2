"""What a visitor's words mean, by simple means: a name, a number, yes, no, goodbye."""

from __future__ import annotations

import re
import unicodedata

from local.sandbox.phrases import every_word, phrases
from local.sandbox.wording import tokens, words

MOBILE = 10  # digits
_TWICE = frozenset(["double", "डबल", "ডাবল", "ਡਬਲ", "ડબલ", "ଡବଲ", "டபுள்", "డబుల్", "ಡಬಲ್", "ഡബിൾ"])
_THRICE = frozenset(["triple", "ट्रिपल", "ট্রিপল", "ਟ੍ਰਿਪਲ", "ટ્રિપલ", "ଟ୍ରିପଲ", "டிரிபிள்", "ట్రిపుల్", "ಟ್ರಿಪಲ್", "ട്രിപ്പിൾ"])
_ALSO_ZERO = frozenset(words("oh ज़ीरो जीरो झिरो ઝીરો ਜ਼ੀਰੋ জিরো ଜିରୋ ஜீரோ జీరో ಜೀರೋ സീറോ"))
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def digits(text: str, language: str) -> str:
    """All digits said, in figures of any script or as words of the language or English."""
    spoken = {word: str(value) for value, word in enumerate(words(phrases("en-IN").digits))}
    spoken |= {word: str(value) for value, word in enumerate(words(phrases(language).digits))} | dict.fromkeys(
        _ALSO_ZERO, "0"
    )
    found, repeat = "", 1
    for word in words(text):
        figures = "".join(str(unicodedata.decimal(mark)) for mark in word if mark.isdecimal()) or spoken.get(word, "")
        if figures:
            found += figures[0] * (repeat - 1) + figures
        repeat = 2 if word in _TWICE else 3 if word in _THRICE else 1
    return found


def mobile(text: str, language: str) -> str | None:
    """The mobile number said, its country code or leading zero dropped; None when there is none."""
    said = digits(text, language)
    return said[-MOBILE:] if MOBILE <= len(said) <= MOBILE + 3 else None


def email(text: str) -> str | None:
    """The email address written in a text, if there is one."""
    found = _EMAIL.search(text)
    return found[0] if found else None


def name(text: str, language: str) -> str:
    """The name in an answer, the words around it ("my name is") taken off."""
    frame = set(words(phrases(language).name_frame)) | set(words(phrases("en-IN").name_frame)) | every_word("hello")
    said = tokens(text)
    kept = [word for word in said if word.lower() not in frame]
    return " ".join((kept or said)[:5])


def is_no(text: str) -> bool:
    """Whether an answer holds a no, which outweighs any yes beside it."""
    return any(word in every_word("no") for word in words(text))


def is_yes(text: str) -> bool:
    """Whether an answer is a yes."""
    return not is_no(text) and any(word in every_word("yes") for word in words(text))


def is_parting(text: str) -> bool:
    """Whether somebody takes leave: a goodbye in a short sentence, or thanks and little else."""
    said = words(text)
    return is_goodbye(text) or (len(said) <= 4 and any(word in every_word("thanks") for word in said))


def is_goodbye(text: str) -> bool:
    """Whether a short sentence says goodbye in so many words."""
    said = words(text)
    return len(said) <= 5 and any(word in every_word("bye") for word in said)


def is_greeting(text: str) -> bool:
    """Whether a sentence is a greeting and nothing more."""
    return len([word for word in words(text) if word not in every_word("hello")]) < 2


def own_words(text: str, most: int = 7) -> str:
    """A few of the visitor's own words, for repeating."""
    said = [word for word in tokens(text) if word.lower() not in every_word("hello")] or tokens(text)
    return " ".join(said[:most])
