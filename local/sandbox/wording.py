"""The shape of a language's catalogue, and how text is cut into words.

`[a|b]` in a phrase holds a woman's and a man's form, for the languages whose first person shows the speaker's gender.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from local.sandbox.voices import Gender

_MARKS = ".,;:!?।॥…'\"“”‘’()[]{}<>-–—/*#`"
_GAPS = re.compile(r"[\s,;:!?।॥…\"“”()/–—]+")
_BY_GENDER = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")


@dataclass(frozen=True)
class Phrases:
    """One language's catalogue. Word lists are written as one string, blanks between."""

    nobody: str  # what it calls itself when the prompt gives no name
    greet: str
    ack: tuple[str, ...]
    echo: tuple[str, ...]  # repeats a few of the visitor's own words
    fact: str
    ask: dict[str, str]  # by field key; `other` asks by a label
    read_back: str
    phone_again: str
    noted: str
    goodbye: str
    trouble: str
    digits: str
    yes: str
    no: str
    bye: str
    thanks: str
    hello: str
    name_frame: str  # words around a name: "my name is"

    def line(self, pattern: str, gender: Gender, **values: str) -> str:
        """A phrase with the speaker's gender chosen and its blanks filled by plain substitution."""
        said = _BY_GENDER.sub(lambda forms: forms[1] if gender == "woman" else forms[2], pattern)
        for key, value in values.items():
            said = said.replace("{" + key + "}", value)
        return said

    def spell(self, digits: str) -> str:
        """Digits as words in groups of five, the way a mobile number is read aloud in India."""
        words = self.digits.split()
        groups = [digits[place : place + 5] for place in range(0, len(digits), 5)]
        return ", ".join(" ".join(words[int(digit)] for digit in group) for group in groups)


def tokens(text: str) -> list[str]:
    """Words of a text as they were written, punctuation off their ends.

    By hand because `\\w` does not match the vowel signs of Indian scripts. Joiners go and NFC comes, for the same
    word is typed in more than one way.
    """
    plain = unicodedata.normalize("NFC", text).replace("\u200c", "").replace("\u200d", "")
    cut = (word.strip(_MARKS) for word in _GAPS.split(plain))
    return [word for word in cut if word]


def words(text: str) -> list[str]:
    """Words of a text for comparing: like `tokens`, in lower case."""
    return [word.lower() for word in tokens(text)]
