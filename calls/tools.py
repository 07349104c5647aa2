"""Tools with effects, by name. Apps above register a handler in `ready()`; the worker calls it over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents.contract import ToolAnswer
from calls.models import Call
from vaani.problems import Problem

Handler = Callable[[Call, str, dict[str, Any]], ToolAnswer]

_handlers: dict[str, Handler] = {}


def register(name: str, handler: Handler) -> None:
    """Let `handler(call, item_id, arguments)` answer calls of the tool `name`. It checks the arguments itself."""
    _handlers[name] = handler


def run_tool(call: Call, name: str, item_id: str, arguments: dict[str, Any]) -> ToolAnswer:
    """Run a tool for a call. Raises `Problem` 404 for a tool nobody registered, 410 once the call has ended."""
    handler = _handlers.get(name)
    if handler is None:
        raise Problem(404, "unknown_tool", "There is no tool of this name.", field="name", allowed=sorted(_handlers))
    if call.status not in (Call.Status.CREATED, Call.Status.LIVE):
        raise Problem(410, "call_ended", "This call has ended.")
    return handler(call, item_id, arguments)
