"""One conversation: the agent's nodes, the session around them, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterable
from datetime import UTC, datetime
from typing import Any

from livekit import rtc
from livekit.agents import (
    Agent,
    AgentSession,
    APIConnectionError,
    APIConnectOptions,
    CloseEvent,
    CloseReason,
    ErrorEvent,
    JobContext,
    ModelSettings,
    llm,
    stt,
)
from livekit.agents.voice import room_io
from livekit.agents.voice.agent_session import RecordingOptions, SessionConnectOptions

from agents.contract import NOTICE_TOPIC, Claim
from agents.languages import LANGUAGES
from agents.prompt import greeting, instructions
from agents.worker.client import WebClient
from agents.worker.outbox import Outbox
from agents.worker.recorder import Recorder
from agents.worker.speech import make_ears, make_mouth, make_vad, turn_handling
from agents.worker.thinking import LanguageModels, NoModelAnsweredError
from agents.worker.tools import end_call_tool, save_details_tool
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

UNHEARD_SECONDS = 4.0  # speech that gave no words after this is told to the page
_NOTHING_RECORDED = RecordingOptions(audio=False, traces=False, logs=False, transcript=False)


class Conversation:
    """A claimed call, from the first word to the last."""

    def __init__(self, env: Env, claim: Claim, web: WebClient, ctx: JobContext) -> None:
        self.claim = claim
        self.language = LANGUAGES[claim.language]
        self._ctx = ctx
        self._reason = ""
        self._outbox = Outbox(
            spool=env.spool_path, redis_url=env.redis_url, call_id=claim.call_id, attempt=claim.attempt
        )
        self.recorder = Recorder(self._outbox, call_id=claim.call_id, attempt=claim.attempt, language=claim.language)
        self.models = LanguageModels(
            env,
            claim.models,
            call_id=str(claim.call_id),
            temperature=claim.agent.temperature,
            report=self.recorder.event,
        )
        tools: list[llm.Tool | llm.Toolset] = [end_call_tool(self._hang_up, self.recorder)]
        if claim.agent.fields:
            tools.append(save_details_tool(claim.agent.fields, web, claim.call_id, self.recorder))
        self._agent = SpeakingAgent(self, tools)
        self._session: AgentSession[None] = AgentSession(
            stt=make_ears(env, claim, self.language),
            tts=make_mouth(env, claim, self.language),
            llm=self.models.first,
            vad=make_vad(self.language),
            turn_handling=turn_handling(self.language),
            aec_warmup_duration=None,  # else the ear gets silence for 3 s, and words over the greeting are lost
            user_away_timeout=None,
            transcription_timeout=UNHEARD_SECONDS,
            conn_options=SessionConnectOptions(
                tts_conn_options=APIConnectOptions(max_retry=1, retry_interval=0.2, timeout=4.0),
                max_unrecoverable_errors=1000,  # a provider's bad minute must not end the call
            ),
        )
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
        await self._session.start(
            self._agent,
            room=self._ctx.room,
            room_options=options,
            record=_NOTHING_RECORDED,
            session_host=False,  # else anyone with data rights could read the prompt and drive the session
        )
        self._spawn(self._watch_the_clock())

    def fail(self, error: Exception) -> None:
        """The conversation could not begin: remember why."""
        self._reason = "failed"
        self.recorder.event("failed", {"message": f"{type(error).__name__}: {error}"[:300]})

    async def finish(self) -> None:
        """After the session closed: record the end and wait for the journal."""
        for task in self._tasks:
            task.cancel()
        self.recorder.end(self._reason or "worker_stopped")
        await self._outbox.close()
        log.info("session_finished", reason=self._reason)

    # Ways to end ------------------------------------------------------------------------------

    async def _hang_up(self) -> None:
        self._reason = self._reason or "agent_ended"
        self._ctx.shutdown(reason=self._reason)

    async def _watch_the_clock(self) -> None:
        await asyncio.sleep(self.claim.max_seconds)
        self._reason = self._reason or "time_limit"
        self._ctx.shutdown(reason=self._reason)

    def _on_close(self, event: CloseEvent) -> None:
        reasons = {
            CloseReason.PARTICIPANT_DISCONNECTED: "visitor_left",
            CloseReason.ERROR: "failed",
            CloseReason.JOB_SHUTDOWN: "worker_stopped",
            # The room's deletion and the job's own shutdown both come under this name.
            CloseReason.USER_INITIATED: "room_closed",
        }
        self._reason = self._reason or reasons.get(event.reason, "room_closed")
        self._ctx.shutdown(reason=self._reason)

    # What the session tells -------------------------------------------------------------------

    def _listen(self) -> None:
        session, recorder = self._session, self.recorder
        session.on("user_input_transcribed", recorder.on_heard)
        session.on("user_state_changed", recorder.on_visitor_state)
        session.on("agent_state_changed", recorder.on_agent_state)
        session.on("conversation_item_added", recorder.on_item)
        session.on("user_transcription_timeout", lambda _: self._spawn(self._notice("not_heard")))
        session.on("error", self._on_error)
        session.on("close", self._on_close)

    async def _on_typed(self, session: AgentSession[Any], event: room_io.TextInputEvent) -> None:
        text = event.text.strip()[:2000]
        if not text:
            return
        self.recorder.on_typed(text)
        await session.interrupt()
        session.generate_reply(user_input=text)

    def _on_error(self, event: ErrorEvent) -> None:
        part = getattr(event.error, "type", "").removesuffix("_error")
        if part == "llm":
            return  # the line of models has reported it, and knows which model it was
        cause = getattr(event.error, "error", event.error)
        log.warning("provider_failed", part=part, error=type(cause).__name__)
        self.recorder.event("provider_failed", {"part": part, "message": str(cause)[:300]})
        if part == "tts":
            self._spawn(self._notice("apology", self.language.apology))

    async def _notice(self, code: str, text: str = "") -> None:
        await send_notice(self._ctx.room, code, text)

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def send_notice(room: rtc.Room, code: str, text: str) -> None:
    """Tell the visitor's page something the agent cannot say aloud."""
    await room.local_participant.send_text(json.dumps({"code": code, "text": text}), topic=NOTICE_TOPIC)


