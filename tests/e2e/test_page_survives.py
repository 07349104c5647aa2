"""During the call: what the page shows of it, and what a call survives, in one call that everything befalls."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from calls.wording import wording
from local.stack import Stack
from tests.e2e import axe
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until
from tests.faults.inflict import network_of

INSIDE = Path(__file__).parent / "inside"
ENGLISH = wording("en-IN")
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=800)
AGENT = """
from agents.contract import TurnTaking
from agents.defaults import demo_config
from agents.models import AgentProfile
from agents.services import create_profile, publish
turns = TurnTaking(ask_after=120, leave_after=120)
patient = {"agent_id": "brief", "max_seconds": 120, "turn_taking": turns, "recording": True}
publish(create_profile(demo_config().model_copy(update=patient), source="admin"), author=None, author_name="tests")
"""


@pytest.fixture(scope="session")
def brief(stack: Stack) -> str:
    """An agent who lets a silent visitor be, offers to record, and whose calls last two minutes."""
    stack.run_manage("shell", "-v0", "-c", AGENT)
    return "brief"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone on which nothing may fail, and whose microphone a test may pull out."""
    context = browser.new_context(viewport=PHONE, permissions=["microphone"], reduced_motion="no-preference")
    context.add_init_script(path=INSIDE / "peers.js")
    context.add_init_script(path=INSIDE / "microphones.js")
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    context.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield context.new_page()
    context.close()
    # What the browser itself says of a request that the network lost.
    assert [fault for fault in faults if "net::ERR" not in fault] == []


