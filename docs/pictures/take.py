"""Take the README's pictures anew: `.venv/bin/python -m docs.pictures.take`, after `make test` has set up the browser.

Starts the whole product in a temporary folder, makes a call through a browser, and photographs both sides of it. The
pictures of docs/staff.md are taken by `docs.pictures.staff`.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from local.stack import Stack
from tests.e2e.browser import launch, record_sentence

HERE = Path(__file__).parent
SILENCE = 14  # seconds between the visitor's sentences, for the agent to finish its own
LANGUAGE = "hi-IN"
VISITOR = "Rahul Sharma"
# What the sandbox is to hear, a line each time the visitor falls silent.
HEARD = [
    "नमस्ते, मुझे दो बेडरूम का फ्लैट देखना है।",
    "मेरा नाम राहुल शर्मा है।",
    "मेरा नंबर 98765 43210 है।",
    "जी हाँ, सही है।",
    "बहुत धन्यवाद।",
]


def main() -> None:
    """Take both pictures."""
    with tempfile.TemporaryDirectory(prefix="vaani-pictures-") as folder:
        Path(folder).chmod(0o711)  # as a state folder is
        microphone = record_sentence(Path(folder, "visitor.wav"), HEARD[0], silence=SILENCE)
        with new_stack(Path(folder, "state")) as stack, sync_playwright() as playwright:
            browser = launch(playwright, microphone)
            call_id = _visitor_page(browser, stack)
            _admin_call_page(browser, stack, call_id)
            browser.close()


def new_stack(state: Path, **settings: str) -> Stack:
    """The whole product in a folder of its own."""
    ours = {"WORKER_ID": "worker-1"}  # which else names the machine of whoever takes them
    return Stack(state, environment={**ours, **settings})


def ring(browser: Browser, stack: Stack) -> tuple[Page, str]:
    """Call from a phone, with the sandbox told what it will hear. Returns the phone's page and the call's id."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, permissions=["microphone"]
    )
    page = phone.new_page()
    page.goto(f"{stack.web_url}/a/demo")
    page.locator(f"input[name=language][value={LANGUAGE}]").check(force=True)
    page.locator("#more summary").click()
    page.fill("input[name=userName]", VISITOR)
    with page.expect_response("**/api/token") as answer:
        page.click("#call")
    call_id = str(answer.value.json()["callId"])
    requests.put(f"{stack.sandbox_url}/control/calls/{call_id}", json={"hear": HEARD}, timeout=5).raise_for_status()
    return page, call_id


def _visitor_page(browser: Browser, stack: Stack) -> str:
    """Photograph a phone in mid-call, and let the agent finish. Returns the call's id."""
    page, call_id = ring(browser, stack)
    whole = "#transcript li[data-final=true]"
    wait(page, lambda: page.locator(whole).count() >= 5, 150, "five lines of the conversation")
    take(page, "visitor.png")
    wait(page, lambda: page.get_attribute("#visitor", "data-state") == "ended", 150, "the agent's goodbye")
    page.context.close()
    return call_id


def _admin_call_page(browser: Browser, stack: Stack, call_id: str) -> None:
    """Photograph the same call as staff read it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{stack.web_url}/admin/")
    page.fill("input[name=username]", stack.env["ADMIN_EMAIL"])
    page.fill("input[name=password]", stack.env["ADMIN_PASSWORD"])
    page.click("button[type=submit]")

    def settled() -> bool:
        page.goto(f"{stack.web_url}/admin/calls/call/{call_id}/change/")
        return page.locator(".call-summary", has_text="Finished").count() > 0

    wait(page, settled, 60, "the call to be finished")
    take(page, "call.png")
    page.close()


def take(page: Page, name: str) -> None:
    """A picture of what is on the screen, small enough for a repository."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(HERE / name, optimize=True)


def wait(page: Page, condition: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited {seconds:.0f} s for {what}")
        page.wait_for_timeout(200)


if __name__ == "__main__":
    main()
