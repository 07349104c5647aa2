"""Visitors speak into a browser; the agent answers; both sides' words are everywhere the same, and what it took is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext

from agents.defaults import demo_config
from agents.prompt import greeting
from local.stack import Stack
from tests.e2e.browser import sign_in
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

Rows = Callable[..., list[tuple[Any, ...]]]
HEARD = {
    "hi-IN": "मुझे दो कमरे का फ्लैट देखना है",
    "ta-IN": "எனக்கு ரெண்டு பெட்ரூம் ஃபிளாட் பார்க்கணும்",
    "bn-IN": "আমি দুই কামরার ফ্ল্যাট দেখতে চাই",
}


@pytest.fixture
def visitors(context: BrowserContext, stack: Stack) -> dict[str, VisitorPage]:
    """A page for each language."""
    return {language: VisitorPage(context.new_page(), stack.web_url) for language in HEARD}


def test_three_at_once_are_heard_and_answered_each_in_their_language(
    visitors: dict[str, VisitorPage],
    browser: Browser,
    stack: Stack,
    settled: Callable[[str], list[tuple[str, str]]],
    rows: Rows,
) -> None:
    for language, visitor in visitors.items():
        visitor.call(language=language)
        order = {"hear": [HEARD[language]]}
        requests.put(f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json=order, timeout=5).raise_for_status()
    greeted = {language: the_greeting_is_heard(visitor, language) for language, visitor in visitors.items()}
    said = {language: words_go_both_ways(visitors[language], language, greeted[language]) for language in HEARD}
    the_wait_is_told(visitors["hi-IN"], rows)
    for visitor in visitors.values():
        visitor.hang_up()
    for language, visitor in visitors.items():
        assert settled(visitor.call_id) == said[language]
        assert _in_admin(browser, stack, visitor.call_id, said[language]) == said[language]
    the_use_is_counted(visitors["hi-IN"], rows)


def the_greeting_is_heard(visitor: VisitorPage, language: str) -> float:
    """The energy of what was received so far."""
    first = visitor.wait_for_lines(1)[0]
    assert (first.role, first.text) == ("agent", greeting(demo_config(), language, "arya"))
    received = float(visitor.page.evaluate("soundEnergy()")["received"])
    assert received > 0.001
    return received


def words_go_both_ways(visitor: VisitorPage, language: str, received: float) -> list[tuple[str, str]]:
    lines = visitor.wait_for_lines(3)
    assert [line.role for line in lines] == ["agent", "visitor", "agent"]
    assert lines[1].text == HEARD[language]
    sound = visitor.page.evaluate("soundEnergy()")
    assert sound["sent"] > 0.001
    assert sound["received"] > received * 1.2
    return [(line.role, line.text) for line in lines]


def the_wait_is_told(visitor: VisitorPage, rows: Rows) -> None:
    """The page measured how long its visitor waited for the answer."""
    waits = "SELECT heard_wait, latencies ->> 'total' FROM calls_turn WHERE call_id = %s AND heard_wait IS NOT NULL"
    until(lambda: rows(waits, visitor.call_id), 60, "the page to tell its wait")
    heard, total = rows(waits, visitor.call_id)[0]
    assert total is None or float(total) < heard < 30


def the_use_is_counted(visitor: VisitorPage, rows: Rows) -> None:
    # In the call itself; what reading it afterwards takes comes as attempt 0.
    in_it = "SELECT unit FROM calls_usageline WHERE call_id = %s AND attempt > 0 ORDER BY unit"
    used = [unit for (unit,) in rows(in_it, visitor.call_id)]
    assert used == ["llm_input", "llm_output", "stt_seconds", "tts_characters"]


def _in_admin(browser: Browser, stack: Stack, call_id: str, words: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The words that staff find on the call's page, in the order they stand there."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, stack)
    page.goto(f"{stack.web_url}/admin/calls/call/{call_id}/change/")
    text = page.content()
    page.close()
    places = [(text.find(said), (role, said)) for role, said in words]
    return [word for place, word in sorted(places) if place >= 0]
