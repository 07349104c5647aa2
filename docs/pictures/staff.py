"""Take the pictures of docs/staff.md anew: `.venv/bin/python -m docs.pictures.staff`; port 3000 must be free.

Starts the whole product in a temporary folder, writes and tries an agent as staff do, lets a visitor call it, and
photographs the admin on the way. The picture of a call's page is `docs.pictures.take`'s.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from docs.pictures.take import HEARD, SILENCE, new_stack, ring, take, wait
from local.stack import Stack
from tests.e2e.browser import launch, record_sentence, sign_in

PATIENCE = 60_000  # ms for whatever comes
DESK = ViewportSize(width=1280, height=860)
CHANGE = "On Diwali the office is closed."
TYPED = ["I want a two bedroom flat", "My name is Ravi Kumar", "98450 12345"]


def main() -> None:
    """Take them all."""
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory(prefix="vaani-pictures-") as folder:
        Path(folder).chmod(0o711)  # as a state folder is
        microphone = record_sentence(Path(folder, "visitor.wav"), HEARD[0], silence=SILENCE)
        # The address that newcomers have; a free port's number would be another one in every picture.
        with new_stack(Path(folder, "state"), WEB_PORT="3000") as stack, sync_playwright() as playwright:
            browser = launch(playwright, microphone)
            desk = browser.new_page(viewport=DESK)
            desk.set_default_timeout(PATIENCE)
            sign_in(desk, stack)
            _agent(desk, stack)
            _trial(desk, stack)
            _call(browser, desk, stack)
            browser.close()


def _agent(desk: Page, stack: Stack) -> None:
    """Change the agent, publish the change, and look at how to share it."""
    desk.goto(f"{stack.web_url}/admin/agents/agentprofile/")
    desk.locator("#result_list tbody th a").first.click()
    expect(desk.locator("#id_who")).to_be_visible()
    address = desk.url.split("?")[0]
    _show(desk.locator("#id_who"))
    take(desk, "brief.png")
    desk.fill("#id_knows", f"{desk.input_value('#id_knows')}\n{CHANGE}")
    desk.click("button[name=_continue]")
    desk.fill("#id_note", CHANGE)
    _show(desk.locator("#id_note"))
    take(desk, "publish.png")
    desk.click("button:has-text('Save and publish')")
    desk.goto(address.replace("/change/", "/share/"))
    expect(desk.locator("#share-tag")).to_contain_text("widget.js")
    _show(desk.locator("#share-widget-title"))
    take(desk, "share.png")


def _trial(desk: Page, stack: Stack) -> None:
    """Try the draft by typing."""
    desk.goto(f"{stack.web_url}/try/demo")
    desk.locator("input[name=language][value=en-IN]").check(force=True)
    desk.click("#type")
    said = desk.locator("#transcript li[data-role=agent][data-final=true]")
    for number, line in enumerate(TYPED, 1):
        expect(said).to_have_count(number)
        desk.fill("#typed", line)
        desk.press("#typed", "Enter")
    expect(said).to_have_count(len(TYPED) + 1)
    take(desk, "trial.png")
    desk.click("#hang-up")


def _call(browser: Browser, desk: Page, stack: Stack) -> None:
    """While a visitor talks, the calls of now; then the lead that came of it."""
    phone, call_id = ring(browser, stack)
    desk.goto(f"{stack.web_url}/admin/calls/call/now/")
    expect(desk.locator("#now-calls")).to_contain_text("Live")
    desk.set_viewport_size({**DESK, "height": 480})  # there is no more on it
    take(desk, "now.png")
    desk.set_viewport_size(DESK)
    wait(phone, lambda: phone.get_attribute("#visitor", "data-state") == "ended", 150, "the agent's goodbye")
    phone.context.close()

    def found() -> bool:
        desk.goto(f"{stack.web_url}/admin/leads/lead/")
        return desk.locator("#result_list tbody a").count() > 0

    wait(desk, found, 90, f"the lead of {call_id}")
    desk.locator("#result_list tbody a").first.click()
    desk.locator("#value-phone").focus()
    expect(desk.locator(".call-turn[data-lit]").first).to_be_visible()
    take(desk, "lead.png")


def _show(what: Locator) -> None:
    """Scroll so that it stands in the upper part of the window."""
    what.evaluate("element => window.scrollBy(0, element.getBoundingClientRect().top - 260)")


if __name__ == "__main__":
    main()
