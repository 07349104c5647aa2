"""Whose turn it is: murmurs that want no answer, and numbers that are not finished yet."""

from __future__ import annotations

import time
from dataclasses import dataclass

from livekit.agents import AgentSession, AgentStateChangedEvent, UserStateChangedEvent

from agents.contract import TurnTaking
from agents.digits import in_a_number
from agents.languages import Language
from agents.smalltalk import is_backchannel, is_question
from agents.worker.speech import endpointing

NUMBER_SECONDS = 1.5  # waited for the next group of a number
_MARKS = ".?!।|\n"
_MORE = 60  # characters after a sentence's end that the speech plugin wants to see before it speaks
REACTION_SECONDS = 0.3  # an answer to a question begins no sooner than this before its end


class Floor:
    """Follows who speaks, and judges each utterance by when it began. Lives on the job's event loop."""

    def __init__(self, session: AgentSession[None], language: Language, turn_taking: TurnTaking) -> None:
        self._session = session
        self._turn_taking = turn_taking
        self._language = language
        self._reply = _Reply()
        self._waiting = False  # for the rest of a number
        self._pending = ""  # what the visitor said and the session has not yet taken for a turn
        self._over_statement = False  # the utterance under way began while the agent was telling something

    def speaks(self, language: Language) -> None:
        """The call goes on in another language."""
        self._language = language
        self._set_endpointing()

    # What the agent says ----------------------------------------------------------------------

    def reply_begins(self) -> None:
        self._reply = _Reply()

    def reply_grows(self, text: str = "", seconds: float = 0.0) -> None:
        """More of the reply's words, or of its sound, is made."""
        self._reply.text += text
        self._reply.seconds += seconds

    @property
    def owes_sound(self) -> bool:
        """Whether the voice could begin, for the first sentence is there and more has come, and has not."""
        return not self._reply.seconds and any(mark in self._reply.text[:-_MORE] for mark in _MARKS)

    def reply_made(self) -> None:
        """All sound of the reply is made; it may still be playing."""
        self._reply.made = True

    def on_agent_state(self, event: AgentStateChangedEvent) -> None:
        """The agent's voice starts, pauses or stops."""
        self._reply.plays(event.new_state == "speaking")

    # What the visitor says --------------------------------------------------------------------

    def on_visitor_state(self, event: UserStateChangedEvent) -> None:
        """The visitor begins to speak: what for, depends on what the agent is saying just then."""
        if event.new_state != "speaking":
            return
        handle = self._session.current_speech
        telling = handle is not None and not handle.done() and not handle.interrupted
        self._over_statement = telling and not self._reply.asking()

    def is_murmur(self, text: str, heard_language: str | None) -> bool:
        """Whether these words are only a listener's yes-yes over what the agent is telling.

        They must not reach the session then, which would drop the rest of the reply. The same words
        over the end of a question, or after it, are its answer.
        """
        languages = {self._language.code, *([heard_language] if heard_language else [])}
        return self._over_statement and is_backchannel(text, languages)

    def heard(self, text: str) -> None:
        """Words of the visitor go to the session: a number that breaks off is given time."""
        self._pending = f"{self._pending} {text}"
        self._wait_for_number(in_a_number(self._pending))

    def turn_taken(self) -> None:
        """The session took the visitor's words for a whole turn."""
        self._pending = ""
        self._wait_for_number(False)

    def _wait_for_number(self, waiting: bool) -> None:
        if waiting != self._waiting:
            self._waiting = waiting
            self._set_endpointing()

    def _set_endpointing(self) -> None:
        more = NUMBER_SECONDS if self._waiting else 0.0
        self._session.update_options(endpointing_opts=endpointing(self._language, self._turn_taking, more))


@dataclass
class _Reply:
    """What the agent says, as far as it is made and played."""

    text: str = ""
    seconds: float = 0.0  # of sound made
    made: bool = False
    played: float = 0.0
    playing_since: float | None = None

    def plays(self, playing: bool) -> None:
        now = time.monotonic()
        if self.playing_since is not None:
            self.played += now - self.playing_since
        self.playing_since = now if playing else None

    def _heard(self) -> float:
        return self.played + (time.monotonic() - self.playing_since if self.playing_since is not None else 0.0)

    def asking(self) -> bool:
        """Whether the visitor has come to the question it ends with."""
        if not (self.made and is_question(self.text)):
            return False
        asks = len(self.text) - len(_last_sentence(self.text))
        begins = self.seconds * asks / max(1, len(self.text))
        return self._heard() >= max(begins, self.seconds / 2) - REACTION_SECONDS


def _last_sentence(text: str) -> str:
    body = text.rstrip()
    cut = max(body[:-1].rfind(mark) for mark in _MARKS) + 1
    return body[cut:]
