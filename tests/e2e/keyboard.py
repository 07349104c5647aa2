"""The page without a mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

LONGEST_WAY = 40  # presses


def tab_to(page: Page, place: Locator) -> None:
    """Press Tab, then Shift+Tab from the page's end, until `place` has the keyboard; it may be inside a frame."""
    for key in ["Tab"] * LONGEST_WAY + ["Shift+Tab"] * LONGEST_WAY:
        if place.evaluate("part => part.matches(':focus')"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"the keyboard never came to {place}")
