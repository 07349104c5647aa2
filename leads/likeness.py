"""Whether two texts mean the same, whatever script, case or spelling they are in. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from agents.contract import FieldToFindOut
from agents.smalltalk import words
from leads.sounds import sounds_of

_TELLING = 2  # letters that a word's sound must have to be told by it


def same_value(field: FieldToFindOut, one: str, other: str) -> bool:
    """Whether two clean values of a field are the same one."""
    if field.kind == "name":
        return share_of_words(one, [other]) == share_of_words(other, [one]) == 1
    return words(one) == words(other) if field.kind == "text" else one == other


def share_of_words(value: str, texts: Iterable[str]) -> float:
    """Which part of the words of `value` the texts hold, 0 to 1: as they are written, or as they sound.

    राहुल is held by "my name is Rahul". Words of Indian scripts may go on in a text:
    पुणे is held by पुणेमध्ये.
    """
    wanted = words(value)
    said = {word for text in texts for word in words(text)}
    sounds = {sound for word in said if len(sound := sounds_of(word)) >= _TELLING}
    held = [word for word in wanted if _is_said(word, said) or sounds_of(word) in sounds]
    return len(held) / len(wanted) if wanted else 0.0


def _is_said(word: str, said: set[str]) -> bool:
    return word in said or (not word.isascii() and len(word) > _TELLING and any(each.startswith(word) for each in said))
