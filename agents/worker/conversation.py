"""One conversation: the session around the agent, its manners, and how it ends."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from livekit import rtc
from livekit.agents import (
    AgentSession,
    APIConnectOptions,
    CloseEvent,
    CloseReason,
    ConversationItemAddedEvent,
    JobContext,
    llm,
)
from livekit.agents.voice import room_io
from livekit.agents.voice.agent_session import RecordingOptions, SessionConnectOptions

from agents.contract import NOTICE_TOPIC, RECORDING_EVENT, Claim
from agents.languages import LANGUAGES
from agents.smalltalk import SMALL_TALK, says_farewell
from agents.worker.absence import Absence
from agents.worker.client import WebClient
from agents.worker.floor import Floor
from agents.worker.follow import Follower
from agents.worker.outbox import Outbox
from agents.worker.recorder import Recorder
from agents.worker.recording import Tape
from agents.worker.silence import Silence
from agents.worker.speaker import SpeakingAgent
from agents.worker.speech import (
    make_ears,
    make_mouth,
    make_vad,
    turn_detection,
    turn_handling,
    vad_silence,
)
from agents.worker.thinking import LanguageModels
from agents.worker.tools import end_call_tool, save_details_tool, speak_language_tool
from agents.worker.trouble import Trouble
from agents.worker.usage import Usage
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

WARNING_SECONDS = 60.0  # before the time limit
LAST_WORDS_SECONDS = 12.0
NOTICE_SECONDS = 2.0  # in which a notice is carried, or given up
UNHEARD_SECONDS = 2.5  # speech that gave no words after this is told to the visitor
_NOTHING_RECORDED = RecordingOptions(audio=False, traces=False, logs=False, transcript=False)


class Conversation:
    """A claimed call, from the first word to the last."""

    def __init__(self, env: Env, claim: Claim, web: WebClient, ctx: JobContext) -> None:
        self.claim = claim
        self.language = LANGUAGES[claim.language]
        self._ctx = ctx
        self._reason = ""
        self._ends_at = time.monotonic() + claim.max_seconds
        self._outbox = Outbox(
            spool=env.spool_path, redis_url=env.redis_url, call_id=claim.call_id, attempt=claim.attempt
        )
        self.recorder = Recorder(self._outbox, call_id=claim.call_id, attempt=claim.attempt, language=claim.language)
        self.usage = Usage(self.recorder.event)
        self.models = LanguageModels(
            env,
            claim.models,
            call_id=str(claim.call_id),
            temperature=claim.agent.temperature,
            report=self.recorder.event,
            count=self.usage.thought,
        )
        tools: list[llm.Tool | llm.Toolset] = [end_call_tool(self._hang_up, self.recorder)]
        if claim.agent.fields:
            tools.append(save_details_tool(claim.agent.fields, web, claim.call_id, self.recorder))
        if len(claim.agent.languages) > 1:
            tools.append(speak_language_tool(claim.agent.languages, self.switch, self.recorder))
        self._agent = SpeakingAgent(self, tools)
        self._ears = make_ears(env, claim, self.language)
        self._mouth = make_mouth(env, claim, self.language)
        self._vad = make_vad(self.language)
        self.session: AgentSession[None] = AgentSession(
            stt=self._ears,
            tts=self._mouth,
            llm=self.models.first,
            vad=self._vad,
            turn_handling=turn_handling(self.language, claim.agent.turn_taking),
            aec_warmup_duration=None,  # else the ear gets silence for 3 s, and words over the greeting are lost
            user_away_timeout=None,
            transcription_timeout=UNHEARD_SECONDS,
            conn_options=SessionConnectOptions(
                # Also how long the voice may wait for words; `flowing` sees to a voice that has them and hangs.
                tts_conn_options=APIConnectOptions(max_retry=1, retry_interval=0.1, timeout=5.0),
                max_unrecoverable_errors=1000,  # a provider's bad minute must not end the call
            ),
        )
        self.floor = Floor(self.session, self.language, claim.agent.turn_taking)
        self._follower = Follower(claim.agent.languages, claim.language)
        self._silence = Silence(claim.agent.turn_taking, ask=self._ask, leave=self._leave_silence, close=self._hang_up)
        self._absence = Absence(claim.visitor_identity, leaves=self._visitor_gone, returns=self._visitor_back)
        self.trouble = Trouble(self, self._ears, self._mouth, env.spool_path / "clips")
        self._tape = Tape(env.spool_path, claim.call_id, claim.attempt)
        self._tasks: set[asyncio.Task[None]] = set()
        self._listen()

    async def start(self) -> None:
        """Join the room and greet."""
        may_type = self.claim.agent.text_chat or self.claim.typed
        options = room_io.RoomOptions(
            participant_identity=self.claim.visitor_identity,
            text_input=room_io.TextInputOptions(text_input_cb=self._on_typed) if may_type else False,
            audio_input=not self.claim.typed,
            audio_output=not self.claim.typed,
            close_on_disconnect=True,
        )
        await self._ctx.connect()
        self._absence.watch(self._ctx.room)
        await self.session.start(
            self._agent,
            room=self._ctx.room,
            room_options=options,
            record=_NOTHING_RECORDED,
            session_host=False,  # else anyone with data rights could read the prompt and drive the session
        )
        self.spawn(self._watch_the_clock())
        self.spawn(self.usage.keep_telling())

    async def record(self) -> None:
        """From here on the call is recorded, if its visitor agreed to that."""
        if self.claim.record:
            await self._tape.start(self.session)
            self.recorder.event(RECORDING_EVENT, {})

    def fail(self, error: Exception) -> None:
        """The conversation could not begin: remember why."""
        self._reason = "failed"
        self.recorder.event("failed", {"message": f"{type(error).__name__}: {error}"[:300]})

    async def finish(self) -> None:
        """After the session closed: record the end and wait for the journal."""
        for task in self._tasks:
            task.cancel()
        self._silence.stop()
        await self._tape.stop()
        self.usage.tell()
        self.recorder.end(self._reason or "worker_stopped")
        await self._outbox.close()
        log.info("session_finished", reason=self._reason)

    # Words of the visitor ---------------------------------------------------------------------

    async def takes(self, text: str, language: str | None) -> bool:
        """Whether words that were heard go to the session. A murmur over the agent's own words does not."""
        self.trouble.heard()
        if self.floor.is_murmur(text, language):
            self.recorder.event("backchannel", {"text": text[:100]})
            return False
        self.floor.heard(text)
        if other := self._follower.hears(text, language):
            await self.switch(other)
        return True

    async def switch(self, language: str) -> None:
        """Go on in another of the agent's languages. The ear stays as it is: it hears them all."""
        if language == self.language.code:
            return
        self.language = LANGUAGES[language]
        self._follower.follow(language)
        self.recorder.event("language_switched", {"language": language})
        self.recorder.speaks(language)
        self._mouth.update_options(target_language_code=self.language.sarvam_code)
        self._vad.update_options(min_silence_duration=vad_silence(self.language))
        self.session.update_options(turn_detection=turn_detection(self.language))
        self.floor.speaks(self.language)
        await self._agent.speak(language)

    # A line that drops ------------------------------------------------------------------------

    def _visitor_gone(self) -> None:
        self._silence.breaks()
        with suppress(RuntimeError):  # last words are said to their end
            self.session.interrupt()

    def _visitor_back(self) -> None:
        self._silence.begins_anew()
        self.session.say(self.language.resumed)
        if self._seconds_left() < WARNING_SECONDS:
            self.spawn(self._tell_time_left())  # the page may have been loaded anew

    # Ways to end ------------------------------------------------------------------------------

    async def _hang_up(self) -> None:
        """The model ends the call, or both sides have taken leave."""
        if not says_farewell(self.recorder.reply, self.language.code):
            await self._say_last(SMALL_TALK[self.language.code].goodbye)
        await self._part("agent_ended")

    async def _ask(self) -> None:
        self.session.say(SMALL_TALK[self.language.code].still_there)

    async def _leave_silence(self) -> None:
        await self._say_last(SMALL_TALK[self.language.code].nobody_there)
        await self._part("silence")

    async def _watch_the_clock(self) -> None:
        await asyncio.sleep(self._seconds_left() - WARNING_SECONDS)
        await self._tell_time_left()
        if self.claim.max_seconds >= 2 * WARNING_SECONDS:  # a shorter call is not interrupted for it
            self.session.say(SMALL_TALK[self.language.code].minute_left)
        await asyncio.sleep(self._seconds_left())
        await self._say_last(SMALL_TALK[self.language.code].time_up)
        await self._part("time_limit")

    def _seconds_left(self) -> float:
        return self._ends_at - time.monotonic()

    async def _tell_time_left(self) -> None:
        await self.notice("time_left", seconds=max(0, round(self._seconds_left())))

    async def _say_last(self, text: str) -> None:
        """Say a last sentence that nothing interrupts. A voice that fails must not keep the line open."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.session.say(text, allow_interruptions=False), LAST_WORDS_SECONDS)

    async def _part(self, reason: str) -> None:
        """End the call after a goodbye, and let the page know: a room that closes without it was cut off."""
        self._reason = self._reason or reason
        await self.notice("goodbye")
        self._ctx.shutdown(reason=self._reason)

    def _on_close(self, event: CloseEvent) -> None:
        reasons = {
            CloseReason.PARTICIPANT_DISCONNECTED: "visitor_left",
            CloseReason.ERROR: "failed",
            CloseReason.JOB_SHUTDOWN: "worker_stopped",
            # The room's deletion and the job's own shutdown both come under this name.
            CloseReason.USER_INITIATED: "room_closed",
        }
        why = "visitor_left" if self._absence.away else reasons.get(event.reason, "room_closed")
        self._reason = self._reason or why
        self._ctx.shutdown(reason=self._reason)

    # What the session tells -------------------------------------------------------------------

    def _listen(self) -> None:
        session, recorder = self.session, self.recorder
        session.on("user_input_transcribed", recorder.on_heard)
        session.on("user_state_changed", recorder.on_visitor_state)
        session.on("user_state_changed", self.floor.on_visitor_state)
        session.on("agent_state_changed", recorder.on_agent_state)
        session.on("agent_state_changed", self.floor.on_agent_state)
        session.on("conversation_item_added", recorder.on_item)
        session.on("conversation_item_added", self._on_item)
        if not self.claim.typed:  # who types is silent
            session.on("agent_state_changed", lambda _: self._measure_silence())
            session.on("user_state_changed", lambda _: self._measure_silence())
        session.on("user_transcription_timeout", self.trouble.not_heard)
        session.on("error", self.trouble.on_error)
        session.on("session_usage_updated", self.usage.on_session)
        session.on("close", self._on_close)

    def _measure_silence(self) -> None:
        quiet = self.session.agent_state == "listening" and self.session.user_state != "speaking"
        if quiet and not self._absence.away:
            self._silence.begins()
        else:
            self._silence.breaks()

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage):
            return
        if item.role == "user":
            self.floor.turn_taken()
            self._silence.visitor_spoke()
        elif item.role == "assistant":
            if "tts_node_ttfb" in item.metrics:
                self.spawn(self.trouble.spoke())
            self._silence.agent_spoke(says_farewell(item.text_content or "", self.language.code))

    async def _on_typed(self, session: AgentSession[Any], event: room_io.TextInputEvent) -> None:
        text = event.text.strip()[:2000]
        if not text:
            return
        self.recorder.on_typed(text)
        await session.interrupt()
        session.generate_reply(user_input=text)

    async def notice(self, code: str, text: str = "", *, seconds: int = 0) -> None:
        await send_notice(self._ctx.room, code, text, seconds=seconds)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the conversation, until it ends at the latest."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def send_notice(room: rtc.Room, code: str, text: str = "", *, seconds: int = 0) -> None:
    """Tell the visitor's page something the agent cannot say aloud. Never raises: a call goes on, and ends, without it."""
    notice = json.dumps({"code": code, "text": text, "seconds": seconds})
    try:
        async with asyncio.timeout(NOTICE_SECONDS):
            await room.local_participant.send_text(notice, topic=NOTICE_TOPIC)
    except Exception as error:  # LiveKit's are of no narrower kind
        log.warning("notice_not_sent", code=code, error=type(error).__name__)
