"""An example conversation and what must happen in it, decided by plain comparison. Imports no Django."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.languages import LANGUAGES

FEW_WORDS = 3  # a reply of fewer words says nothing about its language: "OK, thank you" is said in all of them
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # ZWNJ and ZWJ: how letters are drawn, not which they are
_SCRIPT_NAMES = {"Odia": "ORIYA"}  # where Unicode calls a script otherwise


@dataclass(frozen=True, slots=True)
class Said:
    """Words of one side."""

    role: Literal["visitor", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool, and what the tool answered the model."""

    tool: str
    arguments: dict[str, Any]
    ok: bool
    answer: str


Step = Said | ToolUse


@dataclass(frozen=True, slots=True)
class Expected:
    """What must happen. Every part may be empty, and is not looked at then.

    `says` are words each of which must come in some reply, `never_says` words that must come in none;
    `tool` must be used at least once with all of `tool_values`; with `keeps_language` every reply must
    be in `language` (a BCP-47 code of ours).
    """

    language: str
    says: list[str] = field(default_factory=list)
    never_says: list[str] = field(default_factory=list)
    tool: str = ""
    tool_values: dict[str, str] = field(default_factory=dict)
    keeps_language: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that had to happen and did not, or the reverse. `what` are the words, or the reply in question."""

    kind: Literal["says", "never_says", "tool", "language"]
    what: str


def faults(expected: Expected, steps: Iterable[Step]) -> list[Fault]:
    """What went otherwise than `expected`. The greeting counts for nothing: staff wrote it themselves."""
    steps = list(steps)
    first = next((n for n, step in enumerate(steps) if isinstance(step, Said) and step.role == "visitor"), 0)
    replies = [step.text for step in steps[first:] if isinstance(step, Said) and step.role == "agent"]
    uses = [step for step in steps if isinstance(step, ToolUse)]
    return list(_faults(expected, replies, uses))


def _faults(expected: Expected, replies: list[str], uses: list[ToolUse]) -> Iterator[Fault]:
    for phrase in expected.says:
        if not any(holds(reply, phrase) for reply in replies):
            yield Fault("says", phrase)
    for phrase in expected.never_says:
        if any(holds(reply, phrase) for reply in replies):
            yield Fault("never_says", phrase)
    if expected.tool and not any(_is_used_as(expected, use) for use in uses):
        yield Fault("tool", ", ".join(f"{name}={value}" for name, value in expected.tool_values.items()))
    if expected.keeps_language:
        yield from (Fault("language", reply) for reply in replies if not keeps_language(reply, expected.language))


def _is_used_as(expected: Expected, use: ToolUse) -> bool:
    given = {name: fold(str(value)) for name, value in use.arguments.items()}
    return use.tool == expected.tool and all(
        given.get(name) == fold(value) for name, value in expected.tool_values.items()
    )


# Comparison ------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """Text as it is compared: NFC, without case, without joiners, runs of white space as one space."""
    # Folding case may undo the composition.
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return " ".join(folded.translate(_JOINERS).split())


def words(text: str) -> list[str]:
    """The words of a text, folded, without punctuation."""
    # Not `\\w` of `re`: that breaks Indian words at their vowel signs.
    return "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in fold(text)).split()


def holds(text: str, phrase: str) -> bool:
    """Whether `text` has the words of `phrase`, one after the other.

    They are whole words, so that "no" is not found in "now", nor 50 in 500. Only the last one may go on
    when it is of an Indian script, where endings are written on: கிழமை is found in கிழமையில்.
    """
    wanted = " ".join(words(phrase))
    end = "" if wanted and _script(wanted[-1]) not in ("", "LATIN") else " "
    return bool(wanted) and f" {wanted}{end}" in f" {' '.join(words(text))} "


def keeps_language(reply: str, language: str) -> bool:
    """Whether a reply is in `language`, judged by its script alone: Hindi and Marathi share theirs.

    English words within an Indian sentence are how people talk, so of all words a quarter in the
    language's own script is enough, if no other Indian script has as many.
    """
    scripts = Counter(filter(None, (_script(word[0]) for word in words(reply))))
    total = scripts.total()
    name = LANGUAGES[language].script
    own = scripts.pop(_SCRIPT_NAMES.get(name, name.upper()), 0)
    scripts.pop("LATIN", None)
    return total < FEW_WORDS or (own * 4 >= total and own > max(scripts.values(), default=0))


def _script(char: str) -> str:
    """Unicode's name of a letter's script; empty for a digit or anything else that is no letter of a word."""
    return unicodedata.name(char, "").partition(" ")[0] if unicodedata.category(char)[0] in "LM" else ""
