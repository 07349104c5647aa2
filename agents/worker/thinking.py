"""The agent's thinking: a line of language models, of which one must begin within 2.8 s.

Written here rather than with the framework's fallback adapter, which keeps asking a refused model in
the background with the visitor's words and a paid request a turn.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from livekit.agents import (
    APIConnectionError,
    APIConnectOptions,
    APIError,
    APIStatusError,
    APITimeoutError,
    NotGivenOr,
    llm,
)
from livekit.plugins import openai

from agents.catalogue import says_unknown
from agents.contract import ModelChoice
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

FIRST_TOKEN_SECONDS = 2.5  # for a model to begin
LINE_SECONDS = 2.8  # for the whole line, so that an apology comes within 3 s
OTHER_SECONDS = 1.0  # of them kept for another provider, while there is one
FLOW_SECONDS = 2.5  # in which a reply that has begun must bring at least
FLOW_CHARACTERS = 40  # so much, which is what is spoken in that time
_ENDS = (".", "?", "!", "।", "|", "…", '"', ")")

Report = Callable[[str, dict[str, Any]], object]  # (event kind, detail)
Count = Callable[[ModelChoice, llm.CompletionUsage], object]


@dataclass(frozen=True)
class _Candidate:
    choice: ModelChoice
    model: openai.LLM


class NoModelAnsweredError(Exception):
    """Every model of the line failed before it said anything."""


class LanguageModels:
    """Models of one call, best first. `report` is told of every failure, `count` of the tokens of every whole reply."""

    def __init__(
        self,
        env: Env,
        choices: list[ModelChoice],
        *,
        call_id: str,
        temperature: float,
        report: Report,
        count: Count = lambda choice, usage: None,
    ):
        self._report = report
        self._count = count
        self._line = [
            _Candidate(
                choice,
                openai.LLM(
                    model=choice.model,
                    api_key=env.provider_key(choice.provider),
                    base_url=env.provider_url(choice.provider, call_id),
                    temperature=temperature,
                    extra_body=choice.extra or {},
                ),
            )
            for choice in choices
        ]
        self._made = [candidate.model for candidate in self._line]

    @property
    def first(self) -> openai.LLM:
        """The model that answers next.

        Without any key it is one that is never asked: a session without a model would not even apologise.
        """
        return self._line[0].model if self._line else openai.LLM(model="none", api_key="none")

    async def answer(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], tool_choice: NotGivenOr[llm.ToolChoice]
    ) -> AsyncIterator[llm.ChatChunk]:
        """Stream the reply of the first model that begins in time.

        A model that its provider does not know leaves the line for the rest of the call; a provider that
        hangs is not asked for another of its models. Once a reply has begun no other model takes over, so
        that nothing is said twice: an `APIError` is raised when it breaks off or comes too slowly. Raises
        `NoModelAnsweredError` when none began.
        """
        deadline = time.monotonic() + LINE_SECONDS
        hanging: set[str] = set()
        line = list(self._line)
        for place, candidate in enumerate(line):
            provider = candidate.choice.provider
            others = any(each.choice.provider not in (provider, *hanging) for each in line[place + 1 :])
            left = deadline - time.monotonic() - (OTHER_SECONDS if others else 0)
            if provider in hanging or left <= 0:
                continue
            begun = False
            try:
                async for chunk in _reply(
                    candidate.model, chat_ctx, tools, tool_choice, min(left, FIRST_TOKEN_SECONDS)
                ):
                    begun = True
                    if chunk.usage:
                        self._count(candidate.choice, chunk.usage)
                    yield chunk
                if begun:
                    return
                raise APIError("the reply was empty")
            except APIError as error:
                self._note(candidate, error)
                if begun:
                    raise
                if isinstance(error, APITimeoutError):
                    hanging.add(provider)
        raise NoModelAnsweredError

    async def aclose(self) -> None:
        """Close the connections to the providers, a refused model's too. A job need not: its process ends."""
        for model in self._made:
            await model.aclose()

    def _note(self, candidate: _Candidate, error: Exception) -> None:
        choice = candidate.choice
        detail: dict[str, Any] = {"provider": choice.provider, "model": choice.model, "message": str(error)[:300]}
        kind = "llm_failed"
        if _refuses_model(error):
            kind = "model_refused"
            self._line.remove(candidate)
        log.warning(kind, provider=choice.provider, model=choice.model, error=type(error).__name__)
        self._report(kind, detail)


async def _reply(
    model: openai.LLM,
    chat_ctx: llm.ChatContext,
    tools: list[llm.Tool],
    tool_choice: NotGivenOr[llm.ToolChoice],
    patience: float,
) -> AsyncIterator[llm.ChatChunk]:
    """A model's reply, which must begin within `patience` seconds and then flow. Raises `APIError`."""
    options = APIConnectOptions(max_retry=0, timeout=FIRST_TOKEN_SECONDS)
    async with model.chat(chat_ctx=chat_ctx, tools=tools, tool_choice=tool_choice, conn_options=options) as stream:
        chunks, brought, since = aiter(stream), 0, 0.0
        words, complete = "", False
        while True:
            try:
                async with asyncio.timeout(patience):
                    chunk = await anext(chunks, None)
            except TimeoutError as error:
                raise APITimeoutError("the model hangs") from error
            if chunk is None:
                break
            yield chunk
            if chunk.delta is not None:
                words += chunk.delta.content or ""
                complete = complete or bool(chunk.delta.tool_calls)
            complete = complete or chunk.usage is not None
            now = time.monotonic()
            if not since:
                patience, since = FLOW_SECONDS, now
            elif now - since >= FLOW_SECONDS:
                if brought < FLOW_CHARACTERS:
                    raise APITimeoutError("the reply comes too slowly")
                brought, since = 0, now
            brought += _size(chunk)
    # A provider that closes politely in the middle tells of no end; some gateways never tell of their usage.
    if words and not complete and not words.rstrip().endswith(_ENDS):
        raise APIConnectionError("the reply broke off")


def _size(chunk: llm.ChatChunk) -> int:
    """Characters a chunk brings, of words or of a tool's arguments."""
    if chunk.delta is None:
        return 0
    return len(chunk.delta.content or "") + sum(len(call.arguments) for call in chunk.delta.tool_calls)


def _refuses_model(error: Exception) -> bool:
    return isinstance(error, APIStatusError) and says_unknown(error.status_code, f"{error} {error.body}")
