"""Photograph the visitor's page in each of its languages: `.venv/bin/python -m docs.pictures.languages FOLDER`.

For people who read them to look at. A picture a language shows the page before a call with everything unfolded, in a
typed call, after it, and where nobody is at the phone. Like `take.py` it wants `make test` to have set up the browser,
and starts the whole product in a temporary folder.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from agents.languages import LANGUAGES
from local.stack import Stack
from tests.e2e.browser import launch

PHONE, UNFOLDED = ViewportSize(width=360, height=740), ViewportSize(width=360, height=1180)
PATIENCE = 60_000  # ms for whatever comes
GAP = 12  # pixels between pictures


def main(folder: Path) -> None:
    """Write `<language>.png` for each language into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory(prefix="vaani-pictures-") as state, sync_playwright() as playwright:
        Path(state).chmod(0o711)  # as a state folder is
        with Stack(Path(state, "state")) as stack:
            browser = launch(playwright)
            seen = {code: _call(browser, stack, code) for code in LANGUAGES}
            stack.stop("worker")
            for code, pictures in seen.items():
                _beside(*pictures, _alone(browser, stack, code)).save(folder / f"{code}.png", optimize=True)
            browser.close()


def _call(browser: Browser, stack: Stack, language: str) -> list[Image.Image]:
    """The page before a call, in it, and after it."""
    page = _open(browser, stack, language)
    page.set_viewport_size(UNFOLDED)  # so that the button, which stays in view, covers nothing
    page.locator("#more summary").click()
    pictures = [_take(page)]
    page.set_viewport_size(PHONE)
    page.click("#type")
    said = page.locator("#transcript li[data-role=agent][data-final=true]")
    expect(said).to_have_count(1)
    page.fill("#typed", "98450 12345")
    page.press("#typed", "Enter")
    expect(said).to_have_count(2)
    pictures.append(_take(page))
    page.click("#hang-up")
    expect(page.locator("#understood [data-field=phone]")).to_be_visible()
    pictures.append(_take(page))
    page.context.close()
    return pictures


def _alone(browser: Browser, stack: Stack, language: str) -> Image.Image:
    """The page where no worker is, its form filled in wrongly."""
    page = _open(browser, stack, language)
    away = page.locator("#visitor[data-state=failed]")
    page.click("#type")
    expect(away).to_be_visible()
    page.click("#callback [type=submit]")
    picture = _take(page)
    page.context.close()
    return picture


def _open(browser: Browser, stack: Stack, language: str) -> Page:
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(f"{stack.web_url}/a/demo?lang={language}")
    expect(page.locator("#call")).to_be_enabled()
    return page


def _take(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


def _beside(*pictures: Image.Image) -> Image.Image:
    width = sum(picture.width + GAP for picture in pictures)
    sheet = Image.new("RGB", (width, max(picture.height for picture in pictures)), "gray")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + GAP
    return sheet


if __name__ == "__main__":
    main(Path(sys.argv[1]))
