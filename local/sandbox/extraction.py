"""Data in a schema, when a request asks for that instead of speech: found by simple means, or null.

Only the visitor's words are searched, and a value is given as the visitor said it, so that evidence can be checked. A
line may be plain words, or a JSON object of one turn: its number, who spoke and what was said.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from local.sandbox import answers
from local.sandbox.form import build, known_as
from local.sandbox.phrases import every_word
from local.sandbox.prompt import language_of_script, text_of
from local.sandbox.wording import tokens, words

_SAYS_NAME = {"name", "नाम", "नाव", "નામ", "ਨਾਂ", "ਨਾਮ", "নাম", "ନାଁ", "பெயர்", "பேர்", "పేరు", "ಹೆಸರು", "പേര്"}
_SENTENCE = 3  # words of a line that says what somebody wants


@dataclass
class _Found:
    """Values by the keys of well-known fields, and the numbers of the turns they were said in."""

    values: dict[str, str] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)

    def take(self, key: str, value: str | None, turn: int) -> None:
        if value:
            self.values[key], self.turns[key] = value, turn


def extract(schema: dict[str, Any], messages: list[dict[str, Any]]) -> Any:
    """A value that fits `schema`, from the words of the conversation in `messages`."""
    lines = [line.strip() for each in messages if each.get("role") == "user" for line in text_of(each).splitlines()]
    found = _found([_said(line) for line in lines if line])
    return _pointed(build(schema, found.values.get), found.turns)


def _said(line: str) -> tuple[int, str]:
    """The number and the words of a visitor's turn; no words for one of the agent's."""
    try:
        told = json.loads(line)
    except ValueError:
        return 0, line
    if not isinstance(told, dict):
        return 0, line
    number = told.get("turn")
    mine = told.get("who") != "agent"
    return number if isinstance(number, int) else 0, str(told.get("said", "")) if mine else ""


def _found(lines: list[tuple[int, str]]) -> _Found:
    found = _Found()
    for turn, line in lines:
        language = language_of_script(line) or "en-IN"
        number = answers.mobile(line, language)
        found.take("phone", number, turn)
        found.take("email", answers.email(line), turn)
        if _SAYS_NAME & set(words(line)):
            if "name" not in found.values:
                found.take("name", _name(line), turn)
        elif not number and "need" not in found.values and not answers.is_greeting(line):
            found.take("need", line if len(words(line)) >= _SENTENCE else None, turn)
    if found.values:
        latin = _latin(found.values.get("name", ""))
        found.values["summary"] = f"{latin or 'The visitor'} called.\nCall back."
        found.take("latin_name", latin, 0)
    return found


def _name(line: str) -> str | None:
    """What follows the word for "name", which may come after a speaker's label at the line's start.

    The words around it are those of any language, for a script may be of two: Marathi is written as Hindi is.
    """
    said = tokens(line)
    place = next(place for place, word in enumerate(said) if word.lower() in _SAYS_NAME)
    frame = every_word("name_frame")
    kept = [word for word in said[place + 1 :] if word.lower() not in frame]
    return " ".join(kept[:5]) or None


def _latin(name: str) -> str:
    """A name in Latin letters, by what Unicode calls its letters: RA, VOWEL SIGN AA."""
    return " ".join(_latin_word(word).capitalize() for word in name.split())


def _latin_word(word: str) -> str:
    spelt = ""
    for char in word:
        kind, _, sound = unicodedata.name(char, "").lower().partition(" letter ")
        sign = kind.partition(" vowel sign ")[2]
        if sound:
            spelt += sound
        elif sign:
            spelt = spelt.removesuffix("a") + sign
        elif kind.endswith("virama"):
            spelt = spelt.removesuffix("a")
        elif kind.endswith(("anusvara", "candrabindu")):
            spelt += "n"
        else:
            spelt += char
    bare = spelt if spelt == word else spelt.removesuffix("a")
    return bare.replace("aa", "a").replace("ii", "i").replace("uu", "u")


def _pointed(data: Any, turns: dict[str, int]) -> Any:
    """The data with the numbers of its turns, wherever a property has a value and a list of turns."""
    if not isinstance(data, dict):
        return data
    for key, part in data.items():
        if isinstance(part, dict) and part.get("value") and isinstance(part.get("turns"), list):
            turn = turns.get(known_as(key))
            part["turns"] = [turn] if turn else []
        else:
            _pointed(part, turns)
    return data
