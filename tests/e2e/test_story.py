"""The whole story of an agent, as the person who makes it lives it: from a template to its second version."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.console import Console
from tests.e2e.waiting import until

AGENT, NAME = "story", "Tara"
QUESTION = "What does covered parking cost?"
PRICE, WRONG_PRICE = "4 lakh rupees", "5 lakh rupees"
OTHER_QUESTION = "Are pets allowed?"
PETS, NEW_PETS = "Pets are allowed.", "Pets are welcome in one tower."
FACTS = "Facts it may use"
RUNS = 3
# Keeps what the page plays, whose player stands in no document.
KEEP_PLAYERS = """
  window.players = [];
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () { window.players.push(this); return play.call(this); };
"""

Rows = Callable[..., list[tuple[Any, ...]]]
Settled = Callable[[str], list[tuple[str, str]]]


@pytest.fixture
def staff(staff: Page) -> Page:
    """A colleague whose browser keeps what its pages play."""
    staff.context.add_init_script(KEEP_PLAYERS)
    return staff


@pytest.mark.long
def test_an_agent_is_made_tried_broken_mended_and_published(
    staff: Page, visitor: VisitorPage, stack: Stack, rows: Rows, settled: Settled, console: Console
) -> None:
    console.allow("Failed to load resource: the server responded with a status of 404")  # until it is published
    make_from_template(staff)
    edit_the_brief(staff)
    hear_a_voice(staff)
    read_the_prompt(staff)
    trial = chat_with_the_draft(staff, stack)
    settled(trial)
    keep_the_exchange(staff)
    see_it_pass(staff)
    nobody_can_call_it(visitor)

    break_the_brief(staff)
    assert versions(rows) == []
    mend_and_publish(staff)
    assert versions(rows) == [1]

    call_it(visitor, stack)
    publish_again(staff)
    the_call_keeps_its_version(visitor, rows)
    settled(visitor.call_id)
    the_call_page_says_so(staff, stack, visitor.call_id)

    restore_the_first(staff)
    assert versions(rows) == [1, 2]


# The steps, in order ---------------------------------------------------------------------------


def make_from_template(staff: Page) -> None:
    staff.get_by_role("link", name="Agents").first.click()
    staff.get_by_role("link", name="Make from a template").click()
    staff.get_by_label("Real-estate enquiry: flats and site visits").check()
    staff.get_by_label("English").check()
    staff.get_by_label("Id").fill(AGENT)
    staff.get_by_role("button", name="Make the agent").click()
    expect(staff.get_by_text("is a draft. Read it through, put in your own facts, then publish.")).to_be_visible()


def edit_the_brief(staff: Page) -> None:
    staff.get_by_label("Name").first.fill(NAME)
    _rewrite(staff, "Covered parking: 3 lakh rupees.", f"Covered parking: {PRICE}.")
    # Its caller will say nothing for as long as the second version takes to come out.
    staff.get_by_label("Silence before it asks, in seconds").fill("120")
    staff.get_by_role("button", name="Save and continue editing").click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()
    expect(staff.get_by_label(FACTS)).to_have_value(_holding(PRICE))


def hear_a_voice(staff: Page) -> None:
    with staff.expect_response("**/api/voices/arya/sample*") as answer:
        staff.get_by_role("button", name="Hear Arya").click()
    staff.wait_for_function("players.at(-1)?.currentTime > 0.2")
    again = staff.request.get(answer.value.url)  # the page took the first answer's body away as it came
    with wave.open(io.BytesIO(again.body())) as sample:
        sound = numpy.frombuffer(sample.readframes(sample.getnframes()), dtype="<i2")
        assert len(sound) > sample.getframerate()  # longer than a second
    assert abs(sound.astype(float)).mean() > 100  # of 32767: not silence


def read_the_prompt(staff: Page) -> None:
    """By keyboard alone, out of the menu of rarer deeds."""
    staff.locator("summary", has_text="More").focus()
    for key in ("Enter", "Tab", "Enter"):
        staff.keyboard.press(key)
    expect(staff.locator("pre")).to_contain_text(f"Covered parking: {PRICE}.")
    assert staff.evaluate("document.documentElement.scrollWidth <= innerWidth")
    staff.get_by_role("link", name="Back to the agent").click()


def chat_with_the_draft(staff: Page, stack: Stack) -> str:
    staff.get_by_role("link", name="Try it").click()
    expect(staff.get_by_text(f"You are trying the draft of {NAME}")).to_be_visible()
    trial = VisitorPage(staff, stack.web_url)
    staff.get_by_label("English").check(force=True)
    with staff.expect_response("**/api/trials") as answer:
        staff.get_by_role("button", name="Type no sound").click()
    assert answer.value.status == 200, answer.value.text()
    assert NAME in trial.wait_for_lines(1)[0].text
    staff.get_by_label("Type a message").fill(QUESTION)
    staff.get_by_role("button", name="Send").click()
    assert PRICE in trial.wait_for_lines(3)[2].text
    trial.hang_up()
    return str(answer.value.json()["callId"])


def keep_the_exchange(staff: Page) -> None:
    staff.get_by_role("link", name="See the call").click()
    staff.get_by_role("link", name="Keep as example").click()
    expect(staff.get_by_label("What the visitor says")).to_have_value(QUESTION)
    staff.get_by_label("The agent says").fill(PRICE)
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_role("heading", name=f"Examples of {NAME}")).to_be_visible()


def see_it_pass(staff: Page) -> None:
    staff.get_by_role("button", name="Run on the draft").click()
    expect(_runs(staff, "Passed")).to_have_count(RUNS, timeout=60_000)


def nobody_can_call_it(visitor: VisitorPage) -> None:
    visitor.page.goto(f"{visitor.url}/a/{AGENT}")
    expect(visitor.page.get_by_role("heading", name="There is no such agent")).to_be_visible()


def break_the_brief(staff: Page) -> None:
    _open_agent(staff)
    _rewrite(staff, PRICE, WRONG_PRICE)
    staff.get_by_role("button", name="Save and publish").click()
    expect(staff.get_by_text("Saved, not published yet.")).to_be_visible()
    expect(_runs(staff, f"Never said: “{PRICE}”")).to_have_count(RUNS, timeout=60_000)
    expect(staff.get_by_text("The examples do not pass on this draft.")).to_be_visible()
    staff.get_by_role("button", name="Publish anyway").click()
    expect(staff.get_by_text("Say why it should be published all the same.")).to_be_visible()

    _open_agent(staff)
    staff.get_by_role("button", name="Save and publish").click()
    held = f"Saved, but not published. On this draft these examples fail: “{QUESTION}”."
    expect(staff.get_by_text(held)).to_be_visible()


def mend_and_publish(staff: Page) -> None:
    """What the examples said of the same text holds again, so nothing is waited for."""
    _open_agent(staff)
    _rewrite(staff, WRONG_PRICE, PRICE)
    staff.get_by_label("What changed").fill("The first")
    staff.get_by_role("button", name="Save and publish").click()
    expect(staff.get_by_text("Version 1 is published. New calls use it.")).to_be_visible()


def call_it(visitor: VisitorPage, stack: Stack) -> None:
    visitor.call(AGENT, "en-IN")
    control = f"{stack.sandbox_url}/control/calls/{visitor.call_id}"
    requests.put(control, json={"hear": [QUESTION]}, timeout=5).raise_for_status()
    greeting, asked, answer = visitor.wait_for_lines(3)[:3]
    assert (NAME in greeting.text, asked.text) == (True, QUESTION)
    assert PRICE in answer.text
    sound = visitor.page.evaluate("soundEnergy()")
    assert min(sound.values()) > 0.001
    visitor.mute()


def publish_again(staff: Page) -> None:
    staff.get_by_role("link", name=NAME, exact=True).first.click()
    _rewrite(staff, PETS, NEW_PETS)
    staff.get_by_role("button", name="Save and publish").click()
    expect(_runs(staff, "Passed")).to_have_count(RUNS, timeout=60_000)
    staff.get_by_label("What changed").fill("Pets")
    staff.get_by_role("button", name="Publish", exact=True).click()
    expect(staff.get_by_text("Version 2 is published. New calls use it.")).to_be_visible()


def the_call_keeps_its_version(visitor: VisitorPage, rows: Rows) -> None:
    visitor.type(OTHER_QUESTION)

    def answers() -> list[str]:
        asked = next((at for at, line in enumerate(visitor.lines) if line.text == OTHER_QUESTION), len(visitor.lines))
        return [line.text for line in visitor.lines[asked:] if line.role == "agent"]

    until(lambda: any(PETS in text for text in answers()), 60, "the answer of the version the call began with")
    assert not any(NEW_PETS in text for text in answers())
    held_by = (
        "SELECT calls_call.status, theirs.number, newest.number FROM calls_call"
        " JOIN agents_agentversion theirs ON theirs.id = version_id"
        " JOIN agents_agentprofile agent ON agent.id = calls_call.agent_id"
        " JOIN agents_agentversion newest ON newest.id = agent.published_id WHERE calls_call.id = %s"
    )
    assert rows(held_by, visitor.call_id) == [("live", 1, 2)]
    visitor.hang_up()


def the_call_page_says_so(staff: Page, stack: Stack, call_id: str) -> None:
    staff.goto(f"{stack.web_url}/admin/calls/call/{call_id}/change/")
    expect(staff.get_by_text(f"{NAME}, version 1")).to_be_visible()


def restore_the_first(staff: Page) -> None:
    staff.get_by_role("link", name="Agents").first.click()
    staff.get_by_role("link", name=NAME, exact=True).first.click()
    staff.get_by_role("link", name="Version 1", exact=True).click()
    expect(staff.get_by_role("heading", name="From Version 1 to the draft")).to_be_visible()
    change = staff.get_by_role("region", name=FACTS)
    expect(change.get_by_role("deletion")).to_have_text(["removed: allowed."])
    expect(change.get_by_role("insertion")).to_have_text(["added: welcome in one tower."])
    staff.get_by_role("button", name="Restore as draft").click()
    expect(staff.get_by_text("Version 1 is the draft now. Visitors hear it once you publish.")).to_be_visible()
    expect(staff.get_by_label(FACTS)).to_have_value(_holding(PETS))


# What several steps do -------------------------------------------------------------------------


def versions(rows: Rows) -> list[int]:
    """The numbers of what was published of the agent."""
    published = (
        "SELECT number FROM agents_agentversion version JOIN agents_agentprofile agent ON agent.id = version.agent_id"
        " WHERE agent.agent_id = %s AND number IS NOT NULL ORDER BY number"
    )
    return [number for (number,) in rows(published, AGENT)]


def _open_agent(staff: Page) -> None:
    """From the page of its examples, or from the list."""
    staff.get_by_role("link", name=NAME, exact=True).first.click()
    expect(staff.get_by_label(FACTS)).to_be_visible()


def _rewrite(staff: Page, old: str, new: str) -> None:
    """Put other words into the facts, and leave the rest."""
    box = staff.get_by_label(FACTS)
    text = box.input_value()
    assert old in text
    box.fill(text.replace(old, new))


def _runs(staff: Page, words: str) -> Locator:
    """The runs of the example that say so."""
    return staff.get_by_role("row").filter(has_text=QUESTION).get_by_role("cell").get_by_text(words, exact=True)


def _holding(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words))
