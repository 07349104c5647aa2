"""The speaker's gender in words: which forms show it, and which of two a voice says. Imports no Django.

In Hindi, Punjabi, Marathi and Gujarati the verbs one says of oneself show whether a woman or a man
speaks. `speaker_forms` finds those forms and leaves every other verb alone: one that agrees with the
visitor, with an object or with somebody else. The words of each language are tables in a file of its
own, for a native speaker to correct; `engine` holds what the four have in common.

It is a reader of surface forms, not a parser. In doubt it stays silent, for staff stop reading
warnings that are wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agents.catalogue import VOICES, Gender
from agents.grammar import gujarati, hindi, marathi, punjabi
from agents.grammar.engine import Examples, Form, Rules, find

__all__ = ["Form", "choose", "examples", "misfits", "speaker_forms", "warnings_for"]

_RULES: dict[str, Rules] = {
    "hi-IN": hindi.RULES,
    "pa-IN": punjabi.RULES,
    "mr-IN": marathi.RULES,
    "gu-IN": gujarati.RULES,
}
_PAIR = re.compile(r"\{([^{}|\n]*)\|([^{}|\n]*)\}")


def choose(text: str, gender: Gender) -> str:
    """Put the woman's or the man's form in place of every `{woman's|man's}`. All else in braces stays."""

    def side(pair: re.Match[str]) -> str:
        woman, man = pair[1].strip(), pair[2].strip()
        if not woman and not man:
            return pair[0]
        return woman if gender == "female" else man

    return _PAIR.sub(side, text)


def speaker_forms(text: str, language: str) -> list[Form]:
    """Every form in `text` that shows the gender of its speaker, in order; `{woman's|man's}` pairs are no such form."""
    rules = _RULES.get(language)
    return find(text, rules) if rules else []


def misfits(text: str, language: str, gender: Gender) -> list[Form]:
    """The forms that a speaker of that gender would not use."""
    return [form for form in speaker_forms(text, language) if form.gender != gender]


def warnings_for(texts: Mapping[str, str], voices: Iterable[str]) -> dict[str, list[Form]]:
    """By language, the single forms that do not fit every one of `voices`. A language without any is left out."""
    genders = {VOICES[voice].gender for voice in voices if voice in VOICES}
    found = {
        language: [form for form in speaker_forms(text, language) if genders - {form.gender}]
        for language, text in texts.items()
    }
    return {language: forms for language, forms in found.items() if forms}


def examples(language: str) -> Examples | None:
    """A few of the speaker's own forms, by gender; None where verbs do not show it."""
    rules = _RULES.get(language)
    return rules.examples if rules else None
