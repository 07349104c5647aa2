"""The whole story of a lead: a call in Hindi, its review by keyboard, its file, and its way to another server."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.test import override_settings
from playwright.sync_api import Page, Route, expect

from agents.languages import LANGUAGES
from calls.wording import wording
from leads.signing import shown_to_libraries
from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until
from tests.leads.receiver import Receiver, answer, receiving
from vaani.sealing import unseal

NEED = "मुझे दो कमरे का फ्लैट देखना है"
SLIP, NUMBER = "98450 55123", "98450 55124"
HINDI = wording("hi-IN")
# Kind and value as they are kept: the agent's label, and the value as it is read.
OTHER_KINDS = {
    ("date", "2026-11-30"): ("Visit", "सोम, 30 नव॰ 2026"),
    ("money", "7500000"): ("Budget", "₹75,00,000"),
    ("yes_no", "no"): ("Loan", "नहीं"),
    ("number", "560001"): ("PIN code", "560001"),
}
DAYS = """async codes => {
  const {asRead} = await import('/static/calls/values.js'), page = document.documentElement, days = {};
  for (page.lang of codes) days[page.lang] = asRead({kind: 'date', value: '2026-11-30'}, {});
  return days;
}"""
RIGHT_NEED = "दो कमरे का फ्लैट, बालकनी के साथ"

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody else's server. It fails twice, then it takes what it is sent."""
    with receiving() as server:
        server.plan = [answer(500), answer(503)]
        yield server


@pytest.mark.long
def test_a_call_becomes_a_lead_that_is_reviewed_exported_and_delivered_once(
    visitor: VisitorPage, staff: Page, stack: Stack, rows: Rows, receiver: Receiver, tmp_path: Path
) -> None:
    name_an_endpoint(staff, stack, receiver)
    talk(visitor, stack)

    lead = the_lead_is_there(visitor, rows)
    it_is_read_back_in_the_visitors_language(visitor.page)
    assert values(rows, lead) == {
        "name": ("सुरेश वर्मा", "heard"),
        "phone": ("+919845055124", "confirmed"),
        "need": (NEED, "heard"),
    }
    assert rows("SELECT latin_name, summary != '' FROM leads_lead WHERE id = %s", lead) == [("Suresh Varma", True)]
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
    it_is_logged_without_its_words(visitor, rows, stack, lead)
    assert rows("SELECT end_reason FROM calls_call WHERE id = %s", visitor.call_id) == [("agent_ended",)]
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
    visitor.page.route("**/summary", more_than_the_demo_asks)
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


def more_than_the_demo_asks(route: Route) -> None:
    """Put fields of other kinds beside those that were understood."""
    response = route.fetch()
    told = response.json()
    for (kind, value), (label, _shown) in OTHER_KINDS.items():
        told["fields"].append({"key": kind, "label": label, "value": value, "kind": kind})
    route.fulfill(response=response, json=told)


def it_is_read_back_in_the_visitors_language(page: Page) -> None:
    expect(page.locator("#why")).to_have_text(HINDI["endedByAgent"].replace("{name}", "Asha"))
    shown = page.locator("#understood > div")
    expect(shown).to_have_count(3 + len(OTHER_KINDS), timeout=30_000)
    rows = {name: text for name, _, text in (row.inner_text().partition("\n") for row in shown.all())}
    assert rows["नाम"] == "सुरेश वर्मा"
    assert rows["फ़ोन नंबर"].startswith("+91 98450 55124")
    assert rows["What they need"] == NEED, "staff's own words stay"
    assert {label: rows[label] for label, _ in OTHER_KINDS.values()} == dict(OTHER_KINDS.values())
    days = page.evaluate(DAYS, list(LANGUAGES))
    assert [code for code, day in days.items() if re.search("[A-Za-z]", day)] == ["en-IN"]
    assert days["or-IN"] == "30-11-2026"


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


def it_is_logged_without_its_words(visitor: VisitorPage, rows: Rows, stack: Stack, lead: int) -> None:
    """Every process that had to do with the call names it; none wrote what was said, who it was, or a secret."""
    logs = {path.stem: path.read_text(encoding="utf-8") for path in (stack.state.path / "logs").glob("*.log")}
    del logs["sandbox"]  # the providers' own, and no part of the product
    named = {name for name, text in logs.items() if f'"call_id": "{visitor.call_id}"' in text}
    assert named >= {"web", "live", "leads", "worker"}
    assert any(f'"lead_id": {lead},' in line and '"delivery_arrived"' in line for line in logs["chores"].splitlines())
    events = {json.loads(line)["event"] for line in logs["worker"].splitlines() if visitor.call_id in line}
    assert events >= {"session_started", "session_finished"}
    secrets = [stack.settings[name] for name in ("LIVEKIT_API_SECRET", "SECRET_KEY", "ADMIN_PASSWORD", "METRICS_TOKEN")]
    secrets += [urlsplit(url).password or "" for url in (stack.database_url, stack.redis_url)]
    signing = endpoint_secret(rows, stack)
    secrets += [visitor.key.rpartition(":")[2], signing, shown_to_libraries(signing).removeprefix("whsec_")]
    assert all(secrets)
    turns = rows("SELECT role, text FROM calls_turn WHERE call_id = %s", visitor.call_id)
    assert {role for role, _text in turns} == {"visitor", "agent"}
    parts = {part.strip() for _role, text in turns for part in re.split("[।.,!?]", text)}
    said = [
        RIGHT_NEED,
        "सुरेश",
        "Suresh",
        *(form for number in (SLIP, NUMBER) for form in (number, number.replace(" ", ""))),
        *(part for part in parts if len(part) >= 10),
    ]
    assert NEED in said
    leaks = {(name, each) for name, text in logs.items() for each in (*said, *secrets, "eyJhbGciOi") if each in text}
    assert leaks == set()


def values(rows: Rows, lead: int) -> dict[str, tuple[str, str]]:
    found = rows("SELECT key, value, state FROM leads_leadvalue WHERE lead_id = %s", lead)
    return {key: (value, state) for key, value, state in found}


def verified(rows: Rows, stack: Stack, receiver: Receiver) -> list[dict[str, Any]]:
    """What came, its signature checked by the library of Standard Webhooks."""
    from standardwebhooks import Webhook

    library = Webhook(shown_to_libraries(endpoint_secret(rows, stack)))
    for each in receiver.received:
        library.verify(each.body, each.headers)
    return [json.loads(each.body) for each in receiver.received]


def endpoint_secret(rows: Rows, stack: Stack) -> str:
    ((sealed,),) = rows("SELECT sealed_secret FROM leads_endpoint WHERE name = 'story'")
    with override_settings(SECRET_KEY=stack.settings["SECRET_KEY"]):
        return unseal(sealed)
