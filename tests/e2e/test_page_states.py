"""When it cannot work: the visitor's page says why, in the visitor's language, and offers the one thing to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from calls.apologies import APOLOGIES
from calls.wording import wording
from local.chromium import chromium
from local.stack import Stack
from tests.e2e.axe import faults
from tests.e2e.console import Console
from tests.e2e.sizes import PHONE, fits
from tests.e2e.waiting import until
from tests.faults.run import await_well

Phone = Callable[..., Page]
INSIDE = Path(__file__).parent / "inside"
FACEBOOK = (
    "Mozilla/5.0 (Linux; Android 12; SM-A125F; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/120.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/440.0.0.0;]"
)
INSTAGRAM = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Instagram 290.0.0.0"
)
NO_MICROPHONES = "delete Navigator.prototype.mediaDevices"
DISMISSED = "Permissions.prototype.query = async () => ({ state: 'prompt' })"
# What the browser itself says on its console.
OF_REQUESTS = "Failed to load resource"
OF_SOCKETS = "WebSocket connection to"
OF_NO_HTTPS = "The Cross-Origin-Opener-Policy header has been ignored"
OF_NO_SOUND_CARD = "The AudioContext encountered"
# No way for media: as in a network that lets none through, and has no relay.
BLOCKED = """const Peer = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {
  constructor(how) { super({ ...how, iceTransportPolicy: "relay" }) }
  setConfiguration(how) { super.setConfiguration({ ...how, iceTransportPolicy: "relay" }) }
};"""

SEED = """
from agents.defaults import demo_config
from agents.models import AgentProfile
from agents.services import create_profile, publish
from calls.models import DailyCap
for name in ("gone", "paused", "changed", "used-up", "talks-only"):
    config = demo_config().model_copy(update={"agent_id": name, "text_chat": name != "talks-only"})
    made = create_profile(config, source="admin")
    made.colour = "#ffcc00"
    made.save(update_fields=["colour"])
    publish(made, author=None, author_name="tests")
    if name == "used-up":
        DailyCap.objects.create(agent=made, minutes=0)
"""
CHANGE = """
from agents.defaults import demo_config
from agents.models import AgentProfile
from agents.published import forget_published
from agents.services import pause, publish
find = lambda name: AgentProfile.objects.get(agent_id=name)
AgentProfile.objects.filter(agent_id="gone").update(published=None)
pause(find("paused"))
changed = find("changed")
changed.languages = [code for code in changed.languages if code != "ta-IN"]
changed.save()
publish(changed, author=None, author_name="tests")
forget_published()
"""


@pytest.fixture(scope="module")
def bare(playwright: Playwright) -> Iterator[Browser]:
    """A browser without any microphone."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def strict(playwright: Playwright) -> Iterator[Browser]:
    """A browser with a microphone, that lets pages have it only when its owner does."""
    args = ["--no-sandbox", "--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection"]
    browser = playwright.chromium.launch(executable_path=chromium(), args=args)
    yield browser
    browser.close()


@pytest.fixture
def phone(console: Console) -> Iterator[Phone]:
    """Make phones: `phone(browser, init script, ...)`."""
    with ExitStack() as contexts:

        def make(browser: Browser, script: str = "", **options: Any) -> Page:
            context = browser.new_context(viewport=PHONE, **options)
            contexts.callback(context.close)
            if script:
                context.add_init_script(script)
            console.watch(context)
            return context.new_page()

        yield make


def words(language: str, key: str, **values: object) -> str:
    text = wording(language)[key]
    for name, value in ({"name": "Asha"} | values).items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def says(page: Page, language: str, title: str, text: str, *parts: str, **values: object) -> None:
    """The call is over or did not begin: the page says so and why, to everyone, and these parts are what can be done."""
    expect(page.locator("#state")).to_have_text(words(language, title), timeout=20_000)
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#why")).to_have_text(words(language, text, **values))
    expect(page.locator("#status")).to_have_text(words(language, text, **values))
    fits(page, *parts)
    assert faults(page) == []


def admitted(page: Page, button: str) -> None:
    """Pressing the button leads to a call, which is hung up."""
    with page.expect_response("**/api/token") as answer:
        page.click(button)
    assert answer.value.status == 200, answer.value.text()

    def hung_up() -> bool:
        if page.is_visible("#hang-up"):
            page.click("#hang-up")
        return page.get_attribute("#visitor", "data-state") == "ended"

    until(hung_up, 10, "the call to be hung up, which an eager thumb's second tap does not do")


