"""A call as an example conversation to begin with: what the visitor said, and what the agent did."""

from __future__ import annotations

from typing import Any

from agents.example_form import LINE_LENGTH, MAX_LINES
from agents.models import Example
from calls.models import Call, Turn

NAME_LENGTH = 40  # of the visitor's first words, by which the example is called


def example_of(call: Call) -> dict[str, Any]:
    """Values for the form of a new example, as its boxes show them. Two queries."""
    said = call.turns.filter(role=Turn.Role.VISITOR).exclude(text="").values_list("text", flat=True)
    lines = [" ".join(text.split())[:LINE_LENGTH] for text in said[:MAX_LINES]]
    values = {
        "agent": call.agent_id,
        "name": lines[0][:NAME_LENGTH] if lines else "",
        "language": call.language,
        "voice": call.voice,
        "lines": "\n".join(lines),
        "keeps_language": True,
        "kept_from": str(call.pk),
    }
    return values | _tool_of(call)


def _tool_of(call: Call) -> dict[str, str]:
    """The last details that the agent handed over, else its last change of language, as a form's boxes take them."""
    used = {event.detail.get("name"): event.detail for event in call.events.filter(kind="tool_called")}
    for tool in (Example.Tool.SAVE_DETAILS, Example.Tool.SPEAK_LANGUAGE):
        if tool in used:
            given = used[tool].get("arguments", {}).items()
            values = (f"{name} = {value}" for name, value in given if value not in (None, ""))
            return {"tool": tool, "tool_values": "\n".join(values)}
    return {}
