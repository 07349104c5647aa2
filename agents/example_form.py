"""The form of an example conversation. Every list is a box with a line for each entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from agents.catalogue import VOICES
from agents.examples import holds, words
from agents.forms import language_label
from agents.languages import LANGUAGES
from agents.models import AgentProfile, Example
from agents.pairs import TEXT_LENGTH, PairsField

if TYPE_CHECKING:
    BaseForm = forms.ModelForm[Example]
else:
    BaseForm = forms.ModelForm

MAX_LINES = 20  # said one after the other within the time of one Celery task
LINE_LENGTH, PHRASE_LENGTH = 500, 200


class LinesField(forms.CharField):
    """Texts, one a line; stored as a list."""

    def __init__(self, *, most: int, rows: int = 3, **kwargs: Any) -> None:
        self.most = most
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": rows, "dir": "auto"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        found = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(found) > MAX_LINES:
            raise forms.ValidationError(
                _("There are %(count)s lines. At most %(most)s fit.") % {"count": len(found), "most": MAX_LINES}
            )
        for number, line in enumerate(found, 1):
            if len(line) > self.most:
                message = _("Line %(line)s is longer than %(most)s characters.")
                raise forms.ValidationError(message % {"line": number, "most": self.most})
            if not words(line):
                raise forms.ValidationError(_("Line %(line)s has no words.") % {"line": number})
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class ToolValuesField(PairsField):
    """What a tool must be given, stored as a dictionary."""

    shape = gettext_lazy("key = value")
    example = "phone = 9876543210"

    def _fault(self, left: str, right: str) -> str:
        return _("too long.") if max(len(left), len(right)) > TEXT_LENGTH else ""

    def _pairs(self, stored: Any) -> list[tuple[str, str]]:
        return list(dict(stored).items())

    def _stored(self, pairs: list[tuple[str, str]]) -> dict[str, str]:
        return dict(pairs)


def _languages() -> list[tuple[str, str]]:
    return [(code, language_label(language)) for code, language in LANGUAGES.items()]


def _voices() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("The agent's first voice")), *((voice.id, voice.name) for voice in VOICES.values())]


class ExampleForm(BaseForm):
    """An example, checked against the agent's draft."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=_languages, widget=UnfoldAdminSelectWidget)
    voice = forms.ChoiceField(
        label=gettext_lazy("Voice"), choices=_voices, required=False, widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Nothing is spoken; the voice decides whether a woman or a man answers."),
    )  # fmt: skip
    lines = LinesField(
        label=gettext_lazy("What the visitor says"), most=LINE_LENGTH, rows=6,
        help_text=gettext_lazy("A line each time it is the visitor's turn. Put made-up names and numbers in place of real ones."),
    )  # fmt: skip
    says = LinesField(
        label=gettext_lazy("The agent says"), most=PHRASE_LENGTH, required=False,
        help_text=gettext_lazy("Words that must come in some reply after the greeting, one phrase a line. Small or capital letters do not matter."),
    )  # fmt: skip
    never_says = LinesField(
        label=gettext_lazy("The agent never says"), most=PHRASE_LENGTH, required=False,
        help_text=gettext_lazy("Words that must come in no reply, one phrase a line."),
    )  # fmt: skip
    tool_values = ToolValuesField(
        label=gettext_lazy("With these values"),
        help_text=gettext_lazy("One a line. The keys are those of what it must find out, or “language”. Written just as the agent hands them over."),
    )  # fmt: skip

    class Meta:
        widgets = {"tool": UnfoldAdminSelectWidget, "kept_from": forms.HiddenInput}
        help_texts = {
            "name": gettext_lazy("What this conversation is about."),
            "keeps_language": gettext_lazy(
                "Every reply is in the script of this language; English words among the others are fine. "
                "Hindi and Marathi have one script, so those two are not told apart."
            ),
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        agent: AgentProfile | None = given.get("agent") or (self.instance.agent if self.instance.pk else None)
        if agent is not None:
            self._check_against(agent, given)
        says, never_says = given.get("says", []), given.get("never_says", [])
        if both := [phrase for phrase in never_says if any(holds(other, phrase) for other in says)]:
            self.add_error("never_says", _("“%(words)s” must also be said.") % {"words": both[0]})
        wanted = ("says", "never_says", "tool", "keeps_language")
        if not self.errors and not any(given.get(name) for name in wanted):
            self.add_error("says", _("Write what must happen, here or below."))
        return given

    def _check_against(self, agent: AgentProfile, given: dict[str, Any]) -> None:
        if given.get("language") and given["language"] not in agent.languages:
            self.add_error("language", _("%(name)s does not speak this language.") % {"name": agent.name})
        if given.get("voice") and given["voice"] not in agent.voices:
            self.add_error("voice", _("%(name)s does not have this voice.") % {"name": agent.name})
        others = agent.examples.exclude(pk=self.instance.pk)
        # The model's own check leaves out what the form does not ask again: the agent of an example that exists.
        if given.get("name") and others.filter(name=given["name"]).exists():
            self.add_error("name", _("%(name)s has an example of this name.") % {"name": agent.name})
        keys = _keys(agent, given.get("tool", ""))
        if unknown := [key for key in given.get("tool_values") or {} if key not in keys]:
            self.add_error("tool_values", _unknown_keys(unknown, keys))


def _keys(agent: AgentProfile, tool: str) -> list[str]:
    """The keys of the values a tool takes."""
    if tool == Example.Tool.SAVE_DETAILS:
        return list(agent.fields.values_list("key", flat=True))
    return ["language"] if tool == Example.Tool.SPEAK_LANGUAGE else []


def _unknown_keys(unknown: Iterable[str], keys: list[str]) -> str:
    if not keys:
        return _("What is chosen above takes no values.")
    return _("There is no %(unknown)s. There is: %(keys)s.") % {"unknown": ", ".join(unknown), "keys": ", ".join(keys)}
