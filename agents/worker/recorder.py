"""The record of one attempt: session events in, numbered turns and events out to the outbox.

An item's number is minted when it opens: the agent's turn when it starts to speak, the visitor's at
the first final words. So the order of numbers is the order in which people began to speak.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from livekit.agents import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
)
from livekit.agents.llm import ChatMessage

from agents.contract import CallEnded, EventMessage, Latencies, TurnMessage
from agents.languages import from_sarvam
from agents.worker.journal import Recorded

_SENTENCE_ENDS = ("।", ".", "?", "!", "\n")


class Sink(Protocol):
    def put(self, message: Recorded) -> None: ...


@dataclass
class _OpenTurn:
    n: int
    started_at: datetime
    language: str
    typed: bool = False
    revision: int = 0
    parts: list[str] = field(default_factory=list)


class Recorder:
    """Turns what happens in a session into messages. Not thread-safe: lives on the job's event loop."""

    def __init__(self, sink: Sink, *, call_id: UUID, attempt: int, language: str) -> None:
        self._sink = sink
        self._call_id = call_id
        self._attempt = attempt
        self._language = language
        self._n = 0
        self._visitor: _OpenTurn | None = None
        self._agent: _OpenTurn | None = None
        self._reply: list[str] = []
        self._speaking_since: float | None = None
        self._hearing: dict[str, Any] = {}  # metrics of the visitor's turn that the next reply answers
        self._typed: list[str] = []  # what the visitor typed and the session has not yet taken in

    def speaks(self, language: str) -> None:
        """The call goes on in another language."""
        self._language = language

    @property
    def reply(self) -> str:
        """The words of the agent's latest reply, as far as they are made."""
        return "".join(self._reply).strip()

    # What the session tells -------------------------------------------------------------------

    def on_heard(self, event: UserInputTranscribedEvent) -> None:
        """The ear gave final words of the visitor."""
        if not event.is_final or not event.transcript.strip():
            return
        if self._visitor is None:
            self._visitor = self._open(self._speaking_since, language=from_sarvam(event.language))
        self._visitor.parts.append(event.transcript.strip())
        self._put_turn("visitor", self._visitor, " ".join(self._visitor.parts), final=False)

    def on_visitor_state(self, event: UserStateChangedEvent) -> None:
        """The visitor began to speak, some time before the first words are known."""
        if event.new_state == "speaking":
            self._speaking_since = event.created_at

    def on_typed(self, text: str) -> None:
        """The visitor typed; the words follow as a conversation item."""
        self._typed.append(text)

    def on_reply_text(self, delta: str) -> None:
        """A piece of the reply being made. While it is spoken, each whole sentence refreshes the draft."""
        self._reply.append(delta)
        if self._agent is not None and delta.rstrip().endswith(_SENTENCE_ENDS):
            self._put_turn("agent", self._agent, "".join(self._reply), final=False)

    def on_reply_begins(self) -> None:
        """The words that follow belong to a new reply."""
        if self._agent is not None:
            # The last one was cut off before a word of it was heard: no item comes of that.
            self._put_turn("agent", self._agent, "", interrupted=True, ended_at=datetime.now(UTC))
            self._agent = None
        self._reply = []

    def on_agent_state(self, event: AgentStateChangedEvent) -> None:
        """The agent began to speak: its turn opens."""
        if event.new_state != "speaking" or self._agent is not None:
            return
        self._agent = self._open()
        if self.reply:
            self._put_turn("agent", self._agent, self.reply, final=False)

    def on_item(self, event: ConversationItemAddedEvent) -> None:
        """A turn is complete: the visitor's words as the model reads them, the agent's as far as they were heard."""
        item = event.item
        if not isinstance(item, ChatMessage) or not (text := (item.text_content or "").strip()):
            return
        metrics: dict[str, Any] = dict(item.metrics or {})
        if item.role == "user":
            if text in self._typed:
                self._typed.remove(text)
                turn = self._open(typed=True)  # words being spoken meanwhile are a turn of their own
            else:
                turn = self._visitor or self._open(metrics.get("started_speaking_at"))
                self._visitor = None
            self._hearing = metrics
            self._put_turn("visitor", turn, text, ended_at=_moment(metrics.get("stopped_speaking_at")))
        elif item.role == "assistant":
            turn = self._agent or self._open(metrics.get("started_speaking_at"))
            self._agent = None
            self._put_turn(
                "agent",
                turn,
                text,
                interrupted=item.interrupted,
                ended_at=_moment(metrics.get("stopped_speaking_at")) or datetime.now(UTC),
                latencies=_latencies(self._hearing, metrics),
            )
            self._hearing = {}

    def event(self, kind: str, detail: dict[str, Any]) -> str:
        """Record something that is not speech. Returns its item id."""
        self._n += 1
        message = EventMessage(
            call_id=self._call_id,
            attempt=self._attempt,
            n=self._n,
            kind=kind,
            at=datetime.now(UTC),
            detail=detail,
        )
        self._sink.put(message)
        return message.item_id

    def end(self, reason: str) -> None:
        """Close what is open, and say that the attempt is over. Words half spoken are kept as such."""
        if self._agent is not None:
            self._put_turn("agent", self._agent, self.reply, interrupted=True)
        if self._visitor is not None:
            self._put_turn("visitor", self._visitor, " ".join(self._visitor.parts))
        self._agent = self._visitor = None
        self._sink.put(
            CallEnded(call_id=self._call_id, attempt=self._attempt, n=self._n, reason=reason, at=datetime.now(UTC))
        )

    # Messages ---------------------------------------------------------------------------------

    def _open(self, started_at: float | None = None, *, language: str | None = None, typed: bool = False) -> _OpenTurn:
        self._n += 1
        return _OpenTurn(self._n, _moment(started_at) or datetime.now(UTC), language or self._language, typed)

    def _put_turn(
        self,
        role: Literal["visitor", "agent"],
        turn: _OpenTurn,
        text: str,
        *,
        final: bool = True,
        interrupted: bool = False,
        ended_at: datetime | None = None,
        latencies: Latencies | None = None,
    ) -> None:
        turn.revision += 1
        self._sink.put(
            TurnMessage(
                call_id=self._call_id,
                attempt=self._attempt,
                n=turn.n,
                revision=turn.revision,
                role=role,
                text=text,
                language=turn.language,
                typed=turn.typed,
                final=final,
                interrupted=interrupted,
                started_at=turn.started_at,
                ended_at=ended_at,
                latencies=latencies or Latencies(),
            )
        )


def _moment(unix: float | None) -> datetime | None:
    return datetime.fromtimestamp(unix, UTC) if unix else None


def _latencies(heard: dict[str, Any], said: dict[str, Any]) -> Latencies:
    """The wait by its parts, each as far as it was waited for.

    A model that began before the turn was judged over was waited for less than it took.
    """
    stt, end_of_turn, total = heard.get("transcription_delay"), heard.get("end_of_turn_delay"), said.get("e2e_latency")
    tts, playback, llm = said.get("tts_node_ttfb"), said.get("playback_latency"), said.get("llm_node_ttft")
    # The wait for the words runs inside the wait for the end of the turn.
    endpointing = max(0.0, end_of_turn - (stt or 0.0)) if end_of_turn is not None else None
    if llm is not None and total is not None:
        elsewhere = sum(part for part in (endpointing, stt, tts, playback) if part is not None)
        llm = min(llm, max(0.0, total - elsewhere))
    return Latencies(endpointing=endpointing, stt=stt, llm=llm, tts=tts, playback=playback, total=total)
