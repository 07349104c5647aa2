"""Forms of the admin: the agent as a brief, and the things it must find out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agents.branding import as_picture
from agents.catalogue import MODELS, VOICES, Voice
from agents.conflicts import SEEN, conflict, stamp
from agents.grammar import choose
from agents.languages import LANGUAGES, Language
from agents.models import AgentProfile, FieldToFindOut
from agents.pairs import SayAsField, VariablesField
from agents.prompt import RESERVED, unknown_names
from agents.services import refused_models
from agents.standing import standing

if TYPE_CHECKING:
    ProfileForm = forms.ModelForm[AgentProfile]
    FieldForm = forms.ModelForm[FieldToFindOut]
else:
    ProfileForm = FieldForm = forms.ModelForm

GREETING_LENGTH = 1000
NAMES_LENGTH = 100  # of unknown names, what a message shows
LAST = 1000  # where a new thing to find out stands until the page numbers them by dragging

# In each part of the brief, an example to write over.
EXAMPLES = {
    "who": _("The receptionist of Sunrise Homes, a builder in Pune. Warm and brief; asks one question at a time."),
    "knows": _("Office: 12 Baner Road, Pune. Open every day from 10 to 7.\nTwo-bedroom flats start at 65 lakh."),
    "never": _("Promise a discount, a date of possession or a loan."),
    "ends": _("Say that a colleague will call back today, thank the visitor and say goodbye."),
}


def language_label(language: Language) -> str:
    """A language by its English and its own name."""
    return language.name if language.name == language.own_name else f"{language.name}, {language.own_name}"


def _voice_label(voice: Voice) -> str:
    gender = _("woman") if voice.gender == "female" else _("man")
    return f"{voice.name}, {gender}"


def _language_choices() -> list[tuple[str, str]]:
    return [(code, language_label(language)) for code, language in LANGUAGES.items()]


def _voice_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Voices grouped by the speaking model they belong to."""
    return [
        (model, [(voice.id, _voice_label(voice)) for voice in VOICES.values() if voice.model == model])
        for model in _models("tts")
    ]


def _models(kind: str) -> list[str]:
    return [model.name for model in MODELS.values() if model.kind == kind]


def _model_choices(kind: str) -> list[tuple[str, str]]:
    today, refused = timezone.localdate(), refused_models()
    return [(name, standing(name, today, refused).words or name) for name in _models(kind)]


def llm_suggestions() -> list[tuple[str, str]]:
    """Language models to offer while typing: name, and whose it is and how it stands."""
    today, refused = timezone.localdate(), refused_models()
    return [
        (model.name, standing(model.name, today, refused).words or model.provider.capitalize())
        for model in MODELS.values()
        if model.kind == "llm"
    ]


def greeting_field(code: str) -> str:
    """Name of the form field that holds the greeting in a language; a JavaScript name too, for showing and hiding."""
    return "greeting_" + code.replace("-", "_")


def in_braces(names: Iterable[str]) -> str:
    """Names as they are written into a text."""
    return ", ".join(f"{{{name}}}" for name in names)


