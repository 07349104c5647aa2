"""What differs between two configurations of an agent, part by part, under the form's own labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from django.forms import modelform_factory
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.catalogue import VOICES
from agents.contract import AgentConfig, Brief, FieldToFindOut, TurnTaking
from agents.forms import AgentForm, FieldToFindOutForm, language_label
from agents.languages import LANGUAGES
from agents.models import AgentProfile
from agents.models import FieldToFindOut as FieldRow
from agents.pairs import Pair, lines

MIN_WORDS = 4  # a shorter text is shown whole: its words alone would not be read
MIN_LIKENESS = 0.3  # of texts that share less than this, marked words would be a salad
CONTEXT_WORDS = 20  # unchanged words kept on either side of a change

Mark = Literal["same", "removed", "added", "skipped"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, or an item of a list, and what became of it."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs. `lang` is the language of its words where that is known."""

    label: str
    pieces: list[Piece]
    is_list: bool = False
    lang: str = ""


def changes(old: AgentConfig, new: AgentConfig) -> Iterator[Change]:
    """Every part in which `new` is not as `old` was."""
    labels = _labels(AgentProfile, AgentForm)
    for name in AgentConfig.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        match name:
            case "brief":
                for part in Brief.model_fields:
                    one, other = getattr(before, part), getattr(after, part)
                    if one != other:
                        yield Change(labels[part], words(one, other))
            case "greetings":
                yield from _greeting_changes(before, after)
            case "fields":
                yield from _field_changes(before, after)
            case "turn_taking":
                for part in TurnTaking.model_fields:
                    one, other = getattr(before, part), getattr(after, part)
                    if one != other:
                        yield _change(labels[part], part, one, other)
            case "say_as":
                yield _line_change(
                    labels[name], *([(each.word, each.say) for each in part] for part in (before, after))
                )
            case "variables":
                yield _line_change(labels[name], before.items(), after.items())
            case _:
                yield _change(labels[name], name, before, after)


def _greeting_changes(old: dict[str, str], new: dict[str, str]) -> Iterator[Change]:
    for code in dict.fromkeys([*LANGUAGES, *old, *new]):
        before, after = old.get(code, ""), new.get(code, "")
        if before != after:
            name = language_label(LANGUAGES[code]) if code in LANGUAGES else code
            yield Change(_("Greeting, %(language)s") % {"language": name}, words(before, after), lang=code)


def _field_changes(old: Sequence[FieldToFindOut], new: Sequence[FieldToFindOut]) -> Iterator[Change]:
    before, after = {field.key: field for field in old}, {field.key: field for field in new}
    title, labels = _title(FieldRow._meta.verbose_name_plural), _labels(FieldRow, FieldToFindOutForm)
    gone = [Piece("removed", _field_words(field, labels)) for key, field in before.items() if key not in after]
    come = [Piece("added", _field_words(field, labels)) for key, field in after.items() if key not in before]
    if gone or come:
        yield Change(title, gone + come, is_list=True)
    kept, order = [key for key in before if key in after], [key for key in after if key in before]
    for key in kept:
        for name in FieldToFindOut.model_fields:
            one, other = getattr(before[key], name), getattr(after[key], name)
            if one != other:
                yield _change(f"{title}: {before[key].label}: {labels[name]}", name, one, other)
    if kept != order:
        pieces = _whole(", ".join(before[key].label for key in kept), ", ".join(after[key].label for key in order))
        yield Change(f"{title}: {_title(FieldRow._meta.get_field('position').verbose_name)}", pieces)


def _field_words(field: FieldToFindOut, labels: dict[str, str]) -> str:
    """A thing to find out in one line."""
    parts = [
        f"{labels[name]}: {_shown(name, getattr(field, name))}"
        for name in FieldToFindOut.model_fields
        if name != "label" and getattr(field, name)
    ]
    return f"{field.label} ({'; '.join(parts)})"


def _line_change(label: str, old: Iterable[Pair], new: Iterable[Pair]) -> Change:
    return _change(label, "", lines(old), lines(new))


def _change(label: str, name: str, old: Any, new: Any) -> Change:
    if isinstance(old, list):
        gone = [Piece("removed", _shown(name, item)) for item in old if item not in new]
        come = [Piece("added", _shown(name, item)) for item in new if item not in old]
        if gone or come:
            return Change(label, gone + come, is_list=True)
    if isinstance(old, str) and name in WORDY:
        return Change(label, words(old, new))
    return Change(label, _whole(_shown(name, old), _shown(name, new)))


# The forms' words ------------------------------------------------------------------------------

WORDY = {"description", "consent", "hint"}  # texts of sentences, besides the brief and the greetings

_LANGUAGE_NAMES = {code: language_label(language) for code, language in LANGUAGES.items()}
_VOICE_NAMES = {voice.id: voice.name for voice in VOICES.values()}
_VALUE_NAMES: dict[str, dict[str, Any]] = {
    "languages": _LANGUAGE_NAMES,
    "default_language": _LANGUAGE_NAMES,
    "voices": _VOICE_NAMES,
    "default_voice": _VOICE_NAMES,
    "llm_provider": dict(AgentProfile.Provider.choices),
    "kind": dict(FieldRow.Kind.choices),
}


def _labels(model: Any, form: Any) -> dict[str, str]:
    """What the form calls each of its boxes."""
    made = modelform_factory(model, form=form, fields="__all__")
    return {name: str(field.label) for name, field in made.base_fields.items()}


def _title(name: Any) -> str:
    return str(capfirst(name))


def _shown(name: str, value: Any) -> str:
    """A value as the form shows it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(_shown(name, item) for item in value)
    return str(_VALUE_NAMES.get(name, {}).get(value, value))


# Words -----------------------------------------------------------------------------------------


def _whole(old: str, new: str) -> list[Piece]:
    return [piece for piece in (Piece("removed", old), Piece("added", new)) if piece.text]


def words(old: str, new: str) -> list[Piece]:
    """A text with its changed words marked; the whole of both when they share too little."""
    before, after = _split(old), _split(new)
    if min(len(before), len(after)) < MIN_WORDS:
        return _whole(old, new)
    # By the bare words: a text that goes on after its last word has not changed that word.
    matcher = SequenceMatcher(None, [word.strip() for word in before], [word.strip() for word in after])
    if matcher.ratio() < MIN_LIKENESS:
        return _whole(old, new)
    pieces: list[Piece] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            pieces += _unchanged(after[j1:j2], first=j1 == 0, last=j2 == len(after))
        else:
            pieces += _whole("".join(before[i1:i2]).rstrip(" "), "".join(after[j1:j2]))
    return pieces


def _split(text: str) -> list[str]:
    # Browsers send lines that end in another way than those of files. A word carries the space after
    # it: else every space would match every other, which takes minutes.
    return re.findall(r"\S+\s*|^\s+", text.replace("\r\n", "\n"))


def _unchanged(same: list[str], *, first: bool, last: bool) -> Iterator[Piece]:
    """Unchanged words; of many, only those near a change."""
    head, tail = 0 if first else CONTEXT_WORDS, 0 if last else CONTEXT_WORDS
    count = len(same) - head - tail
    if count <= CONTEXT_WORDS:
        yield Piece("same", "".join(same))
        return
    if head:
        yield Piece("same", "".join(same[:head]))
    yield Piece("skipped", ngettext("%(count)s word unchanged", "%(count)s words unchanged", count) % {"count": count})
    if tail:
        yield Piece("same", "".join(same[-tail:]))
