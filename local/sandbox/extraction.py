"""Data in a schema, when a request asks for that instead of speech: found by simple means, or null.

Only the visitor's words are searched, and a value is given as the visitor said it, so that evidence can be checked.
"""

from __future__ import annotations

from typing import Any

from local.sandbox import answers
from local.sandbox.form import build
from local.sandbox.phrases import phrases
from local.sandbox.prompt import language_of_script, text_of
from local.sandbox.wording import tokens, words

_SAYS_NAME = {"name", "नाम", "नाव", "નામ", "ਨਾਂ", "ਨਾਮ", "নাম", "ନାଁ", "பெயர்", "பேர்", "పేరు", "ಹೆಸರು", "പേര്"}


def extract(schema: dict[str, Any], messages: list[dict[str, Any]]) -> Any:
    """A value that fits `schema`, from the words of the conversation in `messages`."""
    lines = [line.strip() for each in messages if each.get("role") == "user" for line in text_of(each).splitlines()]
    found = _found([line for line in lines if line])
    return build(schema, found.get)


def _found(lines: list[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for line in lines:
        language = language_of_script(line) or "en-IN"
        if number := answers.mobile(line, language):
            found["phone"] = number
        if address := answers.email(line):
            found["email"] = address
        if "name" not in found and _SAYS_NAME & set(words(line)):
            found["name"] = _name(line, language)
    return found


def _name(line: str, language: str) -> str | None:
    """What follows the word for "name", which may come after a speaker's label at the line's start."""
    said = tokens(line)
    place = next(place for place, word in enumerate(said) if word.lower() in _SAYS_NAME)
    frame = {*words(phrases(language).name_frame), *words(phrases("en-IN").name_frame)}
    kept = [word for word in said[place + 1 :] if word.lower() not in frame]
    return " ".join(kept[:5]) or None
