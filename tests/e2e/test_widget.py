"""A widget on another site's page: it calls from there, tells the page of it, and leaves the page as it was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Frame, FrameLocator, Page, expect

from calls.wording import wording
from local.stack import Stack
from tests.e2e.axe import faults
from tests.e2e.browser import sign_in
from tests.e2e.console import Console
from tests.e2e.keyboard import tab_to
from tests.e2e.sizes import DESK
from tests.e2e.waiting import until

# A site with opinions on every button, and a policy that lets our script and our frame in and nothing inline.
HOST_PAGE = """<!doctype html><html lang="en"><title>Sunrise Homes</title><link rel="stylesheet" href="/style.css">
<script src="/notes.js"></script><button id="own">Brochure</button>{tags}</html>"""
STYLE = "* { color: rgb(128, 0, 128); font-size: 31px } button { background: gold; transform: rotate(3deg) } div { display: none }"
NOTES = """window.told = [];
for (const what of ["opened", "started", "ended", "lead"])
  document.addEventListener(`vaani:${what}`, (event) => told.push([event.type, event.detail]));"""
# What a site's own client does: it may ask, and read the answer, or neither.
ASK = """async (url) => {
  const body = JSON.stringify({agentId: "demo"});
  const sent = fetch(url, {method: "POST", headers: {"Content-Type": "application/json"}, body});
  const answer = await sent.catch(() => null);
  return answer ? (await answer.json()).callId : "refused";
}"""
# What the browser says of a frame and of a request that our server lets no such site have.
OF_A_REFUSAL = ("Framing ", "Access to fetch at", "Failed to load resource: net::ERR_FAILED")
BUTTON, PANEL = "vaani-widget button.button", "vaani-widget dialog"


class Site:
    """Another site, on an address of its own. `page` is what it shows."""

    def __init__(self, host: str, policy: str) -> None:
        self.page = ""
        files = {"/style.css": ("text/css", STYLE), "/notes.js": ("text/javascript", NOTES)}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:
                kind, body = files.get(handler.path, ("text/html", self.page))
                handler.send_response(200)
                handler.send_header("Content-Type", f"{kind}; charset=utf-8")
                handler.send_header("Content-Security-Policy", policy)
                handler.end_headers()
                handler.wfile.write(body.encode())

            def log_message(handler, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer((host, 0), Handler)
        self.origin = f"http://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def sites(stack: Stack) -> Iterator[Callable[[str], Site]]:
    """Make sites of other origins: `sites(host)`."""
    made: list[Site] = []
    allowed = f"script-src 'self' {stack.web_url}; frame-src {stack.web_url}; connect-src {stack.web_url}"

    def make(host: str) -> Site:
        made.append(Site(host, f"default-src 'self'; {allowed}"))
        return made[-1]

    yield make
    for site in made:
        site.server.shutdown()
        site.server.server_close()


@pytest.fixture(scope="module")
def named_site(sites: Callable[[str], Site], stack: Stack) -> Site:
    """A site that the demo agent names."""
    site = sites("127.0.0.1")
    setup = "from agents.models import AgentProfile; from agents.services import allow_sites"
    allow = f"allow_sites(AgentProfile.objects.get(agent_id='demo'), ['{site.origin}'])"
    stack.run_manage("shell", "-v0", "-c", f"{setup}; {allow}")
    return site


@pytest.fixture
def site(named_site: Site, stack: Stack) -> Site:
    """The same, with an English widget on the left."""
    named_site.page = HOST_PAGE.format(tags=tag(stack, language="en-IN", position="left"))
    return named_site


def tag(stack: Stack, agent: str = "demo", **data: str) -> str:
    attributes = " ".join(f'data-{name}="{value}"' for name, value in {"agent": agent, **data}.items())
    return f'<script src="{stack.web_url}/widget.js" {attributes} async></script>'


def inside(page: Page) -> FrameLocator:
    return page.frame_locator("vaani-widget iframe")


def frame(page: Page) -> Frame:
    """The frame of the open panel."""
    (shown,) = page.main_frame.child_frames
    return shown


def told(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("told")
    return found


def test_a_whole_call_by_keyboard_from_another_sites_page(
    page: Page,
    site: Site,
    rows: Callable[..., list[tuple[Any, ...]]],
    settled: Callable[[str], list[tuple[str, str]]],
) -> None:
    page.set_viewport_size(DESK)
    page.goto(site.origin)
    own = (
        "button => { const s = getComputedStyle(button); return [s.color, s.backgroundColor, s.fontSize, s.transform] }"
    )
    before = page.eval_on_selector("#own", own)
    button = page.locator(BUTTON)
    expect(button).to_have_text("Talk to us")
    expect(button).to_have_css("font-size", "16px")
    expect(button).to_have_css("transform", "none")
    expect(button).to_have_attribute("aria-expanded", "false")
    assert faults(page) == []
    page.focus("#own")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("dialog", name="Talk to us")).to_be_visible()
    expect(inside(page).locator("input[name=language][value=en-IN]")).to_be_checked()
    until(lambda: told(page) == [["vaani:opened", {"agentId": "demo", "callId": ""}]], 10, "the page to hear of it")
    expect(page.locator("vaani-widget iframe")).to_be_focused()
    assert not page.locator(PANEL).evaluate(
        "panel => panel.matches(':modal')"
    )  # at a desk the page around stays at hand
    assert faults(page) == faults(frame(page)) == []
    page.evaluate("postMessage({type: 'vaani:started', callId: 'forged'}, '*')")  # only its own frame is believed
    tab_to(page, inside(page).locator("#call"))
    with page.expect_response("**/api/token") as answer:
        page.keyboard.press("Enter")
    call_id = answer.value.json()["callId"]

    expect(inside(page).locator("#transcript li[data-final=true]").first).to_be_visible(timeout=30_000)
    assert told(page)[1:] == [["vaani:started", {"agentId": "demo", "callId": call_id}]]
    expect(page.locator(f"{PANEL} header button")).to_have_attribute("aria-label", "Hang up and close")
    page.keyboard.press("Escape")  # must not hang up
    tab_to(page, inside(page).locator("#typed"))
    page.keyboard.type("98450 12345")
    page.keyboard.press("Enter")
    expect(inside(page).locator("#transcript li[data-role=agent][data-final=true]")).to_have_count(2, timeout=30_000)
    assert faults(frame(page)) == []
    tab_to(page, inside(page).locator("#hang-up"))
    page.keyboard.press("Enter")
    expect(inside(page).locator("#again")).to_be_visible()
    until(lambda: len(told(page)) >= 3, 10, "the page to hear that the call ended")
    assert told(page)[2] == ["vaani:ended", {"agentId": "demo", "callId": call_id}]
    until(lambda: len(told(page)) == 4, 40, "the page to hear of the lead")
    ((lead,),) = rows("SELECT id FROM leads_lead WHERE call_id = %s", call_id)
    assert told(page)[3] == ["vaani:lead", {"agentId": "demo", "callId": call_id, "leadId": lead}]
    expect(page.locator(f"{PANEL} header button")).to_have_attribute("aria-label", "Close")
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_be_hidden()
    expect(button).to_be_focused()
    assert page.locator("vaani-widget iframe").count() == 0

    assert settled(call_id)[0][0] == "agent"
    assert page.eval_on_selector("#own", own) == before
    assert page.evaluate("Object.keys(window).filter(name => /vaani|widget/i.test(name))") == []


def test_closing_the_panel_ends_the_call(
    page: Page, site: Site, stack: Stack, settled: Callable[[str], list[tuple[str, str]]]
) -> None:
    """On a phone, which the panel fills, and by its keys; and what the panel knows of it when it is opened again."""
    site.page = HOST_PAGE.format(tags=tag(stack))
    page.goto(site.origin)
    page.focus(BUTTON)
    page.keyboard.press("Enter")
    expect(page.locator("vaani-widget iframe")).to_be_focused()
    assert page.locator(PANEL).evaluate("panel => panel.matches(':modal')")
    assert page.locator(PANEL).bounding_box() == {"x": 0, "y": 0, **(page.viewport_size or {})}
    tamil = inside(page).locator("input[name=language][value=ta-IN]")
    tamil.check(force=True)
    tab_to(page, inside(page).locator("#call"))
    with page.expect_response("**/api/token") as answer:
        page.keyboard.press("Enter")
    until(lambda: [name for name, _ in told(page)] == ["vaani:opened", "vaani:started"], 30, "the agent to come")
    assert faults(page) == []
    tab_to(page, page.locator(f"{PANEL} header button"))
    page.keyboard.press("Enter")
    expect(page.locator(BUTTON)).to_be_focused()
    call_id = answer.value.json()["callId"]
    assert told(page)[2:] == [["vaani:ended", {"agentId": "demo", "callId": call_id}]]
    page.keyboard.press("Enter")
    expect(inside(page).locator("[data-text=call]")).to_have_text(wording("ta-IN")["call"])
    expect(tamil).to_be_checked()
    expect(inside(page).locator("#resume")).to_be_hidden()  # who hung up was not cut off
    settled(call_id)


def test_a_site_that_is_not_named_gets_a_sentence_and_no_call(
    page: Page, site: Site, sites: Callable[[str], Site], stack: Stack, console: Console
) -> None:
    console.allow(*OF_A_REFUSAL)
    other = sites("127.0.0.2")
    other.page = HOST_PAGE.format(tags=tag(stack, language="ta-IN"))
    page.goto(other.origin)
    with page.expect_console_message(lambda message: message.text.startswith("vaani: ")) as warning:
        page.click(BUTTON)
    assert other.origin in warning.value.text
    way_round = page.locator(f"{PANEL} a")
    expect(way_round).to_have_text("புதிய தாவலில் திற")
    expect(way_round).to_have_attribute("href", f"{stack.web_url}/a/demo?lang=ta-IN")
    expect(page.locator("vaani-widget iframe")).to_be_hidden()
    assert told(page) == []
    assert faults(page) == []
    assert page.evaluate(ASK, f"{stack.web_url}/api/token") == "refused"
    page.goto(site.origin)
    assert page.evaluate(ASK, f"{stack.web_url}/api/token") not in (None, "refused")


def test_faults_of_a_tag_are_warned_of_and_never_thrown(page: Page, site: Site, stack: Stack) -> None:
    bad = tag(stack, colour="teal;", language="fr-FR", position="top")
    # Not `async`: of two tags for one agent the first that runs has the button, and here that has to be the faulty one.
    tags = bad + tag(stack) + tag(stack, "../admin")
    site.page = HOST_PAGE.format(tags=tags.replace(" async", ""))
    warned: list[str] = []
    page.on("console", lambda message: warned.append(message.text) if message.type == "warning" else None)
    page.goto(site.origin)
    expect(page.locator(BUTTON)).to_have_text("Talk to us")
    # A question to the page, for only while one waits for an answer do its messages come.
    until(lambda: page.evaluate("true") and len(warned) >= 4, 30, "four warnings")
    assert all(text.startswith("vaani: ") for text in warned)
    assert page.locator("vaani-widget").count() == 1  # the same agent once, however often it is loaded


def test_two_agents_share_a_page(page: Page, site: Site, stack: Stack) -> None:
    site.page = HOST_PAGE.format(tags=tag(stack) + tag(stack, "second"))
    page.goto(site.origin)
    expect(page.locator(BUTTON)).to_have_count(2)
    assert faults(page) == []
    first, second = (each.bounding_box() for each in page.locator(BUTTON).all())
    assert first
    assert second
    assert second["y"] + second["height"] <= first["y"]


def test_staff_make_the_tag_and_see_it_at_work(
    page: Page, stack: Stack, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    sign_in(page, stack)
    ((agent,),) = rows("SELECT id FROM agents_agentprofile WHERE agent_id = 'demo'")
    page.goto(f"{stack.web_url}/admin/agents/agentprofile/{agent}/share/")
    public = page.inner_text("#share-link").removesuffix("/a/demo")
    page.select_option("[name=widget-language]", "ta-IN")
    page.select_option("[name=widget-position]", "left")
    page.fill("[name=widget-colour]", "#ffcc00")
    expect(page.locator("#share-tag")).to_have_text(
        f'<script src="{public}/widget.js" data-agent="demo" data-language="ta-IN" data-colour="#ffcc00"'
        ' data-position="left" async></script>'
    )
    button = page.locator(BUTTON)
    expect(button).to_have_text("எங்களுடன் பேசுங்கள்")
    expect(button).to_have_css("background-color", "rgb(255, 204, 0)")
    expect(button).to_have_css("color", "rgb(0, 0, 0)")
    expect(button).to_have_css("left", "20px")
    button.click()
    expect(inside(page).locator("input[name=language][value=ta-IN]")).to_be_checked()
