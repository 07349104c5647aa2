"""From the first word to the lead: a whole conversation with the receptionist, typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from agents.languages import LANGUAGES
from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

ANSWERS = ["I want a two bedroom flat", "My name is Ravi Kumar", "98450 12345", "Yes, that is right"]


def test_a_conversation_ends_in_a_lead_though_its_model_is_refused(
    visitor: VisitorPage,
    stack: Stack,
    rows: Callable[..., list[tuple[Any, ...]]],
    settled: Callable[[str], list[tuple[str, str]]],
) -> None:
    visitor.call(language="en-IN")
    refusing = {"faults": {"llm": {"kind": "refuse_model", "times": 1}}}
    requests.put(f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json=refusing, timeout=5).raise_for_status()
    visitor.mute()
    for number, answer in enumerate(ANSWERS):
        visitor.wait_for_lines(1 + 2 * number)
        visitor.type(answer)
    until(lambda: visitor.state == "ended", 40, f"the agent to say goodbye, now {visitor.lines}")
    turns = settled(visitor.call_id)
    assert [text for role, text in turns if role == "visitor"] == ANSWERS
    assert LANGUAGES["en-IN"].apology not in {text for _role, text in turns}, "another model answered within the turn"
    assert rows("DELETE FROM agents_modelrefusal RETURNING model") != []
    assert rows("SELECT end_reason FROM calls_call WHERE id = %s", visitor.call_id) == [("agent_ended",)]
    values = (
        "SELECT key, value, state FROM leads_leadvalue JOIN leads_lead ON leads_lead.id = lead_id"
        " WHERE call_id = %s AND key != 'need' ORDER BY key"
    )
    expected = [("name", "Ravi Kumar", "heard"), ("phone", "+919845012345", "confirmed")]
    until(lambda: rows(values, visitor.call_id) == expected, 10, "the lead to be read")
