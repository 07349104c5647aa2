"""Staff try a draft: they meet the draft, visitors go on meeting what is published, and no lead is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from agents.defaults import demo_config
from agents.files import dump_agent
from agents.languages import LANGUAGES
from local.stack import Stack
from tests.e2e.browser import sign_in
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

AGENT = "tried"
ENGLISH = LANGUAGES["en-IN"]
ANSWERS = ["I want a two bedroom flat", "My name is Ravi Kumar", "98450 12345", "Yes, that is right"]


def _greeting(name: str) -> str:
    return ENGLISH.greeting.format(agent_name=name, disclosure=ENGLISH.disclosure)


def test_a_draft_is_tried_before_visitors_hear_it(
    visitor: VisitorPage,
    stack: Stack,
    tmp_path: Path,
    rows: Callable[..., list[tuple[Any, ...]]],
    settled: Callable[[str], list[tuple[str, str]]],
) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 1280, "height": 900})
    _make_agent(stack, tmp_path)
    sign_in(page, stack)
    page.goto(f"{stack.web_url}/admin/agents/agentprofile/?q={AGENT}")
    page.click("#result_list a:has-text('Meena')")
    page.click("button:has-text('Save and publish')")
    page.click("#result_list a:has-text('Meena')")
    page.fill("input[name=name]", "Kaveri")
    page.click("button[name=_continue]")
    page.click("a:has-text('Try it')")

    expect(page.locator("[data-banner=trial]")).to_contain_text("the draft of Kaveri")
    page.locator("input[name=language][value=en-IN]").check(force=True)
    conversation = _begin(visitor, "#type")
    assert visitor.wait_for_lines(1)[0].text == _greeting("Kaveri")
    expect(page.locator("#typed")).to_be_focused()
    for number, answer in enumerate(ANSWERS):
        visitor.wait_for_lines(1 + 2 * number)
        visitor.type(answer)
    until(lambda: visitor.state == "ended", 40, f"the agent to say goodbye, now {visitor.lines}")
    assert page.evaluate("soundEnergy()") == {"sent": 0, "received": 0}
    assert [text for role, text in settled(conversation) if role == "visitor"] == ANSWERS
    facts = (
        "SELECT kind, typed, number, name FROM calls_call"
        " JOIN agents_agentversion version ON version.id = version_id,"
        " jsonb_to_record(snapshot) AS said(name text) WHERE calls_call.id = %s"
    )
    assert rows(facts, conversation) == [("trial", True, None, "Kaveri")]
    assert rows("SELECT 1 FROM calls_callevent WHERE call_id = %s AND kind LIKE 'tool%%'", conversation)
    assert rows("SELECT 1 FROM leads_lead WHERE call_id = %s", conversation) == []

    again = _begin(visitor, "#again")
    visitor.wait_for_lines(1)
    visitor.hang_up()
    assert rows("SELECT typed FROM calls_call WHERE id = %s", again) == [(True,)]
    page.click("#see-call")
    expect(page).to_have_url(f"{stack.web_url}/admin/calls/call/{again}/change/")
    expect(page.locator(".call-facts")).to_contain_text("Kaveri, draft")
    expect(page.locator(".call-facts")).to_contain_text("Trial, without sound")

    visitor.call(agent=AGENT, language="en-IN")
    assert visitor.wait_for_lines(1)[0].text == _greeting("Meena")
    visitor.hang_up()


def test_a_draft_is_tried_by_voice(
    visitor: VisitorPage, stack: Stack, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    sign_in(visitor.page, stack)
    visitor.page.goto(f"{stack.web_url}/try/demo")
    trial = _begin(visitor, "#call")
    visitor.wait_for_lines(3)
    sound = visitor.page.evaluate("soundEnergy()")
    assert min(sound.values()) > 0.001
    visitor.hang_up()
    assert rows("SELECT kind, typed FROM calls_call WHERE id = %s", trial) == [("trial", False)]


def _make_agent(stack: Stack, folder: Path) -> None:
    file = folder / "agent.yaml"
    file.write_text(dump_agent(demo_config().model_copy(update={"agent_id": AGENT, "name": "Meena"})))
    stack.run_manage("import_agent", str(file))


def _begin(visitor: VisitorPage, button: str) -> str:
    """Press a button that begins a trial; answers the call's id."""
    with visitor.page.expect_response("**/api/trials") as answer:
        visitor.page.click(button)
    assert answer.value.status == 200, answer.value.text()
    return str(answer.value.json()["callId"])
