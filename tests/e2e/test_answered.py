"""Always answered or told: who finds nobody at the phone sees and hears it in time, and leaves a number."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from livekit import rtc
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX, Heartbeat
from calls.apologies import APOLOGIES
from calls.wording import wording
from calls.workers import free_slots
from local.stack import Stack
from tests.e2e.axe import faults
from tests.e2e.browser import sign_in
from tests.e2e.caller import in_room
from tests.e2e.conftest import VisitorPage
from tests.e2e.console import Console
from tests.e2e.sizes import fits
from tests.e2e.waiting import until

Rows = Callable[..., list[tuple[Any, ...]]]
ENGLISH, HINDI, TAMIL = wording("en-IN"), wording("hi-IN"), wording("ta-IN")
PATIENCE = 12  # seconds in which a visitor is told
STARTS = 1000  # a minute from one address: conftest.py's STARTS_PER_MINUTE
REFUSED = "Failed to load resource: the server responded with a status of"
# A browser that plays nothing until it is tapped.
SILENCED = """window.silenced = true;
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = async function () {
  if (window.silenced) throw new DOMException("", "NotAllowedError");
  return play.call(this);
};"""


@pytest.fixture
def worker(stack: Stack) -> Iterator[Stack]:
    """A stack whose worker may be stopped, or made to hang: afterwards there is a fresh one."""
    yield stack
    if stack.pid("worker"):
        stack.kill("worker", signal.SIGCONT)
        stack.stop("worker")
    stack.start("worker")
    until(lambda: _free(stack), 30, "a free worker")


def _heard_of(stack: Stack) -> list[Heartbeat]:
    """Workers that were heard from lately."""
    with Redis.from_url(stack.redis_url) as redis:
        told = [redis.get(key) for key in redis.scan_iter(f"{HEARTBEAT_PREFIX}*")]
    return [Heartbeat.model_validate_json(beat) for beat in told if beat]


def _free(stack: Stack) -> bool:
    return free_slots(_heard_of(stack)) > 0


def test_without_a_worker_the_page_says_so_and_takes_a_number(
    page: Page, worker: Stack, browser: Browser, console: Console
) -> None:
    console.allow(REFUSED)
    worker.stop("worker")
    page.goto(f"{worker.web_url}/a/demo")
    until(lambda: not _heard_of(worker), 15, "the worker's last heartbeat to be forgotten")
    with page.expect_response("**/api/apologies/hi-IN.wav") as clip:
        page.click("#call")
    assert (clip.value.status, clip.value.headers["content-type"]) == (200, "audio/wav")
    expect(page.locator("#state")).to_have_text(HINDI["awayTitle"])
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#status")).to_have_text(HINDI["away"].replace("{seconds}", "10"))
    expect(page.locator("#callback-intro")).to_have_text(APOLOGIES["hi-IN"])
    fits(page, "#callback [type=submit]", "#again", "#back")

    page.click("#callback [type=submit]")
    expect(page.locator("#callback-name-fault")).to_have_text(HINDI["nameMissing"])
    expect(page.get_by_role("textbox", name=HINDI["yourName"], exact=True)).to_be_focused()
    assert faults(page) == []
    page.get_by_role("textbox", name=HINDI["yourName"], exact=True).fill("Farida Sheikh")
    page.get_by_role("textbox", name=HINDI["yourPhone"], exact=True).fill("98450 123")
    page.keyboard.press("Enter")
    expect(page.locator("#callback-phone-fault")).to_have_text(HINDI["phoneWrong"])
    expect(page.get_by_role("textbox", name=HINDI["yourPhone"], exact=True)).to_be_focused()
    page.get_by_role("textbox", name=HINDI["yourPhone"], exact=True).fill("98450 77001")
    page.keyboard.press("Enter")
    expect(page.locator("#callback-done")).to_have_text(HINDI["callbackSent"].replace("{phone}", "+91 98450 77001"))
    expect(page.locator("#callback-done")).to_be_focused()
    expect(page.locator("#callback")).to_be_hidden()
    assert faults(page) == []

    staff = browser.new_page()
    sign_in(staff, worker)
    staff.goto(f"{worker.web_url}/admin/leads/lead/?callback=asked")
    expect(staff.locator("#result_list")).to_contain_text("Farida Sheikh")
    expect(staff.locator("#result_list")).to_contain_text("Hindi")
    staff.close()


def test_when_nobody_comes_the_visitor_is_told_in_time_and_the_number_is_of_that_call(
    visitor: VisitorPage, worker: Stack, rows: Rows
) -> None:
    visitor.open(language="ta-IN")
    until(lambda: _free(worker), 30, "a free worker")
    worker.kill("worker", signal.SIGSTOP)  # its last heartbeat still stands
    visitor.press()
    page = visitor.page
    page.wait_for_selector("#visitor[data-state=waiting]")
    with page.expect_response("**/api/apologies/ta-IN.wav", timeout=(PATIENCE + 2) * 1000):
        expect(page.locator("#why")).to_have_text(TAMIL["nobodyCame"], timeout=(PATIENCE + 1) * 1000)
    expect(page.locator("#status")).to_have_text(TAMIL["nobodyCame"])
    fits(page, "#callback [type=submit]", "#again", "#back")
    assert faults(page) == []
    page.fill("#callback-name", "Iqbal")
    page.fill("#callback-phone", "9845077002")
    page.click("#callback [type=submit]")
    expect(page.locator("#callback-done")).to_be_visible()
    lead = "SELECT status, callback_language FROM leads_lead WHERE call_id = %s"
    assert rows(lead, visitor.call_id) == [("new", "ta-IN")]
    ended = "SELECT end_reason FROM calls_call WHERE id = %s"
    until(lambda: rows(ended, visitor.call_id) == [("no_agent",)], 60, "the call to end")
    assert rows("SELECT 1 FROM calls_callevent WHERE call_id = %s AND kind = 'redispatched'", visitor.call_id)


def test_when_all_slots_are_taken_the_next_visitor_is_told_and_may_call_later(
    page: Page, stack: Stack, rows: Rows, console: Console
) -> None:
    """Who calls too often is told the same; and a call that begins at last needs a tap to be heard, and goes elsewhere."""
    console.allow(REFUSED)
    page.add_init_script(SILENCED)
    page.goto(f"{stack.web_url}/a/demo")
    page.locator("input[name=language][value=en-IN]").check(force=True)
    while requests.post(f"{stack.web_url}/api/token", json={"agentId": "demo"}, timeout=10).ok:
        pass  # each holds a slot for its visitor, who never joins
    page.click("#call")
    expect(page.locator("#state")).to_have_text("Everyone is busy")
    expect(page.locator("#why")).to_contain_text("Please try again in 10 seconds")
    expect(page.locator("#again")).to_have_text(re.compile(r"^Call again \((10|\d)\)$"))
    expect(page.locator("#callback-intro")).to_have_text(APOLOGIES["en-IN"])
    with _starts_used_up(stack):
        page.click("#again")
        expect(page.locator("#status")).to_have_text(ENGLISH["busy"].replace("{seconds}", "60"))
        expect(page.locator("#again")).to_have_text(re.compile(r"^Call again \((60|5\d)\)$"))
    fits(page, "#callback [type=submit]", "#again", "#back")
    assert faults(page) == []

    rows("UPDATE calls_call SET created_at = created_at - interval '21 s' WHERE joined_at IS NULL RETURNING 1")
    with page.expect_response("**/api/token") as answer:
        page.click("#again")
    expect(page.locator("#callback")).to_be_hidden()
    page.wait_for_selector("#visitor[data-state=live]", timeout=20_000)
    expect(page.locator("#hear")).to_have_text(ENGLISH["tapToHear"])
    fits(page, "#hear", "#mute", "#hang-up")
    page.evaluate("silenced = false")
    page.click("#hear")
    expect(page.locator("#hear")).to_be_hidden()

    async def leave(_room: rtc.Room) -> None:
        """Joining with the same token was enough, as another window does."""

    in_room(stack.livekit_url, answer.value.json()["token"], leave)
    expect(page.locator("#why")).to_have_text(ENGLISH["elsewhere"])
    expect(page.locator("#status")).to_have_text(ENGLISH["elsewhere"])
    expect(page.locator("#callback")).to_be_hidden()
    fits(page, "#again", "#back")


@contextmanager
def _starts_used_up(stack: Stack) -> Iterator[None]:
    """As if this address had begun calls all through the minute."""
    with Redis.from_url(stack.redis_url) as redis:
        (pace,) = redis.scan_iter("*pace:*starts:*")
        redis.set(pace, STARTS, ex=60)
        yield
        redis.delete(pace)
