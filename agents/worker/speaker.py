"""The agent inside the session: its prompt, and the nodes where words and sound pass."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from livekit import rtc
from livekit.agents import Agent, APIConnectionError, APIError, APITimeoutError, ModelSettings, llm, stt

from agents.contract import Claim
from agents.languages import from_sarvam
from agents.prompt import greeting, instructions
from agents.worker.saying import say_as
from agents.worker.sentences import with_marks
from agents.worker.thinking import NoModelAnsweredError
from agents.worker.voice import flowing, until_set

if TYPE_CHECKING:
    from agents.worker.conversation import Conversation


class SpeakingAgent(Agent):
    """Greets, and lets the conversation see, drop or change what the visitor and the model say."""

    def __init__(self, conversation: Conversation, tools: list[llm.Tool | llm.Toolset]) -> None:
        super().__init__(
            instructions=_instructions(conversation.claim, conversation.claim.language),
            chat_ctx=_history(conversation.claim),
            tools=tools,
        )
        self._conversation = conversation

    async def on_enter(self) -> None:
        claim = self._conversation.claim
        await self._conversation.record()
        if claim.turns or claim.earlier:
            self.session.say(self._conversation.language.resumed)
        else:
            self.session.say(greeting(claim.agent, claim.language, claim.voice, claim.visitor_name))

    async def speak(self, language: str) -> None:
        """Go on in another language."""
        await self.update_instructions(_instructions(self._conversation.claim, language))

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        deaf = self._conversation.trouble.deaf
        deaf.clear()
        async for event in until_set(Agent.default.stt_node(self, audio, model_settings), deaf):
            if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
                heard = event.alternatives[0]
                if not await self._conversation.takes(heard.text, from_sarvam(heard.language)):
                    continue
            yield event
        # Sarvam closing the socket politely ends the stream without an error, and one that hangs gives no
        # error either: the agent would be deaf for the rest of the call. An error makes the framework
        # connect again.
        raise APIConnectionError("the speech-to-text stream ended early")

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[llm.ChatChunk | str, None]:
        try:
            async for chunk in self._conversation.models.answer(chat_ctx, tools, model_settings.tool_choice):
                yield chunk
        except (NoModelAnsweredError, APIError):
            # What has begun is not begun again: the apology asks the visitor to say it once more.
            yield f" {self._conversation.language.apology}"

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        conversation = self._conversation
        floor = conversation.floor
        floor.reply_begins()

        whole = False

        async def told() -> AsyncIterator[str]:
            nonlocal whole
            async for piece in text:
                floor.reply_grows(text=piece)
                yield piece
            whole = True

        words = say_as(with_marks(told(), conversation.language.full_stop), conversation.claim.agent.say_as)
        try:
            async for frame in flowing(
                Agent.default.tts_node(self, words, model_settings), lambda: whole or floor.owes_sound
            ):
                floor.reply_grows(seconds=frame.duration)
                yield frame
        except APITimeoutError as error:
            conversation.trouble.voice_failed(error)
        floor.reply_made()

    async def transcription_node(
        self, text: AsyncIterable[Any], model_settings: ModelSettings
    ) -> AsyncGenerator[Any, None]:
        self._conversation.recorder.on_reply_begins()
        async for delta in text:
            self._conversation.recorder.on_reply_text(str(delta))
            yield delta


def _instructions(claim: Claim, language: str) -> str:
    return instructions(
        claim.agent,
        language=language,
        voice=claim.voice,
        visitor_name=claim.visitor_name,
        now=datetime.now(UTC),
    )


def _history(claim: Claim) -> llm.ChatContext:
    context = llm.ChatContext.empty()
    for turn in (*claim.earlier, *claim.turns):
        context.add_message(role="assistant" if turn.role == "agent" else "user", content=turn.text)
    return context
