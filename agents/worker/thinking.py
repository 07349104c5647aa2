"""The agent's thinking: a line of language models, each given 2.5 s to begin.

Written here rather than with the framework's fallback adapter, which keeps asking a refused model in
the background with the visitor's words and a paid request a turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from livekit.agents import APIConnectOptions, APIError, APIStatusError, NotGivenOr, llm
from livekit.plugins import openai

from agents.contract import ModelChoice
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

FIRST_TOKEN_SECONDS = 2.5
_REFUSALS = ("model_not_found", "model_decommissioned", "does not exist")

Report = Callable[[str, dict[str, Any]], object]  # (event kind, detail)


@dataclass(frozen=True)
class _Candidate:
    choice: ModelChoice
    model: openai.LLM


class NoModelAnsweredError(Exception):
    """Every model of the line failed before it said anything."""


class LanguageModels:
    """Models of one call, best first. `report` is told of every failure."""

    def __init__(self, env: Env, choices: list[ModelChoice], *, call_id: str, temperature: float, report: Report):
        self._report = report
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

        A model that its provider does not know leaves the line for the rest of the call. Once a reply
        has begun no other model takes over, so that nothing is said twice: the error is raised. Raises
        `NoModelAnsweredError` when none began.
        """
        for candidate in list(self._line):
            begun = False
            try:
                async for chunk in _reply(candidate.model, chat_ctx, tools, tool_choice):
                    begun = True
                    yield chunk
                if begun:
                    return
                raise APIError("the reply was empty")
            except (APIError, TimeoutError) as error:
                self._note(candidate, error)
                if begun:
                    raise
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
    model: openai.LLM, chat_ctx: llm.ChatContext, tools: list[llm.Tool], tool_choice: NotGivenOr[llm.ToolChoice]
) -> AsyncIterator[llm.ChatChunk]:
    options = APIConnectOptions(max_retry=0, timeout=FIRST_TOKEN_SECONDS)
    async with model.chat(chat_ctx=chat_ctx, tools=tools, tool_choice=tool_choice, conn_options=options) as stream:
        async with asyncio.timeout(FIRST_TOKEN_SECONDS):
            first = await anext(aiter(stream), None)
        if first is not None:
            yield first
        async for chunk in stream:
            yield chunk


def _refuses_model(error: Exception) -> bool:
    if not isinstance(error, APIStatusError) or error.status_code not in (400, 404):
        return False
    text = f"{error} {error.body}"
    return any(sign in text for sign in _REFUSALS)
