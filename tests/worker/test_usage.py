"""What a job says it used of its providers, against what the providers were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from livekit.agents.llm import CompletionUsage

from agents.contract import USAGE_EVENT, EventMessage, ModelChoice
from agents.languages import LANGUAGES
from agents.worker.usage import Usage
from local.sandbox.script import SCRIPT
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import Web, make_claim, make_env, sandbox_settings, until
from tests.worker.stage import Loudspeaker, Microphone, Stage, conversing

MIND = ModelChoice(provider="groq", model="openai/gpt-oss-120b")
OTHER = ModelChoice(provider="openai", model="gpt-4.1-mini")


def told(stage: Stage) -> dict[tuple[str, str, str], float]:
    """The last sums that the job told."""
    tellings = [each for each in stage.recorded() if isinstance(each, EventMessage) and each.kind == USAGE_EVENT]
    lines = tellings[-1].detail["lines"]
    return {(line["provider"], line["model"], line["unit"]): line["amount"] for line in lines}


@pytest.mark.asyncio
@pytest.mark.usefixtures("plugins")
async def test_a_call_tells_what_each_provider_did_for_it(
    sandbox: Sandbox, website: Web, redis_url: str, spool: Path
) -> None:
    env = make_env(**sandbox_settings(sandbox), web_server_url=website.url, redis_url=redis_url, spool_dir=spool)
    claim = make_claim("ta-IN", models=[MIND, OTHER])
    refusing = {"llm": {"kind": "refuse_model"}}  # the first of the line, which then costs nothing
    await sandbox.order(str(claim.call_id), hear=["எப்போ திறப்பீங்க?"], replies=["பத்து மணிக்கு."], faults=refusing)
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
        await until(lambda: stage.turn("பத்து மணிக்கு.") is not None)
        apology = LANGUAGES["ta-IN"].apology  # made beside the conversation, once for all calls
        spoken = [entry["text"] for entry in await stage.asked("tts") if entry["text"] != apology]
    sums = told(stage)
    assert set(sums) == {
        ("sarvam", "saaras:v3", "stt_seconds"),
        ("sarvam", "bulbul:v2", "tts_characters"),
        ("openai", "gpt-4.1-mini", "llm_input"),
        ("openai", "gpt-4.1-mini", "llm_output"),
    }
    assert 0.5 < sums["sarvam", "saaras:v3", "stt_seconds"] < 10
    said, slack = len("".join(spoken)), 2 * len(spoken)  # spaces between sentences
    assert sums["sarvam", "bulbul:v2", "tts_characters"] in (
        pytest.approx(said, abs=slack),
        pytest.approx(said + len(apology), abs=slack),
    )
    assert sums["openai", "gpt-4.1-mini", "llm_input"] > 100
    assert [message.n for message in stage.recorded()][-1] == stage.ended().n


def test_tokens_from_a_cache_are_told_apart_and_sums_only_when_they_grew() -> None:
    reports: list[tuple[str, dict[str, Any]]] = []
    usage = Usage(lambda kind, detail: reports.append((kind, detail)))
    usage.tell()
    assert reports == []
    for _ in range(2):
        usage.thought(
            MIND, CompletionUsage(completion_tokens=5, prompt_tokens=100, prompt_cached_tokens=60, total_tokens=105)
        )
    usage.tell()
    usage.tell()
    ((kind, detail),) = reports
    assert kind == USAGE_EVENT
    assert {line["unit"]: line["amount"] for line in detail["lines"]} == {
        "llm_input": 80,
        "llm_cached_input": 120,
        "llm_output": 10,
    }
