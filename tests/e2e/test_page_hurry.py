"""An eager thumb on an old phone, where no call can be had: it makes one, and is told what to do in its own language."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from calls.apologies import APOLOGIES
from calls.wording import wording
from local.stack import Stack
from tests.e2e.console import Console
from tests.e2e.waiting import until

INSIDE = Path(__file__).parent / "inside"
HINDI = wording("hi-IN")
# As in Chrome 99 and Safari 15.4.
OLD = """delete AbortSignal.timeout;
for (const place of [Document.prototype, Element.prototype])
  for (const search of ["querySelector", "querySelectorAll"]) {
    const find = place[search];
    place[search] = function (selector) {
      if (selector.includes(":has(")) throw new SyntaxError(selector);
      return find.call(this, selector);
    };
  }"""
# The languages that are framed, as the chosen one is.
FRAMED = """[...document.querySelectorAll("[name=language]")]
  .filter((tile) => getComputedStyle(tile.nextElementSibling, "::before").borderTopWidth === "2px").map((tile) => tile.value)"""
CUT_OFF = """language => localStorage.setItem("vaani:call:demo", JSON.stringify({
  callId: "cut-off", visitorKey: "key", language, recorded: false, silent: true, seenAt: Date.now(), dropped: true}))"""


def test_an_eager_thumb_makes_one_call_and_is_told_what_to_do(page: Page, stack: Stack, console: Console) -> None:
    console.allow("Failed to load resource: the server responded with a status of")
    page.add_init_script(OLD)
    page.add_init_script(path=INSIDE / "microphones.js")
    slow: list[Route] = []
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "10"}, json={"code": "no_worker", "detail": "Nobody works."})

    page.route("**/built/calls/part-*.js", lambda route: slow.append(route))
    page.route("**/api/token", refuse)
    page.goto(f"{stack.web_url}/a/demo?lang=hi-IN")
    assert page.evaluate(FRAMED) == ["hi-IN"]
    page.click("#call")

    def hung_up() -> bool:
        page.click("#hang-up")  # which does nothing so soon after the call began
        return page.is_visible("#again")

    until(hung_up, 5, "the call to be hung up while its script loads")
    page.click("#again")
    slow.pop().continue_()
    expect(page.locator("#state")).to_have_text(HINDI["awayTitle"])
    expect(page.locator("#callback-intro")).to_have_text(APOLOGIES["hi-IN"])
    assert len(asked) == page.evaluate("opened.length") == 1

    page.fill("#callback-name", "Farida Sheikh")
    page.fill("#callback-phone", "98450 77004")
    answers = [404, 502]
    problem = {"code": "unknown_agent", "detail": "There is no agent with this id."}
    page.route("**/api/callback", lambda route: route.fulfill(status=answers.pop(0), json=problem))
    for told in ("changed", "unknown"):
        page.click("#callback [type=submit]")
        expect(page.locator("#callback-fault")).to_have_text(HINDI[told])

    page.unroute("**/built/calls/part-*.js")
    page.route("**/transcript", lambda route: route.fulfill(json={"lines": []}))
    page.evaluate(CUT_OFF, "ta-IN")
    page.reload()
    page.click("#resume-go")
    expect(page.locator("#callback-intro")).to_have_text(APOLOGIES["ta-IN"])
    expect(page.locator("#callback-intro")).to_have_attribute("lang", "ta-IN")
