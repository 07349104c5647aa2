"""Tools the model may call. What they do to the world happens on the web server, which checks it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from livekit.agents import RunContext, ToolError, function_tool, llm

from agents.contract import FieldToFindOut
from agents.worker.client import WebClient, WebError
from agents.worker.recorder import Recorder

SAVE_DETAILS = "save_details"
END_CALL = "end_call"


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

    return function_tool(
        save_details,
        raw_schema={
            "type": "function",
            "name": SAVE_DETAILS,
            "description": "Save what the visitor told. Call it once all needed details are known and confirmed.",
            "parameters": {
                "type": "object",
                "properties": {field.key: _property(field) for field in fields},
                "required": [field.key for field in fields],
                "additionalProperties": False,
            },
        },
    )


def _property(field: FieldToFindOut) -> dict[str, Any]:
    about = f"{field.label}. {field.hint}".strip()
    shape: dict[str, Any] = {"type": "string" if field.required else ["string", "null"], "description": about}
    if field.choices:
        shape["enum"] = [*field.choices, *([] if field.required else [None])]
    return shape


def end_call_tool(hang_up: Callable[[], Awaitable[None]], recorder: Recorder) -> llm.Tool:
    """The tool by which the model ends the call, after its goodbye has been heard."""

    async def end_call(raw_arguments: dict[str, Any], context: RunContext[Any]) -> None:
        recorder.event("tool_called", {"name": END_CALL})
        await context.wait_for_playout()
        await hang_up()

    return function_tool(
        end_call,
        raw_schema={
            "type": "function",
            "name": END_CALL,
            "description": "End the call. Only after you have said goodbye.",
            "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
        },
    )
