"""A conversation without a room: the words, prompt, models and tools of a call, in writing, for example conversations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from livekit.agents import NOT_GIVEN, APIError, function_tool, llm

from agents.contract import Claim, ToolAnswer
from agents.examples import Said, Step, ToolUse
from agents.prompt import greeting, instructions
from agents.worker.thinking import LanguageModels, NoModelAnsweredError
from agents.worker.tools import (
    END_CALL,
    END_CALL_SCHEMA,
    SAVE_DETAILS,
    SPEAK_LANGUAGE,
    save_details_schema,
    speak_language_answer,
    speak_language_schema,
)
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

DEADLINE_SECONDS = 75  # of a whole conversation; the Celery task that holds it is killed at 90
TOOL_ROUNDS = 3  # as many as the framework allows for one answer in a call

Check = Callable[[str, str, dict[str, Any]], Awaitable[ToolAnswer]]  # (tool, item id, arguments)
Trouble = Literal["", "no_model", "broke_off", "too_long"]


@dataclass
class Exchange:
    """What came of a conversation. `trouble` is empty for one that came to its end.

    `failures` are what the line of models reported, as (kind of event, detail).
    """

    steps: list[Step] = field(default_factory=list)
    trouble: Trouble = ""
    failures: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


async def hold(env: Env, claim: Claim, lines: Sequence[str], check: Check) -> Exchange:
    """Greet, then say each of `lines` to the agent and let it answer, until it hangs up or all are said.

    `check` answers the model's tools in the web server's place; what it raises is raised here. A
    provider that fails or hangs is no such error: it makes `trouble`, and what was said until then stays.
    """
    exchange = Exchange()
    models = LanguageModels(
        env,
        claim.models,
        call_id=str(claim.call_id),
        temperature=claim.agent.temperature,
        report=lambda kind, detail: exchange.failures.append((kind, detail)),
    )
    talk = _Talk(claim, models, check, exchange.steps)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            for line in lines:
                if not await talk.answers(line):
                    break
    except TimeoutError:
        exchange.trouble = "too_long"
    except NoModelAnsweredError:
        exchange.trouble = "no_model"
    except APIError:
        exchange.trouble = "broke_off"
    finally:
        await models.aclose()
    log.info("exchange_held", call_id=str(claim.call_id), steps=len(exchange.steps), trouble=exchange.trouble)
    return exchange


class _Talk:
    """The conversation as the model sees it (`_context`), and as it is kept (`_steps`)."""

    def __init__(self, claim: Claim, models: LanguageModels, check: Check, steps: list[Step]) -> None:
        self._claim, self._models, self._check, self._steps = claim, models, check, steps
        self._tools: list[llm.Tool] = [_shown(END_CALL_SCHEMA)]
        if claim.agent.fields:
            self._tools.append(_shown(save_details_schema(claim.agent.fields)))
        if len(claim.agent.languages) > 1:
            self._tools.append(_shown(speak_language_schema(claim.agent.languages)))
        self._context = llm.ChatContext([self._prompt(claim.language)])
        self._agent_says(greeting(claim.agent, claim.language, claim.voice, claim.visitor_name))

    async def answers(self, line: str) -> bool:
        """Let the visitor say `line` and the agent answer. Returns whether the agent stays on the line."""
        self._context.add_message(role="user", content=line)
        self._steps.append(Said("visitor", line))
        for _ in range(TOOL_ROUNDS + 1):
            text, calls = await self._reply()
            if text:
                self._agent_says(text)
            for call in calls:
                if call.name == END_CALL:
                    self._steps.append(ToolUse(END_CALL, {}, ok=True, answer=""))
                    return False
                await self._use(call)
            if not calls:
                break
        return True

    def _prompt(self, language: str) -> llm.ChatMessage:
        claim = self._claim
        prompt = instructions(
            claim.agent,
            language=language,
            voice=claim.voice,
            visitor_name=claim.visitor_name,
            now=datetime.now(UTC),
        )
        return llm.ChatMessage(role="system", content=[prompt])

    def _agent_says(self, text: str) -> None:
        self._context.add_message(role="assistant", content=text)
        self._steps.append(Said("agent", text))

    async def _reply(self) -> tuple[str, list[llm.FunctionToolCall]]:
        text, calls = "", list[llm.FunctionToolCall]()
        async for chunk in self._models.answer(self._context, self._tools, NOT_GIVEN):
            if chunk.delta:
                text += chunk.delta.content or ""
                calls += chunk.delta.tool_calls
        return text.strip(), calls

    async def _use(self, call: llm.FunctionToolCall) -> None:
        arguments = _arguments(call.arguments)
        if call.name == SAVE_DETAILS and arguments is not None:
            answer = await self._check(call.name, f"1.{len(self._steps)}", arguments)
        elif call.name == SPEAK_LANGUAGE and arguments is not None:
            answer = speak_language_answer(self._claim.agent.languages, arguments)
            if answer.ok:
                self._context.items[0] = self._prompt(arguments["language"])
        else:
            answer = ToolAnswer(ok=False, text="There is no such tool, or its arguments are not as described.")
        self._steps.append(ToolUse(call.name, arguments or {}, answer.ok, answer.text))
        self._context.insert(
            [
                llm.FunctionCall(call_id=call.call_id, name=call.name, arguments=call.arguments),
                llm.FunctionCallOutput(
                    call_id=call.call_id, name=call.name, output=answer.text, is_error=not answer.ok
                ),
            ]
        )


def _arguments(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _shown(schema: dict[str, Any]) -> llm.Tool:
    """A tool as the model is told of it. Nobody calls this function: tools are answered by `_Talk`."""

    async def shown(raw_arguments: dict[str, Any]) -> None:
        raise NotImplementedError

    return function_tool(shown, raw_schema=schema)
