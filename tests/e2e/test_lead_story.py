"""The whole story of a lead: a call in Hindi, its review by keyboard, its file, and its way to another server."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.test import override_settings
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until
from tests.leads.receiver import Receiver, answer, receiving

NEED = "मुझे दो कमरे का फ्लैट देखना है"
SLIP, NUMBER = "98450 55123", "98450 55124"
RIGHT_NEED = "दो कमरे का फ्लैट, बालकनी के साथ"

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody else's server. It fails twice, then it takes what it is sent."""
    with receiving() as server:
        server.plan = [answer(500), answer(503)]
        yield server


def test_a_call_becomes_a_lead_that_is_reviewed_exported_and_delivered_once(
    visitor: VisitorPage, staff: Page, stack: Stack, rows: Rows, receiver: Receiver, tmp_path: Path
) -> None:
    name_an_endpoint(staff, stack, receiver)
    talk(visitor, stack)

    lead = the_lead_is_there(visitor, rows)
    assert values(rows, lead) == {
        "name": ("सुरेश वर्मा", "heard"),
        "phone": ("+919845055124", "confirmed"),
        "need": (NEED, "heard"),
    }
    until(lambda: len(receiver.received) == 3, 60, f"the delivery to arrive, now {len(receiver.received)}")
    assert len({each.id for each in receiver.received}) == 1, "the same event, whatever went wrong"
    captured = verified(rows, stack, receiver)[2]
    assert captured["type"] == "lead.captured"
    assert captured["data"]["call"]["id"] == visitor.call_id
    assert captured["data"]["lead"]["fields"]["phone"] == "+919845055124"

    find_it_by_another_script(staff, stack)
    correct_and_accept_by_keyboard(staff)
    assert values(rows, lead)["need"] == (RIGHT_NEED, "staff")
    assert rows("SELECT accepted_at IS NOT NULL FROM leads_lead WHERE id = %s", lead) == [(True,)]
    (row,) = [row for row in exported(staff, stack, tmp_path) if RIGHT_NEED in row.values()]
    assert "सुरेश वर्मा" in row.values()

    until(lambda: len(receiver.received) >= 4, 60, "staff's correction to be told")
    updated = verified(rows, stack, receiver)[3]
    assert updated["type"] == "lead.updated"
    assert updated["data"]["lead"]["fields"]["need"] == RIGHT_NEED
    it_is_logged_without_its_words(stack, visitor.call_id)
    arrived = "SELECT count(*) FROM leads_delivery WHERE lead_id = %s AND event = 'lead.captured'"
    assert rows(arrived, lead) == [(1,)]


# The steps, in order ---------------------------------------------------------------------------


def name_an_endpoint(staff: Page, stack: Stack, receiver: Receiver) -> None:
    staff.goto(f"{stack.web_url}/admin/leads/endpoint/add/")
    staff.get_by_label("Name").first.fill("story")
    staff.get_by_label("Address").fill(f"{receiver.url}/hook")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("was added successfully")).to_be_visible()


def talk(visitor: VisitorPage, stack: Stack) -> None:
    """The need aloud; then the visitor types, and gets a digit of the number wrong."""
    visitor.call(language="hi-IN")
    order = requests.put(f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json={"hear": [NEED]}, timeout=5)
    assert order.ok, order.text
    visitor.wait_for_lines(3)
    visitor.mute()
    said = ["मेरा नाम सुरेश वर्मा है", SLIP, f"नहीं, {NUMBER}", "हाँ, सही है"]
    for number, text in enumerate(said):
        visitor.wait_for_lines(3 + 2 * number)
        visitor.type(text)
    until(lambda: visitor.state == "ended", 60, f"the agent to say goodbye, now {visitor.lines}")


