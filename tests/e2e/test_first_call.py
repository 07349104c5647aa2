"""A visitor speaks into a browser; the agent answers; both sides' words are everywhere the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Browser

from agents.defaults import demo_config
from agents.languages import LANGUAGES
from agents.prompt import greeting
from local.stack import Stack
from tests.e2e.browser import sign_in
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

HEARD = {
    "hi-IN": "मुझे दो कमरे का फ्लैट देखना है",
    "ta-IN": "எனக்கு ரெண்டு பெட்ரூம் ஃபிளாட் பார்க்கணும்",
    "bn-IN": "আমি দুই কামরার ফ্ল্যাট দেখতে চাই",
}


@pytest.mark.parametrize("language", HEARD)
def test_both_sides_are_heard_and_kept(
    language: str,
    visitor: VisitorPage,
    browser: Browser,
    stack: Stack,
    settled: Callable[[str], list[tuple[str, str]]],
) -> None:
    visitor.call(language=language)
    order = requests.put(
        f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json={"hear": [HEARD[language]]}, timeout=5
    )
    assert order.ok, order.text

    first = visitor.wait_for_lines(1)[0]
    assert first.role == "agent"
    assert first.text == greeting(demo_config(), language, "arya")
    after_greeting = visitor.page.evaluate("soundEnergy()")
    assert after_greeting["received"] > 0.001

    lines = visitor.wait_for_lines(3)
    assert [line.role for line in lines] == ["agent", "visitor", "agent"]
    assert lines[1].text == HEARD[language]
    sound = visitor.page.evaluate("soundEnergy()")
    assert sound["sent"] > 0.001
    assert sound["received"] > after_greeting["received"] * 1.2

    visitor.hang_up()
    words = [(line.role, line.text) for line in lines]
    assert settled(visitor.call_id) == words
    assert words == _in_admin(browser, stack, visitor.call_id, words)


def _in_admin(browser: Browser, stack: Stack, call_id: str, words: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The words that staff find on the call's page, in the order they stand there."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, stack)
    page.goto(f"{stack.web_url}/admin/calls/call/{call_id}/change/")
    text = page.content()
    page.close()
    places = [(text.find(said), (role, said)) for role, said in words]
    return [word for place, word in sorted(places) if place >= 0]


def test_what_is_typed_is_answered(visitor: VisitorPage, settled: Callable[[str], list[tuple[str, str]]]) -> None:
    visitor.call(language="en-IN")
    visitor.mute()
    visitor.wait_for_lines(1)
    visitor.type("I want a two bedroom flat")
    lines = visitor.wait_for_lines(3)
    assert [line.role for line in lines] == ["agent", "visitor", "agent"]
    visitor.hang_up()
    assert settled(visitor.call_id)[:3] == [(line.role, line.text) for line in lines[:3]]


def test_a_refused_model_is_replaced_within_the_turn(
    visitor: VisitorPage, stack: Stack, rows: Callable[..., list[tuple[object, ...]]]
) -> None:
    visitor.call(language="en-IN")
    refusing = {"faults": {"llm": {"kind": "refuse_model", "times": 1}}}
    requests.put(f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json=refusing, timeout=5)
    visitor.wait_for_lines(1)
    visitor.type("Hello")
    lines = visitor.wait_for_lines(3)
    assert lines[2].text
    assert lines[2].text != LANGUAGES["en-IN"].apology
    visitor.hang_up()
    kinds = "SELECT kind FROM calls_callevent WHERE call_id = %s AND kind = 'model_refused'"
    until(lambda: rows(kinds, visitor.call_id), 10, "the refusal to be recorded")
    assert rows("DELETE FROM agents_modelrefusal RETURNING model") != []
