"""After the call: what was understood, a number put right, the conversation copied, and calls that were cut off gone on with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from livekit import api
from playwright.sync_api import Page, expect

from calls.wording import wording
from local.stack import Stack
from tests.e2e.caller import run_async
from tests.e2e.conftest import VisitorPage
from tests.e2e.console import Console
from tests.e2e.waiting import until

Rows = Callable[..., list[tuple[Any, ...]]]

ENGLISH = wording("en-IN")
NEED, NAME = "I want a two bedroom flat", "My name is Ravi Kumar"
PHONE = "SELECT value, state FROM leads_leadvalue JOIN leads_lead ON leads_lead.id = lead_id WHERE call_id = %s AND kind = 'phone'"
RESUMED = "Sorry, the line dropped for a moment. Let us go on from where we stopped."


async def close_room(stack: Stack, call_id: str) -> None:
    """End a call by force."""
    env = stack.env
    async with api.LiveKitAPI(env["LIVEKIT_URL"], env["LIVEKIT_API_KEY"], env["LIVEKIT_API_SECRET"]) as livekit:
        await livekit.room.delete_room(api.DeleteRoomRequest(room=f"call-{call_id}"))


def go_on(page: Page) -> str:
    """Press the button that goes on with the call; gives the id of the call that one is in then."""
    expect(page.locator("#resume")).to_be_visible()
    with page.expect_response("**/api/token") as answer:
        page.click("#resume-go")
    return str(answer.value.json()["callId"])


def test_a_call_is_dropped_gone_on_with_ended_by_force_gone_on_with_and_put_right(
    visitor: VisitorPage,
    page: Page,
    stack: Stack,
    rows: Rows,
    settled: Callable[[str], list[tuple[str, str]]],
    console: Console,
) -> None:
    console.allow("Failed to load resource: the server responded with a status of 422")  # a number that is none
    page.context.grant_permissions(["microphone", "clipboard-read", "clipboard-write"])
    visitor.call(language="en-IN")
    visitor.mute()
    visitor.wait_for_lines(1)
    visitor.type(NEED)
    visitor.wait_for_lines(3)
    first = visitor.call_id
    until(
        lambda: len(rows("SELECT 1 FROM calls_turn WHERE call_id = %s AND final", first)) >= 3, 20, "three stored turns"
    )

    page.reload()  # drops the call
    expect(page.locator("#resume")).to_contain_text("Your last call was cut off.")
    assert go_on(page) == first
    until(lambda: RESUMED in [line.text for line in visitor.lines], 60, f"the agent to go on, now {visitor.lines}")
    assert visitor.lines[1].text == NEED  # what was said before is on the page again
    assert rows("SELECT count(*) FROM calls_attempt WHERE call_id = %s", first) == [(1,)]  # the same job
    visitor.mute()
    before = len(visitor.lines)
    visitor.type(NAME)
    visitor.wait_for_lines(before + 2)

    run_async(lambda: close_room(stack, first))
    expect(page.locator("#state")).to_have_text(ENGLISH["lostTitle"])
    expect(page.locator("#why")).to_have_text(ENGLISH["agentLost"].replace("{name}", "Asha"))
    expect(page.locator("#callback [type=submit]")).to_be_visible()
    status = "SELECT status FROM calls_call WHERE id = %s"
    until(lambda: rows(status, first) == [("settled",)], 60, "the call to end")
    second = go_on(page)
    assert second != first
    assert rows("SELECT continues_id::text, language FROM calls_call WHERE id = %s", second) == [(first, "en-IN")]
    visitor.mute()
    until(lambda: [line.text for line in visitor.lines].count(RESUMED) == 2, 60, "the agent to go on once more")
    before = len(visitor.lines)
    visitor.type("98450 12345")
    visitor.wait_for_lines(before + 2)
    visitor.hang_up()

    phone = page.locator("[data-field=phone]")
    expect(phone).to_contain_text("+91 98450 12345", timeout=40_000)
    expect(page.locator("[data-field=name]")).to_contain_text("Ravi Kumar")  # of the first call
    phone.get_by_role("button", name="Correct").click()
    page.fill("#correction-phone", "98450")
    page.press("#correction-phone", "Enter")
    expect(page.locator("#correction-fault")).to_contain_text("no phone number")
    page.fill("#correction-phone", "98450 54321")
    page.press("#correction-phone", "Enter")
    expect(phone).to_contain_text("+91 98450 54321")
    expect(page.locator("#after-status")).to_contain_text("+91 98450 54321")
    assert rows(PHONE, second) == [("+919845054321", "typed")]
    joined = "SELECT part.joined_to_id = head.id FROM leads_lead part, leads_lead head WHERE part.call_id = %s AND head.call_id = %s"
    until(lambda: rows(joined, second, first) == [(True,)], 20, "one person of both calls")

    page.click("#copy")
    expect(page.locator("#after-status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert f"You: {NEED}" in copied
    assert f"Asha: {RESUMED}" in copied
    settled(second)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('vaani:call'))") == []
