"""Every fault of every provider in a conversation: the visitor is answered or told, nothing is said twice, the call goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import APIError

from agents.contract import ModelChoice
from agents.languages import LANGUAGES
from agents.worker import thinking, voice
from agents.worker.speech import make_mouth
from local.sandbox.script import SCRIPT
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import Web, make_claim, make_env, sandbox_settings, until
from tests.worker.stage import Loudspeaker, Microphone, Stage, conversing
from vaani.env import Env

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("plugins")]

APOLOGY = LANGUAGES["ta-IN"].apology
ANSWER = "பத்து மணிக்கு திறப்போம். நாளைக்கு வரலாமா?"
KINDS: list[dict[str, Any]] = [
    {"kind": "refuse_key"},
    {"kind": "rate_limit"},
    {"kind": "rate_limit", "retry_after": 20},
    {"kind": "error"},
    {"kind": "hang"},
    {"kind": "drip"},
    {"kind": "reset"},
    {"kind": "garbage"},
    {"kind": "close"},
]
each_kind = pytest.mark.parametrize("fault", KINDS, ids=lambda fault: "-".join(map(str, fault.values())))


@pytest.fixture
def env(sandbox: Sandbox, website: Web, redis_url: str, spool: Path) -> Env:
    return make_env(**sandbox_settings(sandbox), web_server_url=website.url, redis_url=redis_url, spool_dir=spool)


def failures(stage: Stage) -> list[str]:
    return [event.kind for event in stage.events() if event.kind.endswith("_failed")]


def agent_said(stage: Stage) -> list[str]:
    return [text for role, text in stage.turns() if role == "agent"][1:]


@each_kind
async def test_a_model_in_trouble(env: Env, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    claim = make_claim("ta-IN")
    await sandbox.order(str(claim.call_id), faults={"llm": fault}, replies=[ANSWER, "சரி."])
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("எப்போ திறப்பீங்க?")
        await until(lambda: agent_said(stage))
        await stage.types("ஹலோ?")
        await until(lambda: len(agent_said(stage)) == 2)
    first, second = agent_said(stage)
    assert first.endswith(APOLOGY)
    assert first.count("பத்து") <= 1
    assert second in (ANSWER, "சரி.")
    assert failures(stage) == ["llm_failed"]


async def test_another_provider_answers_in_place_of_one_that_hangs(env: Env, sandbox: Sandbox) -> None:
    models = [ModelChoice(provider="groq", model="a"), ModelChoice(provider="groq", model="b")]
    models.append(ModelChoice(provider="openai", model="c"))
    claim = make_claim("ta-IN", models=models)
    await sandbox.order(str(claim.call_id), faults={"llm": {"kind": "hang"}}, replies=[ANSWER])
    async with conversing(env, claim, sandbox, loudspeaker=Loudspeaker()) as stage:
        await until(lambda: len(stage.turns()) == 1)
        await stage.types("எப்போ திறப்பீங்க?")
        await until(lambda: agent_said(stage))
        asked = [entry["model"] for entry in await stage.asked("llm")]
    assert asked == ["a", "c"], "another model of a provider that hangs is not waited for"
    assert agent_said(stage) == [ANSWER]
    assert thinking.LINE_SECONDS < 3


@each_kind
async def test_a_voice_in_trouble(env: Env, sandbox: Sandbox, spool: Path, fault: dict[str, Any]) -> None:
    claim = make_claim("ta-IN")
    # The greeting and the apology that is kept go well.
    await sandbox.order(str(claim.call_id), faults={"tts": {**fault, "after": 2}}, replies=[ANSWER, "சரி."])
    speaker = Loudspeaker()
    async with conversing(env, claim, sandbox, loudspeaker=speaker) as stage:
        told = stage.page.told
        await until(lambda: len(stage.turns()) == 1)
        await until(lambda: list(spool.glob("clips/*.wav")), "for the apology to be kept")
        await stage.types("எப்போ திறப்பீங்க?")
        await until(lambda: told or ANSWER in agent_said(stage))
        if told:
            await until(lambda: APOLOGY in agent_said(stage), "for the apology to be heard")
        heard = speaker.seconds
        await stage.types("ஹலோ?")
        await until(lambda: "சரி." in agent_said(stage))
        await until(lambda: speaker.seconds > heard, "for the voice to be back")
        asked = [entry["text"] for entry in await stage.asked("tts")]
    assert {(notice["code"], notice["text"]) for notice in told} <= {("apology", APOLOGY)}
    assert set(failures(stage)) == {"provider_failed"}
    assert asked.count(APOLOGY) == 1, "the apology came from what was kept"


@each_kind
async def test_an_ear_in_trouble(env: Env, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    claim = make_claim("ta-IN")
    await sandbox.order(str(claim.call_id), faults={"stt": fault}, hear=["எப்போ?", "ஹலோ?"], replies=[ANSWER] * 4)
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:
        told = stage.page.told
        await until(lambda: len(stage.turns()) == 1)

        async def settled() -> bool:
            """Words came of it, or the visitor was told that none did."""
            return bool(told) or ("visitor" in dict(stage.turns()))

        microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
        await until(settled)

        async def answered() -> bool:
            if ANSWER not in agent_said(stage) and not microphone.speaking:
                microphone.say(SCRIPT["ta-IN"][0], "ta-IN")
            return ANSWER in agent_said(stage)

        await until(answered, "for the ear to be back")
    assert {notice["code"] for notice in told} <= {"not_heard"}
    # Slow words are words.
    assert failures(stage) == ([] if fault["kind"] == "drip" else ["provider_failed"])


async def test_a_clip_that_cannot_be_made_is_done_without(tmp_path: Path, sandbox: Sandbox) -> None:
    claim = make_claim()
    await sandbox.order(str(claim.call_id), faults={"tts": {"kind": "error", "times": 0}})
    mouth = voice_of(sandbox, claim)
    clips = voice.Clips(tmp_path / "clips", mouth, "m")
    await clips.keep("जी")
    assert clips.sound("जी") is None
    (tmp_path / "clips").mkdir(exist_ok=True)
    clips._path("जी").write_bytes(b"RIFF")
    assert clips.sound("जी") is None, "a broken file is no clip"
    await mouth.aclose()


async def test_a_voice_that_gives_little_sound_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "WINDOW_SECONDS", 0.2)
    monkeypatch.setattr(voice, "_LOOK_SECONDS", 0.02)

    async def nothing() -> Any:
        await asyncio.Event().wait()
        yield

    owed = False
    frames = voice.flowing(nothing(), lambda: owed)
    coming = asyncio.ensure_future(anext(frames))
    done, _pending = await asyncio.wait({coming}, timeout=0.5)
    assert not done, "nothing was asked of it yet"
    owed = True
    with pytest.raises(APIError):
        await asyncio.wait_for(coming, 20)


def voice_of(sandbox: Sandbox, claim: Any) -> Any:
    return make_mouth(make_env(**sandbox_settings(sandbox)), claim, LANGUAGES[claim.language])
