"""The sizes of screen on which the visitor's page has to work."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize

PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=800)


def fits(page: Page, *parts: str) -> None:
    """At a desk and on a phone, nothing is wider than the screen and each part can be reached and pressed."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        for part in parts:
            page.locator(part).click(trial=True)
