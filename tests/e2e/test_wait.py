"""The page measures its visitor's wait, and the job counts what the call used: both end on the call's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until


def test_the_wait_is_measured_and_the_use_is_counted(
    visitor: VisitorPage,
    stack: Stack,
    settled: Callable[[str], list[tuple[str, str]]],
    rows: Callable[..., list[tuple[Any, ...]]],
) -> None:
    visitor.call(language="hi-IN")
    order = {"hear": ["मुझे दो कमरे का फ्लैट देखना है"]}
    requests.put(f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json=order, timeout=5).raise_for_status()
    visitor.wait_for_lines(3)
    waits = "SELECT heard_wait, latencies ->> 'total' FROM calls_turn WHERE call_id = %s AND heard_wait IS NOT NULL"
    until(
        lambda: rows(waits, visitor.call_id), 60, "the page to tell its wait"
    )  # a sentence over the greeting has none
    heard, total = rows(waits, visitor.call_id)[0]
    assert total is None or float(total) < heard < 30
    visitor.hang_up()
    settled(visitor.call_id)
    # In the call itself; what reading it afterwards takes comes as attempt 0.
    in_it = "SELECT unit FROM calls_usageline WHERE call_id = %s AND attempt > 0 ORDER BY unit"
    used = rows(in_it, visitor.call_id)
    assert [unit for (unit,) in used] == ["llm_input", "llm_output", "stt_seconds", "tts_characters"]
