"""The line of language models against the sandbox: who is asked, who answers, and what is said of the failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp import web
from livekit.agents import NOT_GIVEN, APIError, llm

from agents.contract import ModelChoice
from agents.worker import thinking
from agents.worker.thinking import LanguageModels, NoModelAnsweredError
from local.sandbox.faults import DRIP_SECONDS
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import PATIENCE, Web, make_env, sandbox_settings

pytestmark = pytest.mark.asyncio

GONE = ModelChoice(provider="groq", model="llama-3.3-70b-versatile")
FIRST = ModelChoice(provider="groq", model="openai/gpt-oss-120b", extra={"reasoning_effort": "low"})
SECOND = ModelChoice(provider="openai", model="gpt-4.1-mini")


class Line:
    """A line of models, and what it reported."""

    def __init__(self, *choices: ModelChoice, sandbox: Sandbox, call_id: str, **settings: Any) -> None:
        self.heard: list[str] = []
        self.reports: list[tuple[str, str]] = []
        self.details: list[dict[str, Any]] = []
        env = make_env(**{**sandbox_settings(sandbox), **settings})
        self.models = LanguageModels(env, list(choices), call_id=call_id, temperature=0.4, report=self._report)
        self._all = [candidate.model for candidate in self.models._line]
        self._sandbox, self._call = sandbox, call_id

    def _report(self, kind: str, detail: dict[str, Any]) -> None:
        self.reports.append((kind, detail["model"]))
        self.details.append(detail)

    async def says(self) -> str:
        """The whole reply; `heard` keeps what came of one that broke off."""
        self.heard = []
        context = llm.ChatContext.empty()
        context.add_message(role="system", content="You are Asha. Speak Hindi (hi-IN).")
        async with asyncio.timeout(PATIENCE):
            async for chunk in self.models.answer(context, [], NOT_GIVEN):
                if chunk.delta and chunk.delta.content:
                    self.heard.append(chunk.delta.content)
        return "".join(self.heard)

    async def asked(self) -> list[str]:
        """Names of the models the sandbox was asked for, in order."""
        return [entry["model"] for entry in await self._sandbox.ledger("llm", self._call)]

    async def aclose(self) -> None:
        for model in self._all:
            await model.aclose()


class Lines:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.call_id = str(uuid4())
        self._made: list[Line] = []

    def __call__(self, *choices: ModelChoice, **settings: Any) -> Line:
        self._made.append(Line(*choices, sandbox=self._sandbox, call_id=self.call_id, **settings))
        return self._made[-1]

    async def order(self, **orders: Any) -> None:
        await self._sandbox.order(self.call_id, **orders)

    async def aclose(self) -> None:
        for line in self._made:
            await line.aclose()


@pytest_asyncio.fixture
async def line(sandbox: Sandbox, plugins: None) -> AsyncIterator[Lines]:
    lines = Lines(sandbox)
    yield lines
    await lines.aclose()


async def test_the_first_model_answers_and_no_other_is_asked(line: Lines) -> None:
    await line.order(replies=["पहला जवाब।"])
    models = line(FIRST, SECOND)
    assert await models.says() == "पहला जवाब।"
    assert await models.asked() == [FIRST.model]
    assert models.reports == []


async def test_a_refused_models_successor_answers_in_the_same_turn_and_it_is_not_asked_again(line: Lines) -> None:
    await line.order(replies=["एक।", "दो।"])
    models = line(GONE, FIRST)
    assert await models.says() == "एक।"
    assert await models.says() == "दो।"
    assert await models.asked() == [GONE.model, FIRST.model, FIRST.model]
    assert models.reports == [("model_refused", GONE.model)]
    assert models.details[0]["provider"] == "groq"
    assert "does not exist" in models.details[0]["message"]
    assert models.models.first.model == FIRST.model


@pytest.mark.parametrize("kind", ["refuse_key", "rate_limit", "error", "garbage"])
async def test_a_model_that_fails_is_passed_over_for_this_turn_only(line: Lines, kind: str) -> None:
    await line.order(faults={"llm": {"kind": kind}})
    models = line(FIRST, SECOND)
    assert await models.says()
    assert await models.says()
    assert await models.asked() == [FIRST.model, SECOND.model, FIRST.model]
    assert models.reports == [("llm_failed", FIRST.model)]


async def test_a_model_that_hangs_is_passed_over_when_its_time_is_up(
    line: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinking, "FIRST_TOKEN_SECONDS", 0.5)
    await line.order(faults={"llm": {"kind": "hang"}})
    models = line(FIRST, SECOND)
    assert await models.says()
    assert await models.asked() == [FIRST.model, SECOND.model]
    assert models.reports == [("llm_failed", FIRST.model)]


async def test_a_model_that_begins_in_time_may_take_its_time(line: Lines) -> None:
    assert thinking.FIRST_TOKEN_SECONDS > 2 * DRIP_SECONDS
    await line.order(faults={"llm": {"kind": "drip"}}, replies=["एक दो"])
    models = line(FIRST, SECOND)
    assert await models.says() == "एक दो"
    assert models.reports == []


async def test_a_drip_slower_than_the_first_word_may_be_is_passed_over(
    line: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinking, "FIRST_TOKEN_SECONDS", DRIP_SECONDS / 2)
    await line.order(faults={"llm": {"kind": "drip"}})
    models = line(FIRST, SECOND)
    assert await models.says()
    assert await models.asked() == [FIRST.model, SECOND.model]


async def test_a_provider_that_only_keeps_the_line_alive_is_passed_over(
    line: Lines, website: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinking, "FIRST_TOKEN_SECONDS", 0.5)

    async def keep_alive(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:  # until the client has gone
            await response.write(b": still thinking\n\n")
            await asyncio.sleep(0.05)

    website.answers = [keep_alive]
    models = line(FIRST, SECOND, groq_base_url=website.url)
    assert await models.says()
    assert models.reports == [("llm_failed", FIRST.model)]


async def test_a_reply_that_breaks_off_in_the_middle_is_not_said_again_by_another(line: Lines) -> None:
    await line.order(faults={"llm": {"kind": "reset"}}, replies=["एक दो तीन चार"])
    models = line(FIRST, SECOND)
    with pytest.raises(APIError):
        await models.says()
    assert "".join(models.heard).startswith("एक")
    assert await models.asked() == [FIRST.model]
    assert models.reports == [("llm_failed", FIRST.model)]


async def test_an_empty_stream_is_no_answer(line: Lines, website: Web) -> None:
    website.answers = [web.Response(text="data: [DONE]\n\n", content_type="text/event-stream")]
    models = line(FIRST, SECOND, groq_base_url=website.url)
    assert await models.says()
    assert len(website.asked) == 1
    assert models.reports == [("llm_failed", FIRST.model)]


async def test_when_none_answers_it_says_so_after_asking_each_once(line: Lines) -> None:
    await line.order(faults={"llm": {"kind": "error", "times": 0}})
    models = line(FIRST, SECOND)
    with pytest.raises(NoModelAnsweredError):
        await models.says()
    assert await models.asked() == [FIRST.model, SECOND.model]
    assert models.reports == [("llm_failed", FIRST.model), ("llm_failed", SECOND.model)]


async def test_a_line_of_none_answers_nothing(line: Lines) -> None:
    models = line()
    assert models.models.first.model == "none"
    with pytest.raises(NoModelAnsweredError):
        await models.says()


async def test_the_fields_a_model_wants_are_in_its_requests_and_in_no_others(line: Lines, website: Web) -> None:
    website.answers = [web.Response(status=500), web.Response(status=500)]
    models = line(FIRST, SECOND, groq_base_url=website.url, openai_base_url=website.url)
    with pytest.raises(NoModelAnsweredError):
        await models.says()
    (_, path, first), (_, _, second) = website.asked
    assert path == "/chat/completions"
    assert (first["model"], first["reasoning_effort"], first["temperature"]) == (FIRST.model, "low", 0.4)
    assert "reasoning_effort" not in second
