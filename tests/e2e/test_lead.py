"""From the first word to the lead: a whole conversation with the receptionist, typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

Rows = Callable[..., list[tuple[Any, ...]]]
VALUES = (
    "SELECT key, value, state FROM leads_leadvalue JOIN leads_lead ON leads_lead.id = lead_id"
    " WHERE call_id = %s AND key != 'need' ORDER BY key"
)


def converse(visitor: VisitorPage, language: str, answers: list[str]) -> None:
    """Hold a conversation to its end, one answer after each line of the agent."""
    visitor.call(language=language)
    visitor.mute()
    for number, answer in enumerate(answers):
        visitor.wait_for_lines(1 + 2 * number)
        visitor.type(answer)
    until(lambda: visitor.state == "ended", 40, f"the agent to say goodbye, now {visitor.lines}")


def test_a_conversation_ends_in_a_lead(
    visitor: VisitorPage, rows: Rows, settled: Callable[[str], list[tuple[str, str]]]
) -> None:
    answers = ["I want a two bedroom flat", "My name is Ravi Kumar", "98450 12345", "Yes, that is right"]
    converse(visitor, "en-IN", answers)
    turns = settled(visitor.call_id)
    assert [text for role, text in turns if role == "visitor"] == answers
    assert rows("SELECT end_reason FROM calls_call WHERE id = %s", visitor.call_id) == [("agent_ended",)]
    expected = [("name", "Ravi Kumar", "heard"), ("phone", "+919845012345", "confirmed")]
    until(lambda: rows(VALUES, visitor.call_id) == expected, 10, "the lead to be read")


def test_in_hindi_with_a_slip_put_right_the_lead_is_there_ten_seconds_after_the_call(
    visitor: VisitorPage, rows: Rows
) -> None:
    answers = ["मुझे दो बेडरूम का फ्लैट देखना है", "मेरा नाम राहुल शर्मा है", "98450 54322", "नहीं, सॉरी, 98450 54321", "हाँ जी"]
    converse(visitor, "hi-IN", answers)
    expected = [("name", "राहुल शर्मा", "heard"), ("phone", "+919845054321", "confirmed")]
    until(lambda: rows(VALUES, visitor.call_id) == expected, 10, "the lead, ten seconds after the call")
    lead = "SELECT latin_name, summary != '' FROM leads_lead WHERE call_id = %s"
    until(
        lambda: rows(lead, visitor.call_id) == [("Rahul Sharma", True)], 10, "the summary and the name in Latin letters"
    )