def the_lead_is_there(visitor: VisitorPage, rows: Rows) -> int:
    """Its id, within ten seconds of the end of the call and read by the model."""
    done = (
        "SELECT leads_lead.id FROM leads_lead JOIN leads_extraction ON leads_extraction.call_id = leads_lead.call_id"
        " WHERE leads_lead.call_id = %s AND leads_extraction.status = 'done'"
    )
    until(lambda: rows(done, visitor.call_id), 10, "the lead to be read")
    return int(rows(done, visitor.call_id)[0][0])


def find_it_by_another_script(staff: Page, stack: Stack) -> None:
    staff.goto(f"{stack.web_url}/admin/leads/lead/?q=suresh")
    staff.get_by_role("link", name="सुरेश वर्मा").first.click()
    expect(staff.get_by_role("heading", name="सुरेश वर्मा")).to_be_visible()


def correct_and_accept_by_keyboard(staff: Page) -> None:
    staff.locator("#value-need").focus()
    assert staff.locator(".call-turn[data-lit]").inner_text().endswith(NEED), "its line is shown"
    staff.keyboard.press("e")
    staff.keyboard.type(RIGHT_NEED)
    staff.keyboard.press("Enter")
    expect(staff.locator("#value-need")).to_contain_text("Entered by staff")
    staff.keyboard.press("a")
    expect(staff.get_by_text("Accepted").first).to_be_visible()


def exported(staff: Page, stack: Stack, folder: Path) -> list[dict[str, str]]:
    """The rows of the file of all leads."""
    staff.goto(f"{stack.web_url}/admin/leads/lead/")
    staff.get_by_role("link", name="Export").click()
    with staff.expect_download() as download:
        staff.get_by_role("button", name="CSV file").click()
    file = folder / "leads.csv"
    download.value.save_as(file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel reads it as UTF-8"
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def it_is_logged_without_its_words(stack: Stack, call_id: str) -> None:
    """Every process that had to do with the call names it; none wrote what was said, who it was, or a secret."""
    logs = {path.stem: path.read_text(encoding="utf-8") for path in (stack.state.path / "logs").glob("*.log")}
    del logs["sandbox"]  # the providers' own, and no part of the product
    named = {name for name, text in logs.items() if f'"call_id": "{call_id}"' in text}
    assert named >= {"web", "live", "leads", "worker"}
    events = {json.loads(line)["event"] for line in logs["worker"].splitlines() if call_id in line}
    assert events >= {"session_started", "session_finished"}
    secrets = [stack.settings[name] for name in ("LIVEKIT_API_SECRET", "SECRET_KEY", "ADMIN_PASSWORD", "METRICS_TOKEN")]
    secrets += [urlsplit(url).password or "" for url in (stack.database_url, stack.redis_url)]
    said = [
        NEED,
        RIGHT_NEED,
        "सुरेश",
        "Suresh",
        *(form for number in (SLIP, NUMBER) for form in (number, number.replace(" ", ""))),
    ]
    leaks = {(name, each) for name, text in logs.items() for each in (*said, *secrets, "eyJhbGciOi") if each in text}
    assert leaks == set()


def values(rows: Rows, lead: int) -> dict[str, tuple[str, str]]:
    found = rows("SELECT key, value, state FROM leads_leadvalue WHERE lead_id = %s", lead)
    return {key: (value, state) for key, value, state in found}


def verified(rows: Rows, stack: Stack, receiver: Receiver) -> list[dict[str, Any]]:
    """What came, its signature checked by the library of Standard Webhooks."""
    from standardwebhooks import Webhook

    from leads.signing import shown_to_libraries
    from vaani.sealing import unseal

    ((sealed,),) = rows("SELECT sealed_secret FROM leads_endpoint WHERE name = 'story'")
    with override_settings(SECRET_KEY=stack.settings["SECRET_KEY"]):
        library = Webhook(shown_to_libraries(unseal(sealed)))
    for each in receiver.received:
        library.verify(each.body, each.headers)
    return [json.loads(each.body) for each in receiver.received]
