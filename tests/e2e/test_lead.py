"""From the first word to the lead: a whole conversation with the receptionist, typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until


def test_a_conversation_ends_in_a_lead(
    visitor: VisitorPage,
    rows: Callable[..., list[tuple[Any, ...]]],
    settled: Callable[[str], list[tuple[str, str]]],
) -> None:
    visitor.call(language="en-IN")
    visitor.mute()
    answers = ["I want a two bedroom flat", "My name is Ravi Kumar", "98450 12345", "Yes, that is right"]
    for number, answer in enumerate(answers):
        visitor.wait_for_lines(1 + 2 * number)
        visitor.type(answer)
    until(lambda: visitor.state == "ended", 40, f"the agent to say goodbye, now {visitor.lines}")
    turns = settled(visitor.call_id)
    assert [text for role, text in turns if role == "visitor"] == answers
    assert rows("SELECT end_reason FROM calls_call WHERE id = %s", visitor.call_id) == [("agent_ended",)]
    values = rows(
        "SELECT key, value, state FROM leads_leadvalue JOIN leads_lead ON leads_lead.id = lead_id"
        " WHERE call_id = %s ORDER BY key",
        visitor.call_id,
    )
    assert [(key, value) for key, value, _state in values if key != "need"] == [
        ("name", "Ravi Kumar"),
        ("phone", "+919845012345"),
    ]
    assert {state for _key, _value, state in values} == {"heard"}