class TextField(forms.CharField):
    """Text of several lines. Browsers end them in two characters, which would count twice."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class AgentForm(ProfileForm):
    """The draft of an agent. Lists and greetings, which the model stores as JSON, are boxes and one text a language."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=_language_choices, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Sarvam hears 22 Indian languages and English, but speaks only these eleven."),
        error_messages={"required": _("Choose at least one language.")},
    )  # fmt: skip
    default_language = forms.ChoiceField(
        label=_("First language"), choices=_language_choices, widget=UnfoldAdminSelectWidget,
        help_text=_("The page offers it first."),
    )  # fmt: skip
    tts_model = forms.ChoiceField(
        label=_("Speaking model"), choices=lambda: _model_choices("tts"), widget=UnfoldAdminSelectWidget,
        help_text=_("Each has its own voices."),
    )  # fmt: skip
    voices = forms.MultipleChoiceField(
        label=_("Voices"), choices=_voice_choices, widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Visitors may choose among these."),
        error_messages={"required": _("Choose at least one voice.")},
    )  # fmt: skip
    default_voice = forms.ChoiceField(label=_("First voice"), choices=_voice_choices, widget=UnfoldAdminSelectWidget)
    stt_model = forms.ChoiceField(
        label=_("Listening model"), choices=lambda: _model_choices("stt"), widget=UnfoldAdminSelectWidget
    )
    say_as = SayAsField(
        label=_("How to say a word"),
        help_text=_("One a line: the word, =, how to say it. Whole words, in speech only: what is written stays."),
    )
    variables = VariablesField(
        label=_("Its own names"),
        help_text=_("One a line: a name in small letters, =, the text that takes its place."),
    )
    note = forms.CharField(
        label=_("What changed"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("A few words for the list of published versions."),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Media:
        js = [forms.Script(f"admin/{name}.js", type="module") for name in ("samples", "brief", "presets")]

    class Meta:
        labels = {
            "who": _("Its job and manner"),
            "knows": _("Facts it may use"),
            "never": _("Never"),
            "ends": _("Its goodbye"),
        }
        help_texts = {"agent_id": _("The last part of the visitor's address. Small letters, digits and hyphens.")}
        field_classes = dict.fromkeys([*EXAMPLES, "consent"], TextField)
        widgets = {
            **{
                part: UnfoldAdminTextareaWidget(attrs={"placeholder": text, "rows": 5})
                for part, text in EXAMPLES.items()
            },
            "consent": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "llm_model": UnfoldAdminTextInputWidget(attrs={"list": "llm-models", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, language in LANGUAGES.items():
            self.fields[greeting_field(code)] = self._greeting(code, language)
        for part in EXAMPLES:
            self._prepare_part(part)
        if self.instance.pk:
            self.initial[SEEN] = stamp(self.instance)
        # Without the right to change, the admin makes a form of no fields.
        if model_field := self.fields.get("llm_model"):
            model = self.instance.llm_model
            note = standing(model, timezone.localdate(), refused_models()).words if model else ""
            model_field.help_text = escape(note) or _(
                "Choose one, or write the name of another. Empty: the provider's default."
            )

    def _prepare_part(self, part: str) -> None:
        """Name what is filled in, and let the page count instead of cutting off what is pasted."""
        if field := self.fields.get(part):
            always = format_html_join(" ", "<code data-always>{{{}}}</code>", ((name,) for name in RESERVED))
            own = format_html_join(" ", "<code>{{{}}}</code>", ((name,) for name in self.instance.variables))
            field.help_text = format_html(
                '{} <span class="names" data-into="id_{}">{} {} {}</span>',
                field.help_text,
                part,
                _("Filled in:"),
                always,
                own,
            )
            field.widget.attrs["data-limit"] = field.widget.attrs.pop("maxlength")

    def _greeting(self, code: str, language: Language) -> TextField:
        return TextField(
            label=language_label(language),
            required=False,
            max_length=GREETING_LENGTH,
            initial=self.instance.greetings.get(code, ""),
            widget=UnfoldAdminExpandableTextareaWidget(
                attrs={
                    "lang": code,
                    "placeholder": language.greeting.replace("{agent_name}", self.instance.name or "{agent_name}"),
                }
            ),
        )

    def clean_colour(self) -> str:
        return str(self.cleaned_data["colour"]).lower()

    def clean_picture(self) -> Any:
        picture = self.cleaned_data["picture"]
        return as_picture(picture) if isinstance(picture, UploadedFile) else picture

    def clean_is_default(self) -> bool:
        chosen: bool = self.cleaned_data["is_default"]
        other = AgentProfile.objects.filter(is_default=True).exclude(pk=self.instance.pk).first()
        if chosen and other:
            raise forms.ValidationError(
                _("%(name)s answers at the front page now. Untick it there first."), params={"name": other.name}
            )
        return chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._check_seen(data)
        self._check_language(data)
        self._check_voice(data)
        self._check_llm(data)
        self._check_names(data)
        self.instance.greetings = {
            code: text for code in LANGUAGES if (text := data.get(greeting_field(code), "").strip())
        }
        return data

    def _check_seen(self, data: dict[str, Any]) -> None:
        if self.instance.pk and (words := conflict(self.instance, data.get(SEEN, ""))):
            link = format_html(
                '<a href="{}" target="_blank" class="underline">{}</a>',
                reverse("admin:agents_agentprofile_change", args=[self.instance.pk]),
                _("Open it again"),
            )
            self.add_error(
                None, format_html(gettext("{words} {link}; your text is still below."), words=words, link=link)
            )

    def _check_language(self, data: dict[str, Any]) -> None:
        first, offered = data.get("default_language"), data.get("languages")
        if first and offered and first not in offered:
            self.add_error(
                "default_language", _("The agent does not speak this language. Tick it above, or choose another.")
            )

    def _check_voice(self, data: dict[str, Any]) -> None:
        model, offered, first = data.get("tts_model"), data.get("voices"), data.get("default_voice")
        if model and offered and (strange := [VOICES[name].name for name in offered if VOICES[name].model != model]):
            message = _("%(voices)s cannot be spoken by %(model)s. Untick them, or choose their model.")
            self.add_error("voices", message % {"voices": ", ".join(strange), "model": model})
        for name in offered or []:
            if mute := [code for code in data.get("languages", []) if code not in VOICES[name].languages]:
                message = _("%(voice)s does not speak %(languages)s.")
                languages = ", ".join(LANGUAGES[code].name for code in mute)
                self.add_error("voices", message % {"voice": VOICES[name].name, "languages": languages})
        if first and offered and first not in offered:
            self.add_error(
                "default_voice", _("This voice is not among the agent's voices. Tick it above, or choose another.")
            )

    def _check_llm(self, data: dict[str, Any]) -> None:
        provider, name = data.get("llm_provider"), data.get("llm_model")
        if not name or provider is None:
            return
        if not provider:
            self.add_error("llm_provider", _("Choose whose model it is."))
        elif (known := MODELS.get(name)) and known.provider != provider:
            message = _("%(provider)s does not serve this model. Its own: %(models)s.")
            own = [model.name for model in MODELS.values() if model.kind == "llm" and model.provider == provider]
            self.add_error(
                "llm_model", message % {"provider": AgentProfile.Provider(provider).label, "models": ", ".join(own)}
            )

    def _check_names(self, data: dict[str, Any]) -> None:
        if "variables" not in data:
            return  # its own faults come first
        known = [*RESERVED, *data["variables"]]
        texts = {part: data.get(part, "") for part in EXAMPLES}
        # A greeting may hold both forms of a verb, of which the voice says one.
        texts |= {name: choose(data.get(name, ""), "female") for name in map(greeting_field, LANGUAGES)}
        for name, text in texts.items():
            if unknown := unknown_names(text, known):
                self.add_error(
                    name,
                    _("Nothing is filled in for %(unknown)s. You may write %(known)s.")
                    % {"unknown": Truncator(in_braces(unknown)).chars(NAMES_LENGTH), "known": in_braces(known)},
                )


class FieldToFindOutForm(FieldForm):
    """One thing to find out. The key follows from the label unless written; choices are separated by commas."""

    key = forms.CharField(
        label=_("Key"), required=False, max_length=40, widget=UnfoldAdminTextInputWidget(attrs={"class": "min-w-28"}),
        help_text=_("Its name in exports and in n8n. Empty: made from the label."),
    )  # fmt: skip
    choices = forms.CharField(
        label=_("Choices"), required=False, max_length=1000, widget=UnfoldAdminTextInputWidget(attrs={"class": "min-w-40"}),
        help_text=_("For one of a list: the list, with commas between."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = ", ".join(self.instance.choices)
        if self.instance.pk is None and "position" in self.fields:
            self.initial["position"] = LAST

    def clean_choices(self) -> list[str]:
        return [choice for part in self.cleaned_data["choices"].split(",") if (choice := part.strip())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("key") and data.get("label"):
            data["key"] = slugify(data["label"]).replace("-", "_")[:40].rstrip("_")
            if not data["key"]:
                self.add_error("key", _("Write a key in small letters."))
        if data.get("kind") == FieldToFindOut.Kind.CHOICE and len(data.get("choices", [])) < 2:
            self.add_error("choices", _("Write at least two, with commas between."))
        return data
