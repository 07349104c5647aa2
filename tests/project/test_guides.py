"""The guides: what they link is there, their pictures are taken by scripts, and what programs meet is named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from vaani.env import ROOT
from vaani.problems import Code

GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 150_000  # bytes
# Of the worker's own paths and of the admin's: no other program meets these.
INNER = {
    "call_ended",
    "call_held",
    "draft_unfinished",
    "http_error",
    "no_default_agent",
    "no_recording",
    "not_agreed",
    "unknown_attempt",
    "unknown_tool",
    "unknown_voice",
}


def links(guide: Path) -> list[tuple[str, str, str]]:
    """(`!` of a picture, its text, where it leads) of every link that leads to no other site."""
    text = re.sub(r"^```.*?^```", "", guide.read_text(), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", text)
    for tag in re.findall(r"<img [^>]+>", text):
        found.append(("!", *(re.findall(rf'{name}="([^"]*)"', tag)[0] for name in ("alt", "src"))))
    return [link for link in found if "://" not in link[2]]


def anchors(guide: Path) -> set[str]:
    """What `#…` may name in a guide: its headings as GitHub writes them."""
    text = re.sub(r"^```.*?^```", "", guide.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.relative_to(ROOT)))
def test_every_link_leads_somewhere(guide: Path) -> None:
    lost = []
    for _picture, _text, target in links(guide):
        path, _hash, anchor = target.partition("#")
        file = (guide.parent / path).resolve() if path else guide
        if not file.exists() or (anchor and anchor not in anchors(file)):
            lost.append(target)
    assert lost == []


def test_every_picture_is_one_that_a_script_takes_and_is_small_and_told_in_words() -> None:
    scripts = "".join(script.read_text() for script in PICTURES.glob("*.py"))
    taken = set(re.findall(r'\btake\(\w+, "([\w.-]+)"\)', scripts))
    shown = {(guide.parent / target).resolve(): text for guide in GUIDES for mark, text, target in links(guide) if mark}
    assert {path.name for path in shown} == taken
    assert {path.name for path in PICTURES.glob("*.png")} == taken
    assert all(path.parent == PICTURES and path.stat().st_size < LARGEST for path in shown)
    assert [path.name for path, text in shown.items() if len(text) < 20] == []


def test_staff_see_what_they_read_about() -> None:
    assert sum(bool(mark) for mark, *_rest in links(ROOT / "docs" / "staff.md")) >= 6


def test_every_error_that_a_program_may_meet_is_in_the_integrators_guide() -> None:
    named = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "integrator.md").read_text()))
    assert set(get_args(Code)) - named == INNER
