"""What axe-core finds on a page. It runs through the debugger, for the page's own policy lets no stranger's script in."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Frame, Page

from vaani.env import ROOT

SCRIPT = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
GRAVE = ("serious", "critical")


def faults(page: Page | Frame) -> list[str]:
    """Serious faults of the page as it stands, each with the elements that have it. Frames on it are pages of their own."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    # Colours are judged once no transition moves them any more.
    page.evaluate(
        "() => Promise.allSettled(document.getAnimations().filter(a => a.effect?.getTiming().iterations === 1).map(a => a.finished))"
    )
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations'], iframes: false})")
    return [
        f"{fault['id']}: {fault['help']}: {[node['target'] for node in fault['nodes']]}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
    ]
