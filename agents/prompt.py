"""The words an agent starts from: its greeting and the instructions of the model. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.grammar import choose, examples
from agents.languages import LANGUAGES, Language

INDIA = ZoneInfo("Asia/Kolkata")
# Every agent's names; its own variables come on top.
RESERVED = ("visitor_name", "agent_name", "language", "disclosure")
DISCLOSURE = "{disclosure}"
_HELLO = re.compile(r"\s*[^!।.?,]{1,40}[!।]\s+")  # a full stop may be that of a title
_IN_BRACES = re.compile(r"\{([^{}\n]*)\}")


def substitute(text: str, values: dict[str, str]) -> str:
    """Put `values` in place of `{name}`, in one pass: a value's own braces stay. No attribute is reached."""
    return _IN_BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def unknown_names(text: str, known: Iterable[str]) -> list[str]:
    """What stands in braces in `text`, each once, and would not be filled in because it is not among `known`."""
    names = set(known)
    return [name for name in dict.fromkeys(_IN_BRACES.findall(text)) if name not in names]


def greeting(agent: AgentConfig, language: str, voice: str, visitor_name: str = "") -> str:
    """First words of a call: the agent's own greeting in that language, else the language's, as that voice says it.

    That a machine listens is always said: where the greeting has `{disclosure}`, else right after its hello, if it
    begins with one, else before all.
    """
    spoken = LANGUAGES[language]
    text = choose(agent.greetings.get(language) or spoken.greeting, VOICES[voice].gender).strip()
    if DISCLOSURE not in text:
        after_hello = found.end() if (found := _HELLO.match(text)) else 0
        text = f"{text[:after_hello]}{DISCLOSURE} {text[after_hello:]}"
    return substitute(text, _values(agent, visitor_name, spoken))


def instructions(agent: AgentConfig, *, language: str, voice: str, visitor_name: str, now: datetime) -> str:
    """The system prompt of a call. `now` is an aware time; the prompt tells India's clock."""
    spoken = LANGUAGES[language]
    local = now.astimezone(INDIA)
    values = _values(agent, visitor_name or "the visitor", spoken) | {"language": spoken.name}
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
        "Say only what is written here: never make up a price, a time, a name or any other fact. When you do not know,"
        " say so and offer a call back.",
    ]
    if visitor_name:
        parts.append(f"The visitor gave the name {visitor_name}.")
    if brief.knows:
        parts += ["", "# What you know", substitute(brief.knows, values)]
    if agent.fields:
        parts += ["", "# What you must find out", "Ask for one thing at a time."]
        parts += [_field_line(field.label, field.required, field.hint) for field in agent.fields]
        parts.append(
            "Save the details with the tool as soon as you have them, a phone number at once: the tool tells how to read it"
            " back."
        )
    if brief.never:
        parts += ["", "# What you must never do", substitute(brief.never, values)]
    if brief.ends:
        parts += ["", "# How the call ends", substitute(brief.ends, values)]
    return "\n".join(parts)


def _values(agent: AgentConfig, visitor_name: str, spoken: Language) -> dict[str, str]:
    return agent.variables | {
        "visitor_name": visitor_name,
        "agent_name": agent.name,
        "language": spoken.own_name,
        "disclosure": spoken.disclosure,
    }


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
