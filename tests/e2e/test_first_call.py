"""A visitor speaks into a browser; the agent answers; both sides' words are everywhere the same, and what it took is counted.

The first model is refused, which the next makes good. Calls in other languages are those of test_demo.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from playwright.sync_api import Page

from agents.defaults import demo_config
from agents.languages import LANGUAGES
from agents.prompt import greeting
from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

LANGUAGE = "bn-IN"
HEARD = "আমি দুই কামরার ফ্ল্যাট দেখতে চাই"

Rows = Callable[..., list[tuple[Any, ...]]]


def test_both_sides_are_heard_and_kept_and_what_it_took_is_counted(
    visitor: VisitorPage,
    staff: Page,
    stack: Stack,
    settled: Callable[[str], list[tuple[str, str]]],
    rows: Rows,
) -> None:
    visitor.call(language=LANGUAGE)
    order = {"hear": [HEARD], "faults": {"llm": {"kind": "refuse_model", "times": 1}}}
    requests.put(f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json=order, timeout=5).raise_for_status()

    first = visitor.wait_for_lines(1)[0]
    assert first.role == "agent"
    assert first.text == greeting(demo_config(), LANGUAGE, "arya")
    after_greeting = visitor.page.evaluate("soundEnergy()")
    assert after_greeting["received"] > 0.001

    lines = visitor.wait_for_lines(3)
    assert [line.role for line in lines] == ["agent", "visitor", "agent"]
    assert lines[1].text == HEARD
    assert lines[2].text != LANGUAGES[LANGUAGE].apology, "another model answered within the turn"
    sound = visitor.page.evaluate("soundEnergy()")
    assert sound["sent"] > 0.001
    assert sound["received"] > after_greeting["received"] * 1.2
    the_wait_is_told(visitor, rows)

    lines = visitor.lines
    visitor.hang_up()
    words = [(line.role, line.text) for line in lines]
    assert settled(visitor.call_id)[: len(words)] == words
    assert in_admin(staff, stack, visitor.call_id, words) == words
    the_use_is_counted(visitor, rows)
    assert rows("SELECT 1 FROM calls_callevent WHERE call_id = %s AND kind = 'model_refused'", visitor.call_id)
    assert rows("DELETE FROM agents_modelrefusal RETURNING model") != []


def the_wait_is_told(visitor: VisitorPage, rows: Rows) -> None:
    """The page measured how long its visitor waited for the answer; a sentence over the greeting has no wait."""
    waits = "SELECT heard_wait, latencies ->> 'total' FROM calls_turn WHERE call_id = %s AND heard_wait IS NOT NULL"
    until(lambda: rows(waits, visitor.call_id), 60, "the page to tell its wait")
    heard, total = rows(waits, visitor.call_id)[0]
    assert total is None or float(total) < heard < 30


def in_admin(staff: Page, stack: Stack, call_id: str, words: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The words that staff find on the call's page, in the order they stand there."""
    staff.goto(f"{stack.web_url}/admin/calls/call/{call_id}/change/")
    text = staff.content()
    places = [(text.find(said), (role, said)) for role, said in words]
    return [word for place, word in sorted(places) if place >= 0]


def the_use_is_counted(visitor: VisitorPage, rows: Rows) -> None:
    # In the call itself; what reading it afterwards takes comes as attempt 0.
    in_it = "SELECT unit FROM calls_usageline WHERE call_id = %s AND attempt > 0 ORDER BY unit"
    used = [unit for (unit,) in rows(in_it, visitor.call_id)]
    assert used == ["llm_input", "llm_output", "stt_seconds", "tts_characters"]
