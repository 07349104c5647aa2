"""Sixty leads a day: staff review by keyboard, and every value shows the line it came from."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.e2e.browser import sign_in

AGENT = "reviewed"
SEED = f"""
from tests.factories import make_agent
from tests.leads.making import age, make_lead, put

agent = make_agent(agent_id="{AGENT}", name="Kaveri")
talk = [("agent", "नमस्ते!")] * 20 + [("visitor", "मेरा नाम राहुल है"), ("visitor", "98450 12345")]
doubtful, whole, last = (make_lead(agent, said=talk, summary="Wants a flat.") for _ in range(3))
put(doubtful, "name", "राहुल", turns=["1.21"])
put(doubtful, "phone", "+919845012345", "inferred", turns=["1.22"], other="+919845054321")
put(doubtful, "need", "2 BHK", "inferred")
for lead, name in ((whole, "Meena"), (last, "<b>Ravi</b>")):
    put(lead, "name", name)
for days, lead in enumerate((last, whole, doubtful)):
    age(lead, days=days)
"""


@pytest.fixture
def desk(page: Page, stack: Stack, rows: Callable[..., list[tuple[Any, ...]]]) -> Page:
    """The list of the agent's leads, opened by somebody at a desk."""
    if not rows("SELECT 1 FROM agents_agentprofile WHERE agent_id = %s", AGENT):
        stack.run_manage("shell", "-c", SEED)
    ((agent_pk,),) = rows("SELECT id FROM agents_agentprofile WHERE agent_id = %s", AGENT)
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, stack)
    page.goto(f"{stack.web_url}/admin/leads/lead/?agent__id__exact={agent_pk}")
    return page


def test_a_lead_is_corrected_and_accepted_by_keyboard_and_exported(
    desk: Page, rows: Callable[..., list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    _open(desk, "राहुल")
    desk.keyboard.press("a")  # not yet: to the first doubt
    phone, need = desk.locator("#value-phone"), desk.locator("#value-need")
    expect(phone).to_be_focused()
    said = desk.locator(".call-turn[data-lit]")
    expect(said).to_have_count(1)
    expect(said).to_contain_text("98450 12345")
    expect(said).to_be_in_viewport()

    desk.keyboard.press("e")
    box = desk.locator("#entry-phone")
    expect(box).to_be_focused()
    box.fill("98450")
    desk.keyboard.press("Enter")
    expect(desk.locator("#fault-phone")).to_contain_text("no phone number")
    expect(box).to_be_focused()
    expect(box).to_have_value("98450")
    box.fill("98450 99999 a k x")  # keys are letters in here
    expect(box).to_have_value("98450 99999 a k x")
    box.fill("98450 99999")
    desk.keyboard.press("Enter")

    expect(need).to_be_focused()
    desk.keyboard.press("ArrowUp")
    expect(phone).to_be_focused()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("x")
    expect(desk.locator("#accept")).to_be_focused()
    expect(need).to_contain_text("Rejected")
    desk.keyboard.press("a")
    expect(desk.locator(".lead h1")).to_have_text("Meena")
    desk.keyboard.press("j")
    expect(desk.locator(".lead h1")).to_have_text("<b>Ravi</b>")
    desk.keyboard.press("p")
    expect(desk.locator(".lead h1")).to_have_text("Meena")
    desk.keyboard.press("a")
    expect(desk.locator(".lead h1")).to_have_text("<b>Ravi</b>")
    desk.keyboard.press("a")
    expect(desk.get_by_text("That was the last one to review.")).to_be_visible()
    accepted = rows(
        "SELECT count(*) FROM leads_lead l JOIN agents_agentprofile a ON a.id = l.agent_id"
        " WHERE a.agent_id = %s AND accepted_at IS NOT NULL",
        AGENT,
    )
    assert accepted == [(3,)]

    desk.get_by_role("link", name="Export").click()
    with desk.expect_download() as download:
        desk.get_by_role("button", name="CSV file").click()
    download.value.save_as(tmp_path / "leads.csv")
    exported = list(csv.DictReader(io.StringIO((tmp_path / "leads.csv").read_text("utf-8-sig"))))
    assert [(row["name"], row["phone"], row["need"]) for row in exported if row["name"] == "राहुल"] == [
        ("राहुल", "+91 98450 99999", "")
    ]


def test_the_keys_can_be_seen_and_turned_off(desk: Page) -> None:
    _open(desk, "Meena")
    desk.keyboard.press("?")
    expect(desk.locator("#keys")).to_be_visible()
    desk.locator("#keys-on").uncheck()
    desk.keyboard.press("Escape")
    expect(desk.locator("#keys")).to_be_hidden()
    desk.keyboard.press("?")
    expect(desk.locator("#keys")).to_be_hidden()
    desk.reload()
    desk.keyboard.press("j")
    desk.keyboard.press("?")
    expect(desk.locator(".lead h1")).to_have_text("Meena")
    expect(desk.locator("#keys")).to_be_hidden()
    desk.click("#keys-open")
    desk.locator("#keys-on").check()
    desk.keyboard.press("Escape")
    desk.keyboard.press("j")
    expect(desk.locator(".lead h1")).to_have_text("<b>Ravi</b>")


def _open(desk: Page, name: str) -> None:
    """Open a lead from the list and wait until its keys work."""
    desk.locator("#result_list a", has_text=name).click()
    expect(desk.locator(".lead h1")).to_have_text(name)
    expect(desk.locator("#keys-open")).to_be_visible()
