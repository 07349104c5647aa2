"""What an agent does when nobody speaks: ask once, then take leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from agents.contract import TurnTaking

GREETING_TURNS = 2  # of the visitor, before which a farewell may be a greeting
FAREWELL_SECONDS = 4.0  # left to the visitor after the agent's goodbye, before the line is closed

Act = Callable[[], Coroutine[Any, Any, None]]


class Silence:
    """Measures silence while it is the visitor's turn. Lives on the job's event loop.

    After `ask_after` seconds `ask` is run, after `leave_after` more `leave`. Once the agent has said
    goodbye, `close` is run after 4 s instead: what ends a call is that both have taken leave, whether
    or not the model thought of its tool.
    """

    def __init__(self, limits: TurnTaking, *, ask: Act, leave: Act, close: Act) -> None:
        self._limits = limits
        self._ask, self._leave, self._close = ask, leave, close
        self._asked = self._goodbye_said = False
        self._visitor_turns = 0
        self._timer: asyncio.TimerHandle | None = None
        self._acting: asyncio.Task[None] | None = None

    def begins(self) -> None:
        """The agent has finished and the visitor says nothing."""
        self.breaks()
        seconds, act = self._next()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._act, act)

    def breaks(self) -> None:
        """Somebody makes a sound, or the agent thinks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def visitor_spoke(self) -> None:
        """The visitor said or typed words: all begins anew."""
        self.begins_anew()
        self._visitor_turns += 1

    def begins_anew(self) -> None:
        """The visitor gave a sign of life: they are asked once more before they are left."""
        self._asked = self._goodbye_said = False

    def agent_spoke(self, farewell: bool) -> None:
        """The agent finished a turn, perhaps with a farewell: many languages greet with the same word (नमस्ते)."""
        self._goodbye_said = farewell and self._visitor_turns >= GREETING_TURNS
        if self._timer is not None:
            self.begins()

    def stop(self) -> None:
        """Measure no more."""
        self.breaks()
        if self._acting is not None:
            self._acting.cancel()

    def _next(self) -> tuple[float, Act]:
        if self._goodbye_said:
            return FAREWELL_SECONDS, self._close
        if self._asked:
            return self._limits.leave_after, self._leave
        return self._limits.ask_after, self._ask

    def _act(self, act: Act) -> None:
        self._timer = None
        self._asked = True
        self._acting = asyncio.get_running_loop().create_task(act())
