"""Voices, speech models and language models, as data. Imports no Django.

Providers retire models. So nothing in the product names one but this file: a row says how long a
model is served and which one follows it, and `serving` walks to the one to use today. Sources:
Sarvam's and Groq's model pages and the pinned plugins' own tables, November 2026.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from agents.languages import LANGUAGES

Gender = Literal["female", "male"]
LLMProvider = Literal["groq", "openai"]

_UNKNOWN_SIGNS = ("model_not_found", "model_decommissioned", "does not exist")


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a provider.

    `ends_on` is the first day it is no longer served; `successor` the name to use then, or when the
    provider refuses it; `extra` goes into every request made to it.
    """

    provider: Literal["sarvam", "groq", "openai"]
    kind: Literal["stt", "tts", "llm"]
    name: str
    ends_on: date | None = None
    successor: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker of one text-to-speech model, which ends with it.

    `successor` is a voice of the same gender on the model's successor; `languages` are those it speaks.
    """

    id: str
    gender: Gender
    model: str
    successor: str = ""
    languages: tuple[str, ...] = tuple(LANGUAGES)

    @property
    def name(self) -> str:
        return self.id.capitalize()


_MODELS = (
    Model("sarvam", "stt", "saaras:v3", successor="saaras:v4"),
    Model("sarvam", "stt", "saaras:v4"),
    Model("sarvam", "tts", "bulbul:v2", successor="bulbul:v3"),
    Model("sarvam", "tts", "bulbul:v3"),
    Model("groq", "llm", "openai/gpt-oss-120b", extra={"reasoning_effort": "low"}),
    Model("groq", "llm", "openai/gpt-oss-20b", successor="openai/gpt-oss-120b", extra={"reasoning_effort": "low"}),
    Model("groq", "llm", "llama-3.3-70b-versatile", ends_on=date(2026, 8, 16), successor="openai/gpt-oss-120b"),
    Model("openai", "llm", "gpt-4.1-mini"),
    Model("openai", "llm", "gpt-4o-mini", ends_on=date(2027, 1, 14), successor="gpt-4.1-mini"),
)

_VOICES = (
    Voice("anushka", "female", "bulbul:v2", "ritu"),
    Voice("manisha", "female", "bulbul:v2", "priya"),
    Voice("vidya", "female", "bulbul:v2", "neha"),
    Voice("arya", "female", "bulbul:v2", "pooja"),
    Voice("abhilash", "male", "bulbul:v2", "shubh"),
    Voice("karun", "male", "bulbul:v2", "rahul"),
    Voice("hitesh", "male", "bulbul:v2", "aditya"),
    Voice("ritu", "female", "bulbul:v3"),
    Voice("priya", "female", "bulbul:v3"),
    Voice("neha", "female", "bulbul:v3"),
    Voice("pooja", "female", "bulbul:v3"),
    Voice("shubh", "male", "bulbul:v3"),
    Voice("rahul", "male", "bulbul:v3"),
    Voice("aditya", "male", "bulbul:v3"),
)

MODELS: dict[str, Model] = {model.name: model for model in _MODELS}
VOICES: dict[str, Voice] = {voice.id: voice for voice in _VOICES}

STT_MODEL = "saaras:v3"
TTS_MODEL = "bulbul:v2"
LLM_DEFAULTS: dict[LLMProvider, str] = {"groq": "openai/gpt-oss-120b", "openai": "gpt-4.1-mini"}


def says_unknown(status: int, text: str) -> bool:
    """Whether a provider's answer, by its HTTP status and text, says that it does not have the model."""
    return status in (400, 404) and any(sign in text for sign in _UNKNOWN_SIGNS)


def serving(name: str, today: date, refused: Container[str] = ()) -> str:
    """Name of the model to use today in place of `name`.

    Follows successors while a model is past its end or in `refused` (the names a provider has said
    it does not know). A name the catalogue lacks, such as a local model's, is served as it is; so is
    the last of a line, for there is nothing better to try.
    """
    model = MODELS.get(name)
    while model and model.successor and (model.name in refused or (model.ends_on and model.ends_on <= today)):
        model = MODELS[model.successor]
    return model.name if model else name


def serving_voice(voice_id: str, model: str) -> str:
    """Voice to use for `voice_id` once its model's requests go to `model`; the gender stays."""
    voice = VOICES[voice_id]
    while voice.model != model and voice.successor:
        voice = VOICES[voice.successor]
    return voice.id
