"""A call as a conversation to read: turns and events become display lines. Touches no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.catalogue import Gender
from agents.contract import RECORDING_EVENT, USAGE_EVENT
from agents.grammar import misfits
from calls.models import CallEvent, Turn
from calls.waiting import wait_words


@dataclass(frozen=True, slots=True)
class EventWords:
    """What staff read for a kind of event; `details` says whether its particulars mean something to them."""

    words: Any
    trouble: bool = False
    details: bool = False


EVENTS = {
    "participant_joined": EventWords(gettext_lazy("The visitor joined")),
    "participant_left": EventWords(gettext_lazy("The visitor left")),
    "room_finished": EventWords(gettext_lazy("The room was closed")),
    "redispatched": EventWords(gettext_lazy("No agent was there, so one was called again"), trouble=True),
    "backchannel": EventWords(gettext_lazy("The visitor murmured while the agent spoke"), details=True),
    "language_switched": EventWords(gettext_lazy("The agent went on in another language"), details=True),
    "tool_called": EventWords(gettext_lazy("The agent used a tool"), details=True),
    "model_refused": EventWords(
        gettext_lazy("The provider refused the model, so the next one served"), trouble=True, details=True
    ),
    "llm_failed": EventWords(gettext_lazy("The language model failed"), trouble=True, details=True),
    "provider_failed": EventWords(gettext_lazy("A provider failed"), trouble=True, details=True),
    "tool_failed": EventWords(gettext_lazy("The tool did not work"), trouble=True, details=True),
    "failed": EventWords(gettext_lazy("Something failed"), trouble=True, details=True),
}
AGENT_EVENTS = {
    "participant_joined": EventWords(gettext_lazy("The agent joined")),
    "participant_left": EventWords(gettext_lazy("The agent left")),
}

_UNSEEN = {USAGE_EVENT, RECORDING_EVENT}  # other parts of the page tell of them

PARTS = {"stt": gettext_lazy("hearing"), "llm": gettext_lazy("thinking"), "tts": gettext_lazy("speaking")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page. `side` is who speaks, or `event`; `wait` says where the time before a reply went.

    A `draft` is being said, or its end was never told.
    """

    side: Literal["visitor", "agent", "event"]
    at: datetime
    text: str
    language: str = ""
    marks: list[str] = field(default_factory=list)
    draft: bool = False
    wait: str = ""
    details: list[tuple[str, str]] = field(default_factory=list)
    trouble: bool = False
    item_id: str = ""  # of the turn
    recording: int = 0  # the attempt in whose recording it is heard; 0: in none
    second: float = 0.0  # of that recording

    @property
    def clock(self) -> str:
        """Time on the site's clock, to the second."""
        return f"{localtime(self.at):%H:%M:%S}"


def lines(
    turns: Iterable[Turn],
    events: Iterable[CallEvent],
    gender: Gender | None,
    recorded: Mapping[int, datetime] | None = None,
) -> list[Line]:
    """Turns in their own order, each event before the first turn that began after it.

    `gender` is the voice's: where the agent's own verbs show another, its turn is marked. `recorded` says when the
    recordings that can be played begin, by attempt.
    """
    happened = sorted((event for event in events if event.kind not in _UNSEEN), key=lambda event: event.at)
    waiting = [_event_line(event) for event in happened]
    page: list[Line] = []
    for turn in turns:
        while waiting and waiting[0].at < turn.started_at:
            page.append(waiting.pop(0))
        page.append(_turn_line(turn, gender, (recorded or {}).get(turn.attempt)))
    return page + waiting


def _turn_line(turn: Turn, gender: Gender | None, recorded_from: datetime | None) -> Line:
    marks = [
        str(words)
        for present, words in (
            (turn.typed, _("typed")),
            (turn.interrupted, _("interrupted")),
        )
        if present
    ]
    agent = turn.role == Turn.Role.AGENT
    if agent and gender and (wrong := misfits(turn.text, turn.language, gender)):
        words = ", ".join(form.words for form in wrong)
        marks.append(_("not the voice's gender: %(words)s") % {"words": words})
    return Line(
        side="agent" if agent else "visitor",
        at=turn.started_at,
        text=turn.text,
        language=turn.language,
        marks=marks,
        draft=not turn.final,
        wait=wait_words(turn.latencies, turn.heard_wait) if agent else "",
        item_id=turn.item_id,
        recording=turn.attempt if recorded_from else 0,
        second=max(0.0, round((turn.started_at - recorded_from).total_seconds(), 1)) if recorded_from else 0.0,
    )


def _event_line(event: CallEvent) -> Line:
    by_agent = AGENT_EVENTS if event.detail.get("who") == "agent" else {}
    # A kind this page does not know is shown as it is, with all it says.
    known = by_agent.get(event.kind) or EVENTS.get(event.kind) or EventWords(event.kind, details=True)
    details = [(name, _plain(value)) for name, value in event.detail.items() if value not in (None, "", [], {})]
    return Line(
        side="event",
        at=event.at,
        text=str(known.words),
        details=details if known.details else [],
        trouble=known.trouble,
    )


def _plain(value: Any) -> str:
    """A detail as text: lists and pairs without brackets, parts of the pipeline as staff call them."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    return str(PARTS.get(value, value))
