"""Tools the model may call. What they do to the world happens on the web server, which checks it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from livekit.agents import RunContext, ToolError, function_tool, llm

from agents.contract import FieldToFindOut, ToolAnswer
from agents.languages import LANGUAGES
from agents.worker.client import WebClient, WebError
from agents.worker.recorder import Recorder

SAVE_DETAILS = "save_details"
END_CALL = "end_call"
SPEAK_LANGUAGE = "speak_language"
# What the model is told of `end_call`.
END_CALL_SCHEMA: dict[str, Any] = {
    "type": "function",
    "name": END_CALL,
    "description": "End the call. Only after you have said goodbye.",
    "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
}

# How a value of each kind is best given; `leads.checks` on the web server understands more.
_FORMS = {
    "phone": "With all its digits",
    "number": "In digits",
    "money": "Rupees, in digits",
    "date": "As YYYY-MM-DD",
    "yes_no": "yes or no",
}
_CONFIRMED: dict[str, Any] = {
    "type": ["boolean", "null"],
    "description": "True when you have read the phone number back and the visitor said that it is right.",
}


def save_details_tool(fields: list[FieldToFindOut], web: WebClient, call_id: Any, recorder: Recorder) -> llm.Tool:
    """The tool by which the model hands over what it found out, shaped by the agent's own fields."""

    async def save_details(raw_arguments: dict[str, Any], context: RunContext[Any]) -> str:
        item_id = recorder.event("tool_called", {"name": SAVE_DETAILS, "arguments": raw_arguments})
        try:
            answer = await web.run_tool(call_id, SAVE_DETAILS, item_id, raw_arguments)
        except WebError as error:
            recorder.event("tool_failed", {"name": SAVE_DETAILS, "message": str(error)[:300]})
            raise ToolError("The details could not be saved now. Say that a colleague will call back.") from error
        if not answer.ok:
            raise ToolError(answer.text)
        return answer.text

    return function_tool(save_details, raw_schema=save_details_schema(fields))


def save_details_schema(fields: list[FieldToFindOut]) -> dict[str, Any]:
    """What the model is told of `save_details`. Nothing is required, so that what is known is saved before the rest."""
    properties = {field.key: _property(field) for field in fields}
    if any(field.kind == "phone" for field in fields):
        properties.setdefault("confirmed", _CONFIRMED)
    return {
        "type": "function",
        "name": SAVE_DETAILS,
        "description": "Save what the visitor told. Call it with what is known so far, at once after a phone number,"
        " and again for what is new or was corrected. Leave out what the visitor has not told.",
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": [],
            "additionalProperties": False,
        },
    }


def _property(field: FieldToFindOut) -> dict[str, Any]:
    parts = [field.label, field.hint, _FORMS.get(field.kind, ""), "Needed" if field.required else ""]
    about = ". ".join(part.strip().rstrip(".") for part in parts if part.strip())
    # Null and numbers too, because a provider refuses a whole reply when one argument is not of the type named here.
    kinds = ["string", "number", "null"] if field.kind in ("number", "money", "phone") else ["string", "null"]
    if field.choices:
        return {"type": ["string", "null"], "description": about, "enum": [*field.choices, None]}
    return {"type": kinds, "description": about}


def end_call_tool(hang_up: Callable[[], Awaitable[None]], recorder: Recorder) -> llm.Tool:
    """The tool by which the model ends the call, after its goodbye has been heard."""

    async def end_call(raw_arguments: dict[str, Any], context: RunContext[Any]) -> None:
        recorder.event("tool_called", {"name": END_CALL})
        await context.wait_for_playout()
        await hang_up()

    return function_tool(end_call, raw_schema=END_CALL_SCHEMA)


def speak_language_tool(offered: list[str], switch: Callable[[str], Awaitable[None]], recorder: Recorder) -> llm.Tool:
    """The tool by which the model goes on in another language when the visitor asks for it."""

    async def speak_language(raw_arguments: dict[str, Any], context: RunContext[Any]) -> str:
        recorder.event("tool_called", {"name": SPEAK_LANGUAGE, "arguments": raw_arguments})
        answer = speak_language_answer(offered, raw_arguments)
        if not answer.ok:
            raise ToolError(answer.text)
        await switch(raw_arguments["language"])
        return answer.text

    return function_tool(speak_language, raw_schema=speak_language_schema(offered))


def speak_language_answer(offered: list[str], arguments: dict[str, Any]) -> ToolAnswer:
    """What `speak_language` answers the model; not `ok` for a language that is not offered."""
    language = arguments.get("language")
    if language not in offered:
        return ToolAnswer(ok=False, text=f"You speak only {', '.join(offered)}.")
    return ToolAnswer(ok=True, text=f"From now on you speak {LANGUAGES[language].name}. Go on in it.")


def speak_language_schema(offered: list[str]) -> dict[str, Any]:
    """What the model is told of `speak_language`."""
    names = ", ".join(f"{LANGUAGES[code].name} ({code})" for code in offered)
    return {
        "type": "function",
        "name": SPEAK_LANGUAGE,
        "description": f"Go on in another language, when the visitor asks for it. You speak {names}.",
        "parameters": {
            "type": "object",
            "properties": {"language": {"type": "string", "enum": offered}},
            "required": ["language"],
            "additionalProperties": False,
        },
    }