@contextmanager
def network_stopped() -> Iterator[None]:
    """Nothing comes and nothing goes; the browser's own offline switch does not reach WebRTC."""
    network = network_of(os.getpid())
    os.kill(network, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(network, signal.SIGCONT)


def notice(page: Page, key: str, **limit: float) -> None:
    expect(page.locator("#notice")).to_have_text(ENGLISH[key], **limit)  # type: ignore[arg-type]


def level(page: Page, side: str) -> float:
    return float(page.evaluate(f"document.getElementById('orb').style.getPropertyValue('--{side}-level') || 0"))


def fits(page: Page, *parts: str) -> None:
    """The parts are wholly in view on a phone and at a desk, and nothing is wider than the screen."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        for part in parts:
            expect(page.locator(part)).to_be_in_viewport(ratio=1)


@pytest.mark.long
def test_a_call_survives_what_befalls_a_phone(phone: Page, brief: str, stack: Stack) -> None:
    page, visitor = phone, VisitorPage(phone, stack.web_url)
    visitor.call(brief, "en-IN")
    expect(page.locator("#state")).to_have_text(ENGLISH["speaking"], timeout=30_000)
    until(lambda: level(page, "agent") > 0.05, 10, "the picture to move with the agent's voice")
    page.select_option("#speaker", index=1)  # beneath the picture of a speaker
    chosen = page.input_value("#speaker")
    until(lambda: page.evaluate("document.querySelector('[data-player=agent]').sinkId") == chosen, 5, "that speaker")
    expect(page.locator("#speaking")).to_be_visible(timeout=30_000)  # the visitor speaks
    assert level(page, "visitor") > 0
    until(lambda: [line for line in visitor.lines if line.role == "visitor"], 30, "words for what was said")
    expect(page.locator("#speaking")).to_be_hidden()
    fits(page, "#orb", "#mute", "#hang-up", "#speakers", "#typed")

    page.evaluate("lookAway(true)")
    page.evaluate("Promise.all(sounds().map((sound) => sound.suspend()))")
    page.evaluate("lookAway(false)")
    until(lambda: page.evaluate("sounds().every(({ state }) => state === 'running')"), 5, "the sound to go on")
    assert page.evaluate("locksAsked") == 2  # at its beginning, and now

    page.evaluate("pullOut()")
    notice(page, "microphoneChanged")
    assert page.evaluate("[opened.length, opened.at(-1).readyState]") == [2, "live"]
    page.evaluate("nextFault = 'NotFoundError', pullOut()")
    notice(page, "microphoneGone")
    page.evaluate("nextFault = '', navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    until(lambda: page.evaluate("opened.length") == 3, 5, "the microphone that was connected again")
    expect(page.locator("#notice")).not_to_have_text(ENGLISH["microphoneGone"])
    page.evaluate("phoneCall(true)")
    notice(page, "microphonePaused")
    page.evaluate("phoneCall(false)")
    expect(page.locator("#notice")).not_to_have_text(ENGLISH["microphonePaused"])

    visitor.mute()
    expect(page.get_by_role("button", name=ENGLISH["unmute"], exact=True)).to_be_visible()
    assert page.get_attribute("#mute", "aria-pressed") is None  # its name says it already
    began = time.monotonic()
    with network_stopped():
        notice(page, "reconnecting", timeout=10_000)
        fits(page, "#notice", "#hang-up")
        until(lambda: time.monotonic() - began >= 15, 15, "a quarter of a minute")
    expect(page.locator("#notice")).to_be_hidden()
    before = len(visitor.lines)
    visitor.type("I am still here")
    visitor.wait_for_lines(before + 2)

    expect(page.locator("#time-left")).to_have_text(re.compile(r"^0:\d\d left$"), timeout=60_000)
    fits(page, "#time-left")
    assert axe.faults(page) == []
    with network_stopped():
        expect(page.locator("#state")).to_have_text(ENGLISH["lostTitle"], timeout=40_000)
    expect(page.locator("#again")).to_be_visible()
    expect(page.locator("#resume-go")).to_be_visible()


def test_who_types_needs_no_microphone(
    phone: Page,
    brief: str,
    stack: Stack,
    rows: Callable[..., list[tuple[Any, ...]]],
    settled: Callable[[str], list[tuple[str, str]]],
) -> None:
    page, visitor = phone, VisitorPage(phone, stack.web_url)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{stack.web_url}/a/{brief}?lang=en-IN")
    page.check("[name=recording]")
    with page.expect_response("**/api/token") as answer:
        page.click("#type")
    call = answer.value.json()["callId"]
    assert page.evaluate("getComputedStyle(document.querySelector('.orb-ring')).animationName") == "none"
    visitor.wait_for_lines(1)
    expect(page.locator("#typed")).to_be_focused()
    expect(page.locator("#state")).to_have_text(ENGLISH["listeningTyped"])
    visitor.type("I want a two bedroom flat")
    assert [line.role for line in visitor.wait_for_lines(3)] == ["agent", "visitor", "agent"]
    fits(page, "#typed", "#hang-up")
    expect(page.locator("#recorded")).to_be_hidden()  # there is nothing to record
    with network_stopped():
        notice(page, "reconnecting", timeout=10_000)
    expect(page.locator("#notice")).to_be_hidden()

    known = [{"key": "phone", "label": "", "value": "+91 98450 12345", "kind": "phone", "correctable": True}]
    page.route("**/summary", lambda route: route.fulfill(json={"ready": False, "leadId": None, "fields": known}))
    visitor.hang_up()
    correct = page.get_by_role("button", name=ENGLISH["correct"])
    correct.focus()
    known.insert(0, {"key": "name", "label": "", "value": "Ravi", "kind": "name", "correctable": False})
    expect(page.locator("#understood > div")).to_have_count(2)
    expect(correct).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#correction-phone")).to_be_focused()
    page.click("#correction-cancel")
    expect(correct).to_be_focused()

    assert page.evaluate("opened.length") == 0
    assert page.evaluate("soundEnergy()") == {"sent": 0, "received": 0}
    assert len(settled(call)) == 3
    assert rows("SELECT kind, typed FROM calls_call WHERE id = %s", call) == [("visitor", True)]