class SpeakingAgent(Agent):
    """The agent inside the session: its prompt, and the three nodes where words pass."""

    def __init__(self, conversation: Conversation, tools: list[llm.Tool | llm.Toolset]) -> None:
        claim = conversation.claim
        super().__init__(
            instructions=instructions(
                claim.agent,
                language=claim.language,
                voice=claim.voice,
                visitor_name=claim.visitor_name,
                now=datetime.now(UTC),
            ),
            chat_ctx=_history(claim),
            tools=tools,
        )
        self._conversation = conversation

    async def on_enter(self) -> None:
        claim = self._conversation.claim
        if claim.turns:
            self.session.say(self._conversation.language.resumed)
        else:
            self.session.say(greeting(claim.agent, claim.language, claim.voice, claim.visitor_name))

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        async for event in Agent.default.stt_node(self, audio, model_settings):
            yield event
        # Sarvam closing the socket politely ends the stream without an error, and the agent would be
        # deaf for the rest of the call. An error makes the framework connect again.
        raise APIConnectionError("the speech-to-text stream ended early")

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[llm.ChatChunk | str, None]:
        try:
            async for chunk in self._conversation.models.answer(chat_ctx, tools, model_settings.tool_choice):
                yield chunk
        except NoModelAnsweredError:
            yield self._conversation.language.apology

    async def transcription_node(
        self, text: AsyncIterable[Any], model_settings: ModelSettings
    ) -> AsyncGenerator[Any, None]:
        self._conversation.recorder.on_reply_begins()
        async for delta in text:
            self._conversation.recorder.on_reply_text(str(delta))
            yield delta


def _history(claim: Claim) -> llm.ChatContext:
    context = llm.ChatContext.empty()
    for turn in claim.turns:
        context.add_message(role="assistant" if turn.role == "agent" else "user", content=turn.text)
    return context
