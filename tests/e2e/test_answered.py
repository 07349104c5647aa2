"""Always answered or told: who finds nobody at the phone sees and hears it in time, and leaves a number."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX, Heartbeat
from calls.apologies import APOLOGIES
from calls.wording import wording
from calls.workers import free_slots
from local.stack import Stack
from tests.e2e.browser import sign_in
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

Rows = Callable[..., list[tuple[Any, ...]]]
HINDI = wording("hi-IN")
PATIENCE = 12  # seconds in which a visitor is told


@pytest.fixture
def worker(stack: Stack) -> Iterator[Stack]:
    """A stack whose worker may be stopped, or made to hang: afterwards there is a fresh one."""
    yield stack
    if stack.pid("worker"):
        stack.kill("worker", signal.SIGCONT)
        stack.stop("worker")
    stack.start("worker")
    until(lambda: _free(stack), 30, "a free worker")


def _free(stack: Stack) -> bool:
    """Whether a worker that was heard from lately has a free slot."""
    with Redis.from_url(stack.redis_url) as redis:
        told = [redis.get(key) for key in redis.scan_iter(f"{HEARTBEAT_PREFIX}*")]
    return free_slots(Heartbeat.model_validate_json(beat) for beat in told if beat) > 0


def test_without_a_worker_the_page_says_so_and_takes_a_number(page: Page, worker: Stack, browser: Browser) -> None:
    worker.stop("worker")
    page.goto(f"{worker.web_url}/a/demo")
    until(lambda: not _free(worker), 15, "the worker's last heartbeat to be forgotten")
    with page.expect_response("**/api/apologies/hi-IN.wav") as clip:
        page.click("#call")
    assert (clip.value.status, clip.value.headers["content-type"]) == (200, "audio/wav")
    expect(page.locator("#state")).to_have_text(HINDI["awayTitle"])
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#callback-intro")).to_have_text(APOLOGIES["hi-IN"])

    page.click("#callback [type=submit]")
    expect(page.locator("#callback-name-fault")).to_have_text(HINDI["nameMissing"])
    expect(page.get_by_role("textbox", name=HINDI["yourName"], exact=True)).to_be_focused()
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

    staff = browser.new_page()
    sign_in(staff, worker)
    staff.goto(f"{worker.web_url}/admin/leads/lead/?callback=asked")
    expect(staff.locator("#result_list")).to_contain_text("Farida Sheikh")
    expect(staff.locator("#result_list")).to_contain_text("Hindi")
    staff.close()


def test_when_nobody_comes_the_visitor_is_told_in_time_and_the_number_is_of_that_call(
    visitor: VisitorPage, worker: Stack, rows: Rows
) -> None:
    until(lambda: _free(worker), 30, "a free worker")
    worker.kill("worker", signal.SIGSTOP)  # its last heartbeat still stands
    visitor.call()
    page = visitor.page
    page.wait_for_selector("#visitor[data-state=waiting]")
    with page.expect_response("**/api/apologies/hi-IN.wav", timeout=(PATIENCE + 2) * 1000):
        expect(page.locator("#why")).to_have_text(HINDI["nobodyCame"], timeout=(PATIENCE + 1) * 1000)
    page.fill("#callback-name", "Iqbal")
    page.fill("#callback-phone", "9845077002")
    page.click("#callback [type=submit]")
    expect(page.locator("#callback-done")).to_be_visible()
    lead = "SELECT status, callback_language FROM leads_lead WHERE call_id = %s"
    assert rows(lead, visitor.call_id) == [("new", "hi-IN")]
    ended = "SELECT end_reason FROM calls_call WHERE id = %s"
    until(lambda: rows(ended, visitor.call_id) == [("no_agent",)], 60, "the call to end")
    assert rows("SELECT 1 FROM calls_callevent WHERE call_id = %s AND kind = 'redispatched'", visitor.call_id)


def test_when_all_slots_are_taken_the_next_visitor_is_told_and_may_call_later(
    page: Page, stack: Stack, rows: Rows
) -> None:
    page.goto(f"{stack.web_url}/a/demo")
    page.locator("input[name=language][value=en-IN]").check(force=True)
    while requests.post(f"{stack.web_url}/api/token", json={"agentId": "demo"}, timeout=10).ok:
        pass  # each holds a slot for its visitor, who never joins
    page.click("#call")
    expect(page.locator("#state")).to_have_text("Everyone is busy")
    expect(page.locator("#why")).to_contain_text("Please try again in 10 seconds")
    expect(page.locator("#callback-intro")).to_have_text(APOLOGIES["en-IN"])
    expect(page.locator("#callback")).to_be_visible()
    rows("UPDATE calls_call SET created_at = created_at - interval '21 s' WHERE joined_at IS NULL RETURNING 1")
    page.click("#again")
    expect(page.locator("#callback")).to_be_hidden()
    page.wait_for_selector("#visitor[data-state=live]", timeout=20_000)
    page.click("#hang-up")
    expect(page.locator("#callback")).to_be_hidden()  # who hung up was not failed
