"""Staff watch a call while it is spoken: from Postgres, by way of a socket that Redis carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from local.stack import Stack
from tests.e2e.browser import sign_in
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

TURNS = """turns => turns.map(turn => [
    turn.classList.contains("call-agent") ? "agent" : "visitor", turn.querySelector(".call-words").textContent,
])"""
OPENS_A_SOCKET = """path => new Promise(done => {
    const socket = new WebSocket(location.origin.replace("http", "ws") + path);
    socket.onopen = () => done(true);
    socket.onclose = () => done(false);
})"""
MAKE_STRANGER = (
    "from django.contrib.auth.models import User;"
    "User.objects.create_user('stranger', password='not-for-calls-9', is_staff=True)"
)


@contextmanager
def staff(browser: Browser, stack: Stack, name: str = "", password: str = "") -> Iterator[Page]:
    """A browser of somebody who has signed in, the first admin unless named."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, stack, name, password)
    yield page
    context.close()


def turns(page: Page) -> list[tuple[str, str]]:
    """Finished turns as the page shows them: (role, text)."""
    return [(role, text) for role, text in page.eval_on_selector_all(".call-turn:not([data-draft])", TURNS)]


def state(page: Page) -> str:
    return page.get_attribute("#live", "data-state") or ""


def wait_for_state(page: Page, wanted: str) -> None:
    until(lambda: state(page) == wanted, 40, f"the page to be {wanted}, now {state(page)}")


def test_two_watch_a_call_through_a_restart_of_redis(
    visitor: VisitorPage, browser: Browser, stack: Stack, settled: Callable[[str], list[tuple[str, str]]]
) -> None:
    with staff(browser, stack) as first, staff(browser, stack) as second:
        first.goto(f"{stack.web_url}/admin/calls/call/now/")
        wait_for_state(first, "live")
        visitor.call(language="en-IN")
        visitor.mute()
        page = f"/admin/calls/call/{visitor.call_id}/change/"
        first.click(f"a[href='{page}']", timeout=20_000)
        visitor.wait_for_lines(1)
        expect(first.locator(".call-agent")).to_have_count(1, timeout=10_000)
        wait_for_state(first, "live")

        def say(text: str) -> None:
            before = len(visitor.lines)
            visitor.type(text)
            visitor.wait_for_lines(before + 2)

        say("I want a two bedroom flat")
        expect(first.locator(".call-visitor")).to_have_count(1, timeout=10_000)
        stack.restart("redis")
        second.goto(stack.web_url + page)
        say("My name is Ravi Kumar")
        for watcher in (first, second):
            expect(watcher.locator(".call-visitor")).to_have_count(2, timeout=30_000)
            wait_for_state(watcher, "live")
        visitor.hang_up()
        said = settled(visitor.call_id)
        assert ("visitor", "My name is Ravi Kumar") in said
        for watcher in (first, second):
            wait_for_state(watcher, "over")
            assert turns(watcher) == said


def test_who_may_not_see_calls_gets_neither_page_nor_socket(browser: Browser, stack: Stack) -> None:
    stack.run_manage("shell", "-c", MAKE_STRANGER)
    call_id = requests.post(f"{stack.web_url}/api/token", json={"agentId": "demo"}, timeout=10).json()["callId"]
    page, socket = f"/admin/calls/call/{call_id}/change/", f"/ws/admin/calls/{call_id}/"
    with staff(browser, stack) as admin:
        admin.goto(stack.web_url + page)
        assert admin.evaluate(OPENS_A_SOCKET, socket)
    with staff(browser, stack, "stranger", "not-for-calls-9") as stranger:
        for path in (page, f"{page}?part", "/admin/calls/call/now/"):
            answer = stranger.goto(stack.web_url + path)
            assert answer is not None
            assert answer.status == 403
        for path in (socket, "/ws/admin/calls/now/"):
            assert not stranger.evaluate(OPENS_A_SOCKET, path)


def test_a_page_whose_socket_is_lost_says_so_and_catches_up(
    visitor: VisitorPage, browser: Browser, stack: Stack
) -> None:
    cut = True

    def route(socket: WebSocketRoute) -> None:
        if cut:
            socket.close()
        else:
            socket.connect_to_server()

    with staff(browser, stack) as watcher:
        watcher.route_web_socket("**/ws/**", route)
        visitor.call(language="en-IN")
        visitor.mute()
        visitor.wait_for_lines(1)
        visitor.type("I want a two bedroom flat")
        watcher.goto(f"{stack.web_url}/admin/calls/call/{visitor.call_id}/change/")
        wait_for_state(watcher, "lost")
        expect(watcher.locator(".call-visitor")).to_have_count(1, timeout=30_000)
        assert state(watcher) == "lost"
        cut = False
        wait_for_state(watcher, "live")
        visitor.hang_up()
        wait_for_state(watcher, "over")
