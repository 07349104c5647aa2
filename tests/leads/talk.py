"""Conversations that tests of leads begin with: lines in order, those of the agent marked by an arrow."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from agents.models import AgentProfile
from calls.models import Call
from calls.services.endings import end_call, settle_call
from leads.evidence import Transcript, Utterance
from leads.extraction import extract
from leads.models import Extraction, LeadValue
from tests.factories import START, live_call

AGENT = "> "
READ_BACK = "> नौ आठ चार पाँच शून्य, एक दो तीन चार पाँच, सही है?"
NUMBER = "+919845012345"
TALK = (
    "> नमस्ते, बताइए",
    "मुझे दो बेडरूम का फ्लैट देखना है",
    "> आपका नाम?",
    "मेरा नाम राहुल शर्मा है",
    "> आपका नंबर?",
    "98450 12345",
    READ_BACK,
    "हाँ जी",
)


def transcript(*lines: str, language: str = "hi-IN") -> Transcript:
    """The lines as turns 1.1, 1.2 and so on, of a call that began on Friday, 20 November 2026."""
    said = [
        Utterance(f"1.{n}", "agent" if line.startswith(AGENT) else "visitor", line.removeprefix(AGENT))
        for n, line in enumerate(lines, 1)
    ]
    return Transcript(said, language, START)


def store(call: Call, *lines: str) -> None:
    """Store the lines as the next turns of a call."""
    first = call.turns.count() + 1
    for n, line in enumerate(lines, first):
        call.turns.create(
            item_id=f"1.{n}",
            attempt=1,
            seq=n,
            role="agent" if line.startswith(AGENT) else "visitor",
            text=line.removeprefix(AGENT),
            started_at=call.created_at + timedelta(seconds=n),
        )


def hang_up(call: Call) -> None:
    """End and settle a call of which everything is stored."""
    call.attempts.update(ended_at=call.created_at, last_n=call.turns.count())
    end_call(call.pk, "visitor_left")
    assert settle_call(call.pk)


def talked(agent: AgentProfile, *lines: str, **parts: Any) -> Call:
    """A call that has settled."""
    call = live_call(agent, **parts)
    store(call, *(lines or TALK))
    hang_up(call)
    return call


def row(call: Call) -> Extraction:
    """The reading of a call as it stands."""
    return Extraction.objects.get(call=call)


def read(call: Call) -> Extraction:
    """Read a call, as its task does."""
    extract(row(call).pk)
    return row(call)


def due_again(call: Call) -> None:
    """Let the time of the next try come."""
    Extraction.objects.filter(call=call).update(next_at=timezone.now())


def values(call: Call) -> dict[str, tuple[str, str, list[str]]]:
    """What the lead of a call holds: value, state and turns, by key."""
    found = LeadValue.objects.filter(lead__call=call)
    return {value.key: (value.value, value.state, value.turns) for value in found}


def answer(summary: str = "", latin_name: Any = None, **fields: Any) -> str:
    """A model\'s answer about a call."""
    return json.dumps({"fields": fields, "summary": summary, "latin_name": latin_name})