def test_without_a_microphone_it_says_why_and_offers_to_type(
    phone: Phone, bare: Browser, strict: Browser, stack: Stack, console: Console
) -> None:
    console.allow(OF_NO_SOUND_CARD)
    url = f"{stack.web_url}/a/demo?lang="
    page = phone(bare, permissions=["microphone"])
    page.goto(f"{url}or-IN")
    page.click("#call")
    says(page, "or-IN", "failedTitle", "microphoneMissing", "#again", "#type-instead")
    admitted(page, "#type-instead")

    page = phone(strict, (INSIDE / "microphones.js").read_text())
    page.goto(f"{url}ta-IN")
    page.evaluate("nextFault = 'NotReadableError'")  # taken by another app
    page.click("#call")
    says(page, "ta-IN", "failedTitle", "microphoneBusy", "#again", "#type-instead")
    page.evaluate("nextFault = 'InvalidStateError'")
    page.click("#again")
    says(page, "ta-IN", "failedTitle", "microphoneFailed", "#again", "#type-instead")

    page = phone(strict, DISMISSED)
    page.goto(f"{url}en-IN")
    page.click("#call")
    says(page, "en-IN", "failedTitle", "microphoneAsk", "#again", "#type-instead")

    page = phone(strict, permissions=[])
    page.goto(f"{url}hi-IN")
    page.click("#call")
    says(page, "hi-IN", "failedTitle", "microphoneRefused", "#again", "#type-instead")
    page.context.grant_permissions(["microphone"])  # in the browser's settings
    admitted(page, "#again")


