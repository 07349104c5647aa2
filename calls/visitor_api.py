"""What a visitor's page may tell of its own call, by the key it got with its token."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from calls.services.claims import conversation
from calls.services.waits import HeardWait, store_waits
from calls.visitor_key import VisitorKey

router = Router(tags=["calls"], auth=VisitorKey())


class Waits(Schema):
    waits: list[HeardWait] = Field(max_length=20)


class Line(Schema):
    """What one side said."""

    role: Literal["visitor", "agent"]
    text: str


class TranscriptAnswer(Schema):
    """In the order in which it was said, with what was said in the calls that this one goes on with."""

    lines: list[Line]


class WaitsAnswer(Schema):
    """How many of them were of a known turn and not told before."""

    stored: int


@router.post(
    "/calls/{uuid:call_id}/waits",
    response=WaitsAnswer,
    operation_id="waits_store",
    summary="Tell how long answers took",
)
def waits(request: HttpRequest, call_id: UUID, body: Waits) -> WaitsAnswer:
    """Keep what the page measured: seconds from the visitor's last sound to the answer's first. May be sent twice."""
    return WaitsAnswer(stored=store_waits(call_id, body.waits, now=timezone.now()))


@router.get(
    "/calls/{uuid:call_id}/transcript",
    response=TranscriptAnswer,
    operation_id="transcript_read",
    summary="What was said so far",
)
def transcript(request: HttpRequest, call_id: UUID) -> TranscriptAnswer:
    """The conversation as it is stored, for a page that opens again in the middle of it. 404 once it was erased."""
    return TranscriptAnswer(lines=[Line(role=turn.role, text=turn.text) for turn in conversation(call_id)])
