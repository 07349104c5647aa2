"""A conversation without a room: the real session, agent, plugins, outbox and recorder, a microphone and a loudspeaker."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession, JobContext
from livekit.agents.testing import fake_job_context
from livekit.agents.voice import io, room_io

from agents.contract import NOTICE_TOPIC, CallEnded, Claim, EventMessage, TurnMessage
from agents.worker.client import WebClient
from agents.worker.conversation import _NOTHING_RECORDED, Conversation
from agents.worker.journal import Recorded, read_journal
from local.sandbox import sound
from local.sandbox.say import speech_wav
from tests.sandbox.conftest import Sandbox
from vaani.env import Env

RATE = 16_000
FRAME = RATE // 20  # samples in 50 ms
SPEED = 4  # times real time at which the microphone runs


class Microphone(io.AudioInput):
    """Gives silence, and between it what it is told to say."""

    def __init__(self) -> None:
        super().__init__(label="microphone")
        self._pcm = b""

    def say(self, text: str, language: str) -> None:
        """Speak a sentence, with quiet after it that ends an utterance."""
        words = sound.read_wav(speech_wav(text, language, "karun", RATE))[0]
        quiet = np.zeros(RATE, dtype=np.int16)
        self._pcm += np.concatenate([words, quiet]).astype("<i2").tobytes()

    @property
    def speaking(self) -> bool:
        return bool(self._pcm)

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(FRAME / RATE / SPEED)
        piece, self._pcm = self._pcm[: FRAME * 2], self._pcm[FRAME * 2 :]
        return rtc.AudioFrame(piece.ljust(FRAME * 2, b"\0"), RATE, 1, FRAME)


class Loudspeaker(io.AudioOutput):
    """Plays everything in no time; when `slow`, plays each reply until it is cut off or let go.

    One that can pause keeps a count of it, as a browser's ear would hear it.
    """

    def __init__(self, *, slow: bool = False, pause: bool = False) -> None:
        super().__init__(label="loudspeaker", capabilities=io.AudioOutputCapabilities(pause=pause))
        self.slow = slow
        self.seconds = 0.0
        self.pauses = 0
        self.paused = False
        self._playing = False

    def pause(self) -> None:
        self.pauses += 1
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def let_go(self) -> None:
        """Play what is there to its end."""
        self._finish(interrupted=False)

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._playing:
            self._playing = True
            self.on_playback_started(created_at=time.time())
        self.seconds += frame.duration

    def flush(self) -> None:
        super().flush()
        if not self.slow:
            self._finish(interrupted=False)

    def clear_buffer(self) -> None:
        self._finish(interrupted=True)

    def _finish(self, *, interrupted: bool) -> None:
        if self._playing:
            self._playing = False
            self.on_playback_finished(playback_position=self.seconds, interrupted=interrupted)


class VisitorPage:
    """Takes the notices that the agent sends, in the place of the room's participants."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def send_text(self, text: str, *, topic: str) -> None:
        assert topic == NOTICE_TOPIC
        self.told.append(json.loads(text))


class Stage:
    """A running conversation as a test sees it: what it recorded, what it asked the providers, how it ended."""

    def __init__(self, conversation: Conversation, ctx: JobContext, sandbox: Sandbox, spool: Path) -> None:
        self.conversation = conversation
        self.shutdowns: list[str] = []
        self.codes_before: list[str] = []  # of the notices that were sent before the job was told to end
        ctx._on_shutdown = self._on_shutdown
        self.page = VisitorPage()
        ctx.room._local_participant = cast(Any, self.page)
        self._sandbox = sandbox
        claim = conversation.claim
        self._call = str(claim.call_id)
        self._journal = spool / self._call / f"{claim.attempt}.jsonl"

    @property
    def session(self) -> AgentSession[None]:
        return self.conversation.session

    def _on_shutdown(self, reason: str) -> None:
        if not self.shutdowns:
            self.codes_before = [notice["code"] for notice in self.page.told]
        self.shutdowns.append(reason)

    async def types(self, text: str) -> None:
        """What the visitor types, as the room hands it over."""
        event = room_io.TextInputEvent(text=text, info=cast(Any, None), participant=cast(Any, None))
        await self.conversation._on_typed(self.session, event)

    async def asked(self, part: str) -> list[dict[str, Any]]:
        """What the providers were asked for."""
        return await self._sandbox.ledger(part, self._call)

    def recorded(self) -> list[Recorded]:
        return read_journal(self._journal) if self._journal.exists() else []

    def turns(self) -> list[tuple[str, str]]:
        """Role and text of the turns that are closed, in order."""
        closed = [each for each in self.recorded() if isinstance(each, TurnMessage) and each.final]
        return [(each.role, each.text) for each in sorted(closed, key=lambda each: each.n)]

    def turn(self, text: str) -> TurnMessage | None:
        """The closed turn of that text."""
        found = [m for m in self.recorded() if isinstance(m, TurnMessage) and m.final and m.text == text]
        return found[0] if found else None

    def events(self) -> list[EventMessage]:
        """What happened, but for the counting of usage, which goes on all the time."""
        return [each for each in self.recorded() if isinstance(each, EventMessage) and each.kind != "usage"]

    def ended(self) -> CallEnded:
        last = self.recorded()[-1]
        assert isinstance(last, CallEnded)
        return last


@asynccontextmanager
async def conversing(
    env: Env,
    claim: Claim,
    sandbox: Sandbox,
    *,
    microphone: Microphone | None = None,
    loudspeaker: Loudspeaker | None = None,
) -> AsyncIterator[Stage]:
    """Hold the conversation of a claim, from its greeting until the block ends, and close it as a job does."""
    with fake_job_context() as ctx:
        async with WebClient(env, "w1") as web:
            conversation = Conversation(env, claim, web, ctx)
            stage = Stage(conversation, ctx, sandbox, env.spool_path)
            stage.session.input.audio = microphone
            stage.session.output.audio = loudspeaker
            await stage.session.start(conversation._agent, record=_NOTHING_RECORDED, session_host=False)
            try:
                yield stage
            finally:
                stage.session.options.session_close_transcript_timeout = 0.05  # nobody is in the middle of a word
                await stage.session.aclose()
                await conversation.finish()
                for part in (stage.session.stt, stage.session.tts):
                    if part is not None:
                        await part.aclose()
                await conversation.models.aclose()
                ctx._tempdir.cleanup()
