"""The wait before an answer as the visitor's page measured it, kept with the turn that answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from calls.live import tell
from calls.models import Turn

SAME_TURN = timedelta(seconds=3)  # between the job's and the page's word on when an answer began; clocks differ


class HeardWait(BaseModel):
    """One measured wait. `ago`: when the answer began to sound, in seconds before the request was sent."""

    model_config = ConfigDict(extra="forbid")

    wait: float = Field(gt=0, le=60)
    ago: float = Field(ge=0, le=600)


def store_waits(call_id: UUID, waits: list[HeardWait], *, now: datetime) -> int:
    """Write each wait, told `now`, to the turn that it belongs to; return how many were.

    That turn is the agent's nearest in time which answers words the visitor spoke. A wait without such
    a turn is dropped, as is one for a turn that has its wait: what is told first stands.
    """
    answers = _answers(list(Turn.objects.filter(call_id=call_id)))
    stored = 0
    for heard in waits:
        began = now - timedelta(seconds=heard.ago)
        turn = min(answers, key=lambda answer: abs(answer.started_at - began), default=None)
        if turn is not None and abs(turn.started_at - began) <= SAME_TURN:
            stored += Turn.objects.filter(pk=turn.pk, heard_wait=None).update(heard_wait=round(heard.wait, 3))
    if stored:
        tell(call_id)
    return stored


def _answers(turns: list[Turn]) -> list[Turn]:
    """The agent's turns that come right after spoken words of the visitor."""
    return [
        turn
        for before, turn in pairwise(turns)
        if turn.role == Turn.Role.AGENT and before.role == Turn.Role.VISITOR and not before.typed
    ]
