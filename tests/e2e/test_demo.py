"""`make demo`: three scripted callers ring, their calls and leads are there to look at, and one button removes them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.e2e.waiting import until
from vaani.env import ROOT

FOUND = {
    "hi-IN": ("राहुल शर्मा", "+919876543210"),
    "mr-IN": ("राहुल पाटील", "+919822012345"),
    "ta-IN": ("கார்த்திக் குமார்", "+919840012345"),
}
CALLS = "SELECT language, status FROM calls_call WHERE kind = 'sample'"
VALUES = (
    "SELECT language, max(value) FILTER (WHERE leads_leadvalue.kind = 'name'),"
    " max(value) FILTER (WHERE leads_leadvalue.kind = 'phone')"
    " FROM calls_call JOIN leads_lead ON call_id = calls_call.id JOIN leads_leadvalue ON lead_id = leads_lead.id"
    " WHERE calls_call.kind = 'sample' GROUP BY calls_call.id"
)


@pytest.mark.long
def test_three_callers_leave_calls_and_leads_that_one_button_removes(
    stack: Stack, staff: Page, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    command = [sys.executable, "-m", "local.demo"]
    done = subprocess.run(command, env=stack.env, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("Hindi", "Marathi", "Tamil"):
        assert f"{name}: rings\n" in done.stdout
    settled = dict.fromkeys(FOUND, "settled")
    until(lambda: dict(rows(CALLS)) == settled, 40, f"the calls to settle, now {rows(CALLS)}")
    read = "SELECT count(*) FROM leads_extraction WHERE status = 'done' AND call_id IN (SELECT id FROM calls_call WHERE kind = 'sample')"
    until(lambda: rows(read) == [(3,)], 20, "the calls to be read")
    assert {language: (name, phone) for language, name, phone in rows(VALUES)} == FOUND

    leads, calls = (
        f"{stack.web_url}/admin/{path}" for path in ("leads/lead/?sample=yes", "calls/call/?kind__exact=sample")
    )
    listed = staff.locator("#result_list tbody tr")
    staff.goto(calls)
    expect(listed).to_have_count(3)
    staff.goto(leads)
    expect(listed).to_have_count(3)
    expect(listed.locator(".lead-sample")).to_have_count(3)
    staff.get_by_role("link", name="Remove samples").click()
    expect(staff.get_by_text("3 sample calls and 3 leads will be deleted for good")).to_be_visible()
    staff.get_by_role("button", name="Remove samples").click()
    expect(staff.get_by_text("Removed: 3 sample calls and 3 leads.")).to_be_visible()
    expect(staff.get_by_role("link", name="Remove samples")).to_have_count(0)
    for address in (leads, calls):
        staff.goto(address)
        expect(listed).to_have_count(0)
    assert rows(CALLS) == []
