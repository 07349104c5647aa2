"""The words an agent starts from: its greeting and the instructions of the model. Imports no Django."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.grammar import choose, examples
from agents.languages import LANGUAGES, Language

INDIA = ZoneInfo("Asia/Kolkata")


def substitute(text: str, values: dict[str, str]) -> str:
    """Put `values` in place of `{name}`. Nothing else in braces means anything; no attribute is reached."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def greeting(agent: AgentConfig, language: str, voice: str, visitor_name: str = "") -> str:
    """First words of a call: the agent's own greeting in that language, else the language's, as that voice says it."""
    text = choose(agent.greetings.get(language) or LANGUAGES[language].greeting, VOICES[voice].gender)
    return substitute(text, {"agent_name": agent.name, "visitor_name": visitor_name}).strip()


def instructions(agent: AgentConfig, *, language: str, voice: str, visitor_name: str, now: datetime) -> str:
    """The system prompt of a call. `now` is an aware time; the prompt tells India's clock."""
    spoken = LANGUAGES[language]
    local = now.astimezone(INDIA)
    values = {"agent_name": agent.name, "visitor_name": visitor_name or "the visitor", "language": spoken.name}
    brief = agent.brief
    parts = [
        f"You are {agent.name}, talking with a visitor by voice.",
        f"It is {local:%A, %d %B %Y, %H:%M} in India.",
        "",
        "# Who you are",
        substitute(brief.who, values),
        "",
        "# How you speak",
        f"Speak {spoken.name} ({spoken.code}), the everyday spoken language in its own script, with the English words"
        " callers use. One or two short sentences at a time. No lists, no markup, no emoji.",
        *_gender_lines(spoken, voice),
        "Say only what is written here. When you do not know, say so and offer a call back.",
    ]
    if visitor_name:
        parts.append(f"The visitor gave the name {visitor_name}.")
    if brief.knows:
        parts += ["", "# What you know", substitute(brief.knows, values)]
    if agent.fields:
        parts += [
            "",
            "# What you must find out",
            "Ask for one thing at a time. Read a phone number back before you save it.",
        ]
        parts += [_field_line(field.label, field.required, field.hint) for field in agent.fields]
        parts.append("Save the details with the tool as soon as you have them.")
    if brief.never:
        parts += ["", "# What you must never do", substitute(brief.never, values)]
    if brief.ends:
        parts += ["", "# How the call ends", substitute(brief.ends, values)]
    return "\n".join(parts)


def _gender_lines(spoken: Language, voice: str) -> list[str]:
    gender = VOICES[voice].gender
    speaker = f"The speaker is a {'woman' if gender == 'female' else 'man'}."
    visitor = f"Speak to the visitor politely, as {spoken.polite_pronoun}. You do not know the visitor's gender"
    forms = examples(spoken.code)
    if not forms:
        return [speaker, f"{visitor}."]
    return [
        f"{speaker} Your own verbs show it: {forms.of(gender)}.",
        f"{visitor}: use the respectful plural ({forms.plural}) or, better, words without gender ({forms.ungendered}).",
    ]


def _field_line(label: str, required: bool, hint: str) -> str:
    return f"- {label}{' (needed)' if required else ''}{': ' + hint if hint else ''}"
