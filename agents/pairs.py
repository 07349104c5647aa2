"""Boxes of lines, two texts each: `word = how to say it`, and `name = text`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from agents.prompt import RESERVED

MAX_LINES = 200
MAX_FAULTS = 5  # told at once
WORD_LENGTH, SAY_LENGTH = 60, 120  # the contract's
NAME_LENGTH, TEXT_LENGTH = 40, 500

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"[a-z][a-z0-9_]*")

Pair = tuple[str, str]


class PairsField(forms.Field):
    """Lines of `left = right`. It also takes what it gives, the stored form, as a file brings it."""

    shape: Any
    example: Any

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"placeholder": self.example, "rows": 4, "spellcheck": "false"}
        super().__init__(required=False, widget=UnfoldAdminTextareaWidget(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """What stands in the box: the stored pairs as lines, or what somebody typed as it was."""
        return value if isinstance(value, str) else "\n".join(lines(self._pairs(value or [])))

    def to_python(self, value: Any) -> Any:
        """The stored form. Raises `ValidationError`, with a sentence for each of the first faulty lines."""
        pairs = _split(value) if isinstance(value, str) else dict(enumerate(self._pairs(value or []), 1))
        if len(pairs) > MAX_LINES:
            message = _("There are %(count)s lines. At most %(most)s fit.")
            raise forms.ValidationError(message % {"count": len(pairs), "most": MAX_LINES})
        faults = [_("Line %(line)s: %(what)s") % {"line": number, "what": what} for number, what in self._faults(pairs)]
        if faults:
            raise forms.ValidationError(faults[:MAX_FAULTS])
        return self._stored(list(pairs.values()))

    def _faults(self, pairs: dict[int, Pair]) -> Iterator[tuple[int, str]]:
        seen: set[str] = set()
        for number, (left, right) in pairs.items():
            if not left.strip() or not right.strip() or "=" in left or _LINE_BREAK.search(left + right):
                yield number, _("write it as “%(shape)s”.") % {"shape": self.shape}
            elif "\x00" in left + right:
                yield number, _("there is a character that no text holds.")
            elif left.casefold() in seen:
                yield number, _("“%(left)s” stands above already.") % {"left": left[:NAME_LENGTH]}
            elif what := self._fault(left, right):
                yield number, what
            seen.add(left.casefold())

    def _fault(self, left: str, right: str) -> str:
        """What is wrong with a pair; empty when nothing is."""
        raise NotImplementedError

    def _pairs(self, stored: Any) -> list[Pair]:
        raise NotImplementedError

    def _stored(self, pairs: list[Pair]) -> Any:
        raise NotImplementedError


class SayAsField(PairsField):
    """How the voice says words, stored as the contract's list of `SayAs`."""

    shape = gettext_lazy("word = how to say it")
    example = "BHK = B H K\nRERA = Rera"

    def _fault(self, left: str, right: str) -> str:
        if len(left) > WORD_LENGTH or len(right) > SAY_LENGTH:
            message = _("too long. A word may have %(word)s characters, how to say it %(say)s.")
            return message % {"word": WORD_LENGTH, "say": SAY_LENGTH}
        return ""

    def _pairs(self, stored: Any) -> list[Pair]:
        return [(each["word"], each["say"]) for each in stored]

    def _stored(self, pairs: list[Pair]) -> list[dict[str, str]]:
        return [{"word": word, "say": say} for word, say in pairs]


class VariablesField(PairsField):
    """The agent's own names and the texts that take their place, stored as a dictionary."""

    shape = gettext_lazy("name = text")
    example = gettext_lazy("call_back = within one working day")

    def _fault(self, left: str, right: str) -> str:
        if len(left) > NAME_LENGTH or not _NAME.fullmatch(left):
            message = _("the name must be small letters a to z, digits and underscores, at most %(most)s.")
            return message % {"most": NAME_LENGTH}
        if left in RESERVED:
            return _("{%(name)s} is filled in by itself. Choose another name.") % {"name": left}
        if len(right) > TEXT_LENGTH:
            return _("the text is longer than %(most)s characters.") % {"most": TEXT_LENGTH}
        return ""

    def _pairs(self, stored: Any) -> list[Pair]:
        return list(dict(stored).items())

    def _stored(self, pairs: list[Pair]) -> dict[str, str]:
        return dict(pairs)


def lines(pairs: Iterable[Pair]) -> list[str]:
    """Pairs as the lines of a box."""
    return [f"{left} = {right}" for left, right in pairs]


def _split(text: str) -> dict[int, Pair]:
    """The pairs of a box by the number of their line."""
    pairs = {}
    for number, line in enumerate(_LINE_BREAK.split(text), 1):
        left, _equals, right = line.partition("=")
        if line.strip():
            pairs[number] = (left.strip(), right.strip())
    return pairs
