"""Ask a line of language models for data in a JSON schema, outside a conversation. Imports no Django."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from agents.answers import TooLargeError, read_answer
from agents.catalogue import says_unknown
from agents.contract import ModelChoice, Used
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

MODEL_SECONDS = 20  # for one model's whole answer
MAX_BYTES = 1_000_000
_FENCE = re.compile(r"^```\w*\s*|\s*```$")

Report = Callable[[ModelChoice, str], object]  # (model that its provider does not know, the provider's words)


class NoAnswerError(Exception):
    """No model of the line gave a usable answer. `wait` is how many seconds a provider asked to be left alone."""

    def __init__(self, message: str, wait: float, used: list[Used]) -> None:
        super().__init__(message)
        self.wait, self.used = wait, used


@dataclass(frozen=True, slots=True)
class Answer:
    """The first usable answer, and the tokens of every model that was asked on the way."""

    data: dict[str, Any]
    used: list[Used]


@dataclass
class _Line:
    """What is the same for every model of a line."""

    env: Env
    call_id: str
    messages: list[dict[str, str]]
    schema: dict[str, Any]
    used: list[Used] = field(default_factory=list)


class _BadAnswerError(Exception):
    def __init__(self, message: str, status: int = 0, wait: float = 0) -> None:
        super().__init__(message)
        self.status, self.wait = status, wait


async def ask(
    env: Env,
    choices: list[ModelChoice],
    *,
    call_id: str,
    messages: list[dict[str, str]],
    schema: dict[str, Any],
    report: Report,
) -> Answer:
    """The answer of the first model that gives a JSON object, which the caller must still check against `schema`.

    `report` is told of a model that its provider does not know. Raises `NoAnswerError` when none answers well:
    within 20 s each, however slowly it drips.
    """
    line = _Line(env, call_id, messages, schema)
    faults, wait = [], 0.0
    for choice in choices:
        try:
            async with asyncio.timeout(MODEL_SECONDS):
                return Answer(await _answer(line, choice), line.used)
        except _BadAnswerError as error:
            fault, wait = str(error), max(wait, error.wait)
            if says_unknown(error.status, fault):
                report(choice, fault)
        except TimeoutError:
            fault = f"took longer than {MODEL_SECONDS} s"
        except (aiohttp.ClientError, OSError) as error:
            fault = f"could not be reached: {type(error).__name__}"
        log.warning("asking_failed", provider=choice.provider, model=choice.model, fault=fault[:200])
        faults.append(f"{choice.model}: {fault}")
    raise NoAnswerError("; ".join(faults) or "no provider has a key", wait, line.used)


async def _answer(line: _Line, choice: ModelChoice) -> dict[str, Any]:
    form = {"name": "answer", "strict": True, "schema": line.schema}
    try:
        return await _request(line, choice, line.messages, {"type": "json_schema", "json_schema": form})
    except _BadAnswerError as error:
        if error.status != 400 or ("json_schema" not in str(error) and "response_format" not in str(error)):
            raise
    # A model that takes no schema is shown it.
    shown = {"role": "system", "content": f"Answer in JSON that fits this schema: {json.dumps(line.schema)}"}
    return await _request(line, choice, [shown, *line.messages], {"type": "json_object"})


async def _request(
    line: _Line, choice: ModelChoice, messages: list[dict[str, str]], response_format: dict[str, Any]
) -> dict[str, Any]:
    body = {"temperature": 0, **choice.extra, "model": choice.model, "messages": messages}
    address = f"{line.env.provider_url(choice.provider, line.call_id)}/chat/completions"
    key = {"Authorization": f"Bearer {line.env.provider_key(choice.provider)}"}
    async with (
        aiohttp.ClientSession(headers=key) as session,
        session.post(address, json={**body, "response_format": response_format}, allow_redirects=False) as answer,
    ):
        try:
            text = (await read_answer(answer, MAX_BYTES)).decode(errors="replace")
        except TooLargeError as error:
            raise _BadAnswerError(f"its answer {error}") from error
        if answer.status != 200:
            wait = answer.headers.get("Retry-After", "")
            raise _BadAnswerError(
                f"{answer.status}: {text[:300]}",
                answer.status,
                float(wait) if wait.replace(".", "", 1).isdigit() else 0,
            )
    completion = _object(text)
    _count(line.used, choice, completion.get("usage"))
    try:
        content = completion["choices"][0]["message"]["content"]
    except (LookupError, TypeError) as error:
        raise _BadAnswerError("its answer has no words") from error
    if not isinstance(content, str):
        raise _BadAnswerError("it would not answer")
    return _object(content)


def _object(text: str) -> dict[str, Any]:
    """The JSON object in a text: models put it between fences, or words around it."""
    bare = _FENCE.sub("", text.strip())
    for part in (bare, bare[bare.find("{") : bare.rfind("}") + 1]):
        try:
            found = json.loads(part)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise _BadAnswerError("its answer is no JSON object")


def _count(used: list[Used], choice: ModelChoice, usage: Any) -> None:
    if not isinstance(usage, dict):
        return
    for unit, name in (("llm_input", "prompt_tokens"), ("llm_output", "completion_tokens")):
        amount = usage.get(name)
        if isinstance(amount, int) and amount > 0:
            used.append(
                Used.model_validate(
                    {"provider": choice.provider, "model": choice.model, "unit": unit, "amount": amount}
                )
            )
