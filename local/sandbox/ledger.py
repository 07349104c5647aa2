"""What is remembered of each call: its orders, how far they have been used up, and what the product asked for.

Tests compare the ledger with what the product stored, so it is written in order and before answering. It is bounded:
a sandbox that runs for weeks must not grow.
"""

from __future__ import annotations

import json
import time
from collections import Counter, OrderedDict, deque
from typing import Any, Literal

from local.sandbox.orders import Fault, Orders

Part = Literal["stt", "llm", "tts", "data"]

MOST_CALLS = 200
MOST_ENTRIES = 1000  # a call


class CallFile:
    """One call as the sandbox knows it."""

    def __init__(self, call_id: str, defaults: CallFile | None) -> None:
        self.call_id = call_id
        self.orders = Orders()
        self.used: Counter[str] = Counter()
        self.entries: deque[dict[str, Any]] = deque(maxlen=MOST_ENTRIES)
        self.last_language: str | None = None  # of the last prompt seen or sentence spoken
        self._defaults = defaults
        self._known: dict[str, dict[str, Any]] = {}

    def give(self, orders: Orders) -> None:
        """Replace the orders; what they name starts again from its first item."""
        self.orders = orders
        self.forget_progress(orders)

    def forget_progress(self, orders: Orders) -> None:
        """Start again from the first item of whatever `orders` names."""
        for name in orders.model_fields_set:
            for key in [key for key in self.used if key == name or key.startswith(f"{name}:")]:
                del self.used[key]

    def order(self, name: str) -> Any:
        """The call's own order, else the default of all calls, else None."""
        own = getattr(self.orders, name)
        return own if own is not None or self._defaults is None else self._defaults.order(name)

    def delay(self, part: Part) -> float:
        """Seconds to wait before the first output of `part`."""
        own: int | None = getattr(self.orders.delays, part) if self.orders.delays else None
        if own is None and self._defaults is not None:
            return self._defaults.delay(part)
        return (own or 0) / 1000

    def fault(self, part: Part) -> Fault | None:
        """The fault ordered for `part`, whether or not its time has come."""
        own: Fault | None = getattr(self.orders.faults, part) if self.orders.faults else None
        return own if own is not None or self._defaults is None else self._defaults.fault(part)

    def next_of(self, name: str, items: list[Any] | tuple[Any, ...]) -> Any:
        """The next unused item of a list, None when it is used up."""
        place = self.used[name]
        if place >= len(items):
            return None
        self.used[name] += 1
        return items[place]

    def share(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same rows, those seen before being the same objects.

        Every request of a call carries the whole conversation again: kept apart, a long call would take megabytes.
        """
        return [self._known.setdefault(json.dumps(row, sort_keys=True), row) for row in rows]

    def write(self, part: Part, **facts: Any) -> dict[str, Any]:
        """Note something that was asked. Returns the entry, so that what is learned later can be added to it."""
        entry = {"part": part, **facts, "at": time.time(), "monotonic": time.monotonic()}
        self.entries.append(entry)
        return entry


class Book:
    """All calls, the least recently used dropped first, and the default orders of every call (`*`)."""

    def __init__(self) -> None:
        self.defaults = CallFile("*", None)
        self._calls: OrderedDict[str, CallFile] = OrderedDict()

    @property
    def calls(self) -> list[CallFile]:
        """Every call known, oldest first."""
        return list(self._calls.values())

    def open(self, call_id: str) -> CallFile:
        """The file of a call, begun when there is none."""
        if call_id == "*":
            return self.defaults
        call = self._calls.pop(call_id, None) or CallFile(call_id, self.defaults)
        self._calls[call_id] = call
        while len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)
        return call

    def find(self, call_id: str) -> CallFile | None:
        """The file of a call, if there is one."""
        return self.defaults if call_id == "*" else self._calls.get(call_id)

    def give(self, call_id: str, orders: Orders) -> None:
        """Replace a call's orders, or the default orders of all."""
        self.open(call_id).give(orders)
        if call_id == "*":
            for call in self.calls:
                call.forget_progress(orders)

    def forget(self, call_id: str) -> None:
        """Drop a call's orders and ledger; for `*`, the default orders and every call."""
        if call_id == "*":
            self.defaults = CallFile("*", None)
            self._calls.clear()
        self._calls.pop(call_id, None)
