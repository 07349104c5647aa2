"""What goes wrong with Sarvam in a call: the record of it, and what the visitor is told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from livekit.agents import APITimeoutError, ErrorEvent, UserTranscriptionTimeoutEvent
from livekit.plugins import sarvam

from agents.catalogue import MODELS, serving_voice
from agents.worker.speech import change_ears, refuses_model
from agents.worker.voice import Clips
from vaani.logs import get_logger

if TYPE_CHECKING:
    from agents.worker.conversation import Conversation

log = get_logger(__name__)

SPEECH_SECONDS = 0.7


class Trouble:
    """The ears' and the voice's failures. The language models tell of their own, in `thinking`."""

    def __init__(self, conversation: Conversation, ears: sarvam.STT, mouth: sarvam.TTS, clips: Path) -> None:
        self._conversation = conversation
        self._ears, self._mouth = ears, mouth
        self._folder = clips
        self.deaf = asyncio.Event()  # the ear gives no words for speech, and is to be connected anew
        self._asked_again = False  # since the ear last gave words
        self._failing: set[str] = set()  # parts in trouble, each recorded once until it works again

    def on_error(self, event: ErrorEvent) -> None:
        """A provider failed; the framework tries again by itself where the error is recoverable, and always to hear."""
        part = getattr(event.error, "type", "").removesuffix("_error")
        cause = getattr(event.error, "error", None)
        if part == "llm" or not isinstance(cause, Exception):
            return
        lost = part == "tts" and not event.error.recoverable
        if refuses_model(cause) and self._change_model(part, str(cause)):
            if lost:
                self._conversation.session.say(self._conversation.recorder.reply)  # not a word of it was heard
        elif lost:
            self.voice_failed(cause)
        else:
            self._record(part, cause)

    def voice_failed(self, error: Exception) -> None:
        """A reply was not spoken, or not to its end. It is not said again: the visitor is asked to."""
        self._record("tts", error)
        conversation = self._conversation
        apology = conversation.language.apology
        conversation.spawn(conversation.notice("apology", apology))
        if clip := self._clips().sound(apology):
            conversation.session.say(apology, audio=clip)

    def not_heard(self, event: UserTranscriptionTimeoutEvent) -> None:
        """The visitor spoke and no words came of it. A short sound may be noise; more of it means a deaf ear."""
        conversation = self._conversation
        conversation.spawn(conversation.notice("not_heard"))
        if event.speech_duration >= SPEECH_SECONDS:
            self._record("stt", APITimeoutError("the visitor spoke, and no words came of it"))
            self.deaf.set()
            if not self._asked_again:
                self._asked_again = True
                conversation.session.say(conversation.language.apology)

    def heard(self) -> None:
        """The ear gives words."""
        self._failing.discard("stt")
        self._asked_again = False

    async def spoke(self) -> None:
        """The voice works. Have the apology spoken and kept for when it does not, which costs some 60 characters once."""
        self._failing.discard("tts")
        await self._clips().keep(self._conversation.language.apology)

    def _clips(self) -> Clips:
        claim = self._conversation.claim
        language = self._conversation.language.code
        return Clips(self._folder, self._mouth, f"{self._mouth.model} {claim.voice} {claim.agent.pace} {language}")

    def _record(self, part: str, error: Exception) -> None:
        log.warning("provider_failed", part=part, error=type(error).__name__)
        if part not in self._failing:
            self._failing.add(part)
            self._conversation.recorder.event("provider_failed", {"part": part, "message": str(error)[:300]})

    def _change_model(self, part: str, message: str) -> bool:
        """Go on with the successor of a model that Sarvam refuses. False when there is none."""
        refused = self._mouth.model if part == "tts" else self._ears.model
        known = MODELS.get(refused)
        if known is None or not known.successor:
            return False
        if part == "tts":
            voice = serving_voice(self._conversation.claim.voice, known.successor)
            self._mouth.update_options(model=known.successor, speaker=voice)
        else:
            change_ears(self._ears, known.successor)
        log.warning("model_refused", provider="sarvam", model=refused)
        self._conversation.recorder.event(
            "model_refused", {"provider": "sarvam", "model": refused, "message": message[:300]}
        )
        return True
