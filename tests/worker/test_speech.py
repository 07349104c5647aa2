"""Ears and mouth in every language, as Sarvam's own plugin speaks to the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from livekit import rtc
from livekit.agents import AgentSession, inference
from livekit.agents.stt import SpeechEventType

from agents.catalogue import VOICES
from agents.contract import TurnTaking
from agents.languages import LANGUAGES, from_sarvam
from agents.worker.speech import (
    OUTPUT_RATE,
    endpointing,
    make_ears,
    make_mouth,
    make_vad,
    turn_handling,
    vad_silence,
)
from local.sandbox.script import SCRIPT
from local.sandbox.server import address, make_app, start
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import PATIENCE, make_claim, make_env, sandbox_settings
from tests.worker.stage import Microphone

ALL = sorted(LANGUAGES)


async def spoken(sandbox: Sandbox, language: str, text: str, **changes: Any) -> tuple[bytes, dict[str, Any]]:
    """What the mouth says of a text, and what the provider was asked for."""
    claim = make_claim(language, **changes)
    mouth = make_mouth(make_env(**sandbox_settings(sandbox)), claim, LANGUAGES[language])
    pcm = b""
    async with asyncio.timeout(PATIENCE), mouth.stream() as stream:
        stream.push_text(text)
        stream.end_input()
        async for audio in stream:
            assert (audio.frame.sample_rate, audio.frame.num_channels) == (OUTPUT_RATE, 1)
            pcm += bytes(audio.frame.data)
    await mouth.aclose()
    (entry,) = await sandbox.ledger("tts", str(claim.call_id))
    return pcm, entry


@pytest.mark.asyncio
@pytest.mark.parametrize("language", ALL)
async def test_it_speaks_every_language(sandbox: Sandbox, plugins: None, language: str) -> None:
    pcm, asked = await spoken(sandbox, language, SCRIPT[language][1])
    assert len(pcm) > OUTPUT_RATE * 2, "more than a second of sound"
    assert max(pcm[1::2]) > 0
    assert (asked["language"], asked["speaker"], asked["model"]) == (language, "arya", "bulbul:v2")
    assert asked["text"] == SCRIPT[language][1]


@pytest.mark.asyncio
@pytest.mark.parametrize("voice", sorted(VOICES))
async def test_it_speaks_with_every_voice_of_the_catalogue(sandbox: Sandbox, plugins: None, voice: str) -> None:
    pcm, asked = await spoken(sandbox, "hi-IN", "जी।", voice=voice, tts_model=VOICES[voice].model)
    assert pcm
    assert (asked["speaker"], asked["model"]) == (voice, VOICES[voice].model)


@asynccontextmanager
async def overheard() -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    """A sandbox, and the queries of every request to it."""
    queries: list[dict[str, str]] = []

    @web.middleware
    async def listen(request: web.Request, handler: Any) -> web.StreamResponse:
        queries.append({"path": request.path, "key": request.headers.get("api-subscription-key", ""), **request.query})
        response: web.StreamResponse = await handler(request)
        return response

    app = make_app()
    app.middlewares.append(listen)
    runner = await start(0, app)
    yield address(runner), queries
    await runner.cleanup()


@pytest.mark.asyncio
@pytest.mark.parametrize("language", ALL)
async def test_it_hears_every_language_under_sarvams_own_name_for_it(plugins: None, language: str) -> None:
    claim = make_claim(language)
    async with overheard() as (host, queries):
        env = make_env(sarvam_api_key="sandbox", sarvam_base_url=f"http://{host}/{{call_id}}/sarvam")
        stream = make_ears(env, claim, LANGUAGES[language]).stream()
        microphone = Microphone()
        microphone.say(SCRIPT[language][1], language)
        heard = None
        async with asyncio.timeout(PATIENCE):
            speaking = asyncio.create_task(_feed(microphone, stream))
            async for event in stream:
                if event.type == SpeechEventType.FINAL_TRANSCRIPT:
                    heard = event.alternatives[0]
                    break
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        await stream.aclose()
    assert heard is not None
    assert (heard.text, from_sarvam(heard.language)) == (SCRIPT[language][0], language)
    (query,) = queries
    wire = "od-IN" if language == "or-IN" else language
    assert query["path"] == f"/{claim.call_id}/sarvam/speech-to-text/ws"
    assert {name: query[name] for name in ("language-code", "model", "mode", "key")} == {
        "language-code": wire,
        "model": "saaras:v3",
        "mode": "transcribe",
        "key": "sandbox",
    }


async def _feed(microphone: Microphone, stream: Any) -> None:
    async for frame in microphone:
        stream.push_frame(frame)


def test_odia_has_sarvams_name_on_the_wire_when_it_is_spoken_too() -> None:
    env = make_env(sarvam_api_key="sandbox")
    mouth = make_mouth(env, make_claim("or-IN"), LANGUAGES["or-IN"])
    assert mouth._opts.target_language_code == "od-IN"


def test_the_pace_staff_chose_is_the_pace_of_the_mouth() -> None:
    claim = make_claim()
    claim = claim.model_copy(update={"agent": claim.agent.model_copy(update={"pace": 1.3})})
    assert make_mouth(make_env(sarvam_api_key="sandbox"), claim, LANGUAGES["hi-IN"])._opts.pace == 1.3


@pytest.mark.asyncio
@pytest.mark.parametrize("code", ALL)
async def test_turns_are_judged_on_this_machine_in_every_language(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    # All that would make the framework prefer LiveKit's cloud.
    for name in ("LIVEKIT_DEV_MODE", "LIVEKIT_REMOTE_EOT_URL"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LIVEKIT_URL", "wss://vaani.livekit.cloud")
    monkeypatch.setenv("LIVEKIT_INFERENCE_URL", "https://agent-gateway.livekit.cloud/v1")
    monkeypatch.setenv("LIVEKIT_API_KEY", "key")
    monkeypatch.setenv("LIVEKIT_API_SECRET", "s" * 32)
    language = LANGUAGES[code]
    options, vad = turn_handling(language, TurnTaking()), make_vad(language)
    session: AgentSession[None] = AgentSession(vad=vad, turn_handling=options)
    detector = options["turn_detection"]
    if code in ("hi-IN", "en-IN"):
        assert isinstance(detector, inference.TurnDetector)
        assert detector.model == "turn-detector-v1-mini"
    else:
        assert detector == "vad"
    assert session.options.interruption["mode"] == "vad"
    resumes = session.options.interruption["false_interruption_timeout"]
    assert resumes is not None
    assert resumes + vad._opts.min_silence_duration < 1, "after a noise it goes on within a second"
    assert vad.model == "silero"


def test_languages_the_detector_does_not_know_wait_a_little_longer_for_silence() -> None:
    waits = {
        code: (vad_silence(language), round(endpointing(language, TurnTaking())["min_delay"], 2))
        for code, language in LANGUAGES.items()
    }
    known = {"hi-IN", "en-IN"}
    assert {waits[code] for code in known} == {(0.3, 0.3)}
    assert {wait for code, wait in waits.items() if code not in known} == {(0.45, 0.5)}


def test_the_agents_own_settings_count() -> None:
    calm = turn_handling(LANGUAGES["hi-IN"], TurnTaking(extra_wait=1, stop_after=0.9))
    assert calm["endpointing"] == {"mode": "fixed", "min_delay": 1.1, "max_delay": 3.3}
    assert calm["interruption"]["min_duration"] == 0.9


@pytest.mark.parametrize(("languages", "asked"), [(["or-IN"], "od-IN"), (["or-IN", "hi-IN"], "unknown")])
def test_an_agent_of_several_languages_hears_them_all(languages: list[str], asked: str) -> None:
    claim = make_claim("or-IN")
    claim = claim.model_copy(update={"agent": claim.agent.model_copy(update={"languages": languages})})
    assert make_ears(make_env(sarvam_api_key="sandbox"), claim, LANGUAGES["or-IN"])._opts.language == asked


@pytest.mark.asyncio
async def test_silence_is_no_speech(sandbox: Sandbox, plugins: None) -> None:
    claim = make_claim()
    stream = make_ears(make_env(**sandbox_settings(sandbox)), claim, LANGUAGES["hi-IN"]).stream()
    stream.push_frame(rtc.AudioFrame(b"\0" * 64_000, 16_000, 1, 32_000))
    stream.end_input()
    async with asyncio.timeout(PATIENCE):
        events = [event.type async for event in stream]
    await stream.aclose()
    assert SpeechEventType.FINAL_TRANSCRIPT not in events