def test_inside_another_app_it_leads_out(phone: Phone, strict: Browser, stack: Stack) -> None:
    page = phone(strict, user_agent=FACEBOOK, permissions=[])
    page.goto(f"{stack.web_url}/a/demo?lang=bn-IN")
    expect(page.locator("#way-out-why")).to_have_text(words("bn-IN", "inApp"))
    host = stack.web_url.removeprefix("http://")
    link = page.locator("#way-out-link")
    expect(link).to_have_text(words("bn-IN", "openChrome"))
    expect(link).to_have_attribute("href", f"intent://{host}/a/demo?lang=bn-IN#Intent;scheme=http;package=com.android"
        f".chrome;S.browser_fallback_url=http%3A%2F%2F{host.replace(':', '%3A')}%2Fa%2Fdemo%3Flang%3Dbn-IN;end")  # fmt: skip
    fits(page, "#way-out-link", "#call")
    assert faults(page) == []
    page.click("#call")  # some apps have one
    expect(page.locator("#state")).to_have_text(words("bn-IN", "failedTitle"))
    expect(page.locator("#why")).to_be_empty()  # no settings of a browser help here
    fits(page, "#way-out-link", "#type-instead")
    page.click("#back")
    expect(link).to_be_visible()

    page = phone(strict, NO_MICROPHONES, user_agent=INSTAGRAM, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{stack.web_url}/a/demo?lang=ta-IN")
    expect(page.locator("#way-out-why")).to_have_text(words("ta-IN", "inAppApple"))
    expect(page.locator("#call")).to_be_hidden()
    fits(page, "#way-out-copy", "#type")
    assert faults(page) == []
    page.click("#way-out-copy")
    expect(page.locator("#way-out-copy")).to_have_text(words("ta-IN", "copied"))
    expect(page.locator("#status")).to_have_text(words("ta-IN", "copied"))
    assert page.evaluate("navigator.clipboard.readText()") == f"{stack.web_url}/a/demo?lang=ta-IN"
    page.locator("input[name=language][value=te-IN]").check(force=True)
    expect(page.locator("#way-out-why")).to_have_text(words("te-IN", "inAppApple"))

    page = phone(strict, "delete window.RTCPeerConnection")
    page.goto(f"{stack.web_url}/a/demo?lang=en-IN")
    expect(page.locator("#way-out-why")).to_have_text(words("en-IN", "unsupported"))
    expect(page.locator("#call")).to_be_hidden()
    expect(page.locator("#type")).to_be_hidden()
    fits(page, "#way-out-copy")


def test_a_page_without_https_leads_to_the_secure_one(
    phone: Phone, strict: Browser, stack: Stack, console: Console
) -> None:
    console.allow(OF_NO_HTTPS)
    page = phone(strict)

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix("http://homes.test")
        route.fulfill(response=route.fetch(url=f"{stack.web_url}{path}"))

    page.route("http://homes.test/**", serve)
    page.goto("http://homes.test/a/demo?lang=kn-IN")
    expect(page.locator("#way-out-why")).to_have_text(words("kn-IN", "insecure"))
    expect(page.locator("#way-out-link")).to_have_attribute("href", "https://homes.test/a/demo?lang=kn-IN")
    expect(page.locator("#call")).to_be_hidden()
    expect(page.locator("#type")).to_be_hidden()
    fits(page, "#way-out-link")
    assert faults(page) == []


def test_what_changed_under_an_open_page_is_said(phone: Phone, strict: Browser, stack: Stack, console: Console) -> None:
    """Of agents with a loud colour of their own."""
    console.allow(OF_REQUESTS)
    stack.run_manage("shell", "-v0", "-c", SEED)
    pages = {}
    for name, language in {"gone": "ml-IN", "paused": "gu-IN", "changed": "ta-IN", "used-up": "hi-IN"}.items():
        pages[name] = phone(strict, permissions=["microphone"])
        pages[name].goto(f"{stack.web_url}/a/{name}?lang={language}")
    pages["paused"].emulate_media(color_scheme="dark")
    assert [faults(pages[name]) for name in ("paused", "used-up")] == [[], []]
    stack.run_manage("shell", "-v0", "-c", CHANGE)
    for page in pages.values():
        page.click("#call")
    says(pages["used-up"], "hi-IN", "busyTitle", "limit", "#callback [type=submit]", "#again")
    says(pages["paused"], "gu-IN", "pausedTitle", "paused", "#callback [type=submit]", "#again")
    says(pages["changed"], "ta-IN", "failedTitle", "changed", "#again")
    pages["changed"].click("#again")  # which loads the page as it is now
    expect(pages["changed"].locator("input[value=ta-IN]")).to_have_count(0)
    says(pages["gone"], "ml-IN", "nobodyTitle", "nobody", "#again")
    pages["gone"].click("#again")
    expect(pages["gone"].locator("h1")).to_have_text(words("ml-IN", "nobodyTitle"))
    fits(pages["gone"], ".button")
    assert faults(pages["gone"]) == []

    page = pages["paused"]
    page.goto(f"{stack.web_url}/a/paused?lang=ta-IN")
    expect(page.locator("h1")).to_have_text(words("ta-IN", "pausedTitle"))
    expect(page.locator("#callback-intro")).to_have_text(APOLOGIES["ta-IN"])
    page.fill("#callback-name", "Farida Sheikh")
    page.click("#callback [type=submit]")
    expect(page.locator("#callback-phone-fault")).to_have_text(words("ta-IN", "phoneWrong"))
    expect(page.locator("#callback-phone")).to_be_focused()
    fits(page, "#callback [type=submit]", "a.button")
    assert faults(page) == []
    page.fill("#callback-phone", "98450 77003")
    page.click("#callback [type=submit]")
    expect(page.locator("#callback-done")).to_be_focused()

    page.goto(f"{stack.web_url}/a/talks-only?lang=en-IN")
    expect(page.locator("#call")).to_be_visible()
    assert page.locator("#type, #type-instead").count() == 0


def test_without_a_way_to_us_it_says_what_to_try(phone: Phone, strict: Browser, stack: Stack, console: Console) -> None:
    console.allow(OF_REQUESTS, OF_SOCKETS)
    allowed = {"permissions": ["microphone"]}
    url = f"{stack.web_url}/a/demo?lang="
    page = phone(strict, **allowed)
    page.goto(f"{url}mr-IN")
    expect(page.locator("#call")).to_be_enabled()
    page.context.set_offline(True)
    page.click("#call")
    says(page, "mr-IN", "failedTitle", "offline", "#again")
    page.context.set_offline(False)
    admitted(page, "#again")

    page = phone(strict, **allowed)
    script = "**/built/calls/visitor.js"
    page.route(script, lambda route: route.abort())
    page.goto(f"{url}gu-IN")
    way_on = page.locator(".stuck a")
    expect(way_on).to_be_visible(timeout=30_000)
    page.unroute(script)
    way_on.click()
    expect(page.locator("#call")).to_be_enabled()
    expect(way_on).to_be_hidden()

    script = "**/built/calls/part-*.js"  # what only a call needs
    page.route(script, lambda route: route.abort())
    page.goto(f"{url}en-IN")
    page.click("#call")
    says(page, "en-IN", "failedTitle", "offline", "#again")
    page.unroute(script)
    page.click("#again")  # which loads the page anew
    expect(page.locator("#visitor")).to_have_attribute("data-state", "idle")

    blocked = phone(strict, BLOCKED, **allowed)
    blocked.goto(f"{url}en-IN")
    blocked.click("#call")
    says(blocked, "en-IN", "failedTitle", "noConnection", "#callback [type=submit]", "#again")
    blocked.context.close()

    stack.stop("livekit")
    try:
        page.click("#call")
        says(page, "en-IN", "failedTitle", "noConnection", "#callback [type=submit]", "#again")
    finally:
        stack.start("livekit")
        await_well(stack)
