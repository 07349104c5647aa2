"""A phone number as an agent says it."""

from __future__ import annotations

from leads.number_words.lexicon import digits

_PLACES = 10


def say_digits(e164: str, language: str) -> str:
    """The number in digit words of the language (BCP-47), in groups with commas between.

    An Indian mobile or landline is said without its +91, as people give it: five digits and five. Other
    numbers are said with their country's digits, three and three with the rest in fours or fewer.
    Raises `ValueError` for a text that is no E.164 number.
    """
    if not (e164.startswith("+") and e164[1:].isdecimal() and e164.isascii()):
        raise ValueError(f"not an E.164 number: {e164!r}")
    said = e164.removeprefix("+91") if e164.startswith("+91") and len(e164) == _PLACES + 3 else e164[1:]
    words = digits(language)
    groups = (said[:5], said[5:]) if len(said) == _PLACES else tuple(said[at : at + 3] for at in range(0, len(said), 3))
    return ", ".join(" ".join(words[int(digit)] for digit in group) for group in groups)
