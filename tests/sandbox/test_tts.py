"""Sarvam's speech synthesis, through LiveKit's own plugin and by hand."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import numpy as np
import pytest
import pytest_asyncio
from livekit.agents import APIConnectionError, APIError, APIStatusError, APITimeoutError, utils
from livekit.agents.types import APIConnectOptions
from livekit.plugins import sarvam

from local.sandbox.speaking import LANGUAGES
from tests.sandbox.conftest import Sandbox

GREETING = "नमस्ते, मैं आशा बोल रही हूँ। बताइए, मैं आपकी क्या मदद कर सकती हूँ?"
ONCE = APIConnectOptions(max_retry=0, timeout=1.5)


@pytest_asyncio.fixture
async def livekit(sandbox: Sandbox) -> AsyncIterator[None]:
    async with utils.http_context.open():
        yield


def voice(sandbox: Sandbox, **options: Any) -> sarvam.TTS:
    asked: dict[str, Any] = {
        "target_language_code": "hi-IN",
        "model": "bulbul:v2",
        "speaker": "arya",
        "speech_sample_rate": 24000,
        "output_audio_codec": "linear16",
        "api_key": "sandbox",
        "base_url": sandbox.url("sarvam/text-to-speech"),
        "ws_url": sandbox.ws("sarvam/text-to-speech/ws"),
    }
    return sarvam.TTS(**(asked | options))


async def stream(
    tts: sarvam.TTS, *texts: str, options: APIConnectOptions = ONCE
) -> np.ndarray[Any, np.dtype[np.int16]]:
    pieces = []
    async with tts.stream(conn_options=options) as speech:
        for text in texts:
            speech.push_text(text)
        speech.end_input()
        pieces = [bytes(event.frame.data) async for event in speech]
    return np.frombuffer(b"".join(pieces), dtype="<i2")


@pytest.mark.asyncio
async def test_the_plugin_streams_a_greeting(sandbox: Sandbox, livekit: None) -> None:
    tts = voice(sandbox)
    for _turn in range(2):  # the second turn reuses the pooled socket
        samples = await stream(tts, GREETING)
        assert 3 < samples.size / 24000 < 8
        assert 15000 < np.abs(samples.astype(int)).max() <= 16384
    await tts.aclose()
    said = await sandbox.ledger("tts")
    assert " ".join(entry["text"] for entry in said[: len(said) // 2]) == GREETING
    assert {(entry["speaker"], entry["language"], entry["model"]) for entry in said} == {("arya", "hi-IN", "bulbul:v2")}
    assert sorted(entry["monotonic"] for entry in said) == [entry["monotonic"] for entry in said]
    assert abs(said[0]["at"] - time.time()) < 30


@pytest.mark.asyncio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_plugin_speaks_every_language(sandbox: Sandbox, livekit: None, language: str) -> None:
    tts = voice(sandbox, target_language_code=language.replace("or-IN", "od-IN"))
    assert (await stream(tts, GREETING)).size > 24000
    await tts.aclose()
    assert (await sandbox.ledger("tts"))[0]["language"] == language


@pytest.mark.asyncio
@pytest.mark.parametrize("codec", ["linear16", "wav"])
async def test_both_codecs_stream_and_synthesize(sandbox: Sandbox, livekit: None, codec: str) -> None:
    tts = voice(sandbox, output_audio_codec=codec, model="bulbul:v3", speaker="shubh")
    streamed = await stream(tts, GREETING)
    async with tts.synthesize(GREETING) as whole:
        frames = [bytes(event.frame.data) async for event in whole]
    await tts.aclose()
    assert streamed.size / 24000 == pytest.approx(len(b"".join(frames)) / 48000, 0.15)
    assert streamed.size > 60000


@pytest.mark.asyncio
async def test_the_language_and_speaker_change_between_turns(sandbox: Sandbox, livekit: None) -> None:
    tts = voice(sandbox)
    await stream(tts, "नमस्ते जी।")
    tts.update_options(target_language_code="ta-IN", speaker="karun")
    await stream(tts, "வணக்கம்.")
    await tts.aclose()
    said = await sandbox.ledger("tts")
    assert [(entry["language"], entry["speaker"]) for entry in said] == [("hi-IN", "arya"), ("ta-IN", "karun")]


@pytest.mark.asyncio
async def test_pieces_are_small_and_final_comes_last(sandbox: Sandbox) -> None:
    async with sandbox.http.ws_connect(
        sandbox.ws("sarvam/text-to-speech/ws?model=bulbul:v2"), headers={"api-subscription-key": "sandbox"}
    ) as ws:
        config = {"target_language_code": "hi-IN", "speaker": "Arya", "speech_sample_rate": 24000}
        await ws.send_json({"type": "ping"})
        assert (await ws.receive_json())["type"] == "pong"
        await ws.send_json({"type": "config", "data": {**config, "output_audio_codec": "linear16"}})
        await ws.send_json({"type": "text", "data": {"text": GREETING}})
        await ws.send_json({"type": "flush"})
        messages = [await ws.receive_json()]
        while messages[-1]["type"] == "audio":
            messages.append(await ws.receive_json())
        assert messages[-1]["data"]["event_type"] == "final"
        assert max(len(base64.b64decode(each["data"]["audio"])) for each in messages[:-1]) <= 4800
        for bad in ("{", "[]", '{"type":"dance"}', '{"type":"text","data":7}'):
            await ws.send_str(bad)
            assert (await ws.receive_json())["type"] == "error"
        await ws.send_json({"type": "flush"})
        assert (await ws.receive_json())["type"] == "event", "an empty utterance ends too"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"speaker": "shubh"}, 400),
        ({"target_language_code": "fr-FR"}, 400),
        ({"output_audio_codec": "mp3"}, 400),
        ({"speech_sample_rate": 12345}, 400),
        ({"pace": 9}, 400),
        ({"pace": "quick"}, 422),
        ({"model": "bulbul:v1"}, 400),
        ({"model": "retired-voice"}, 404),
        ({"text": " "}, 400),
        ({"text": "क" * 2600}, 400),
    ],
)
async def test_what_the_provider_would_not_take_is_refused(
    sandbox: Sandbox, wrong: dict[str, Any], status: int
) -> None:
    right = {"target_language_code": "hi-IN", "speaker": "arya", "model": "bulbul:v2", "text": "जी"}
    headers = {"api-subscription-key": "sandbox"}
    async with sandbox.http.post(sandbox.url("sarvam/text-to-speech"), json=right | wrong, headers=headers) as answer:
        assert answer.status == status
        assert (await answer.json())["error"]["message"]


@pytest.mark.asyncio
async def test_a_refused_speaker_reaches_the_plugin(sandbox: Sandbox, livekit: None) -> None:
    tts = voice(sandbox)
    tts._opts.speaker = "shubh"  # past the plugin's own check, as a voice retired since would be
    with pytest.raises(APIStatusError) as refused:
        await stream(tts, GREETING)
    assert refused.value.status_code == 400
    await tts.aclose()


@pytest.mark.asyncio
async def test_a_wrong_key_is_refused_at_the_door(sandbox: Sandbox, livekit: None) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await sandbox.http.ws_connect(sandbox.ws("sarvam/text-to-speech/ws"), headers={"api-subscription-key": "no"})
    assert refused.value.status == 403
    tts = voice(sandbox, api_key="no")
    with pytest.raises(APIConnectionError):
        await stream(tts, GREETING)
    await tts.aclose()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuse_key", APIConnectionError),
        ("rate_limit", APIConnectionError),
        ("error", APIConnectionError),
        ("refuse_model", APIConnectionError),
        ("hang", APITimeoutError),
        ("reset", APIError),
        ("garbage", APIError),
        ("close", APIError),
    ],
)
async def test_each_fault_reaches_the_plugin_once(
    sandbox: Sandbox, livekit: None, kind: str, error: type[Exception]
) -> None:
    await sandbox.order(faults={"tts": {"kind": kind}})
    tts = voice(sandbox)
    with pytest.raises(error):
        # Long enough to connect on a busy machine, which no fault may be taken for.
        await stream(tts, GREETING, options=APIConnectOptions(max_retry=0, timeout=2))
    # One retry: after a polite close the plugin hands its dead socket out once more.
    again = APIConnectOptions(max_retry=1, retry_interval=0.01, timeout=5)
    assert (await stream(tts, GREETING, options=again)).size > 60000
    await tts.aclose()


@pytest.mark.asyncio
async def test_a_fault_in_the_middle_of_a_call_is_told_on_the_socket(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order(faults={"tts": {"kind": "rate_limit", "after": 1}})
    tts = voice(sandbox)
    assert (await stream(tts, GREETING)).size > 60000
    with pytest.raises(APIStatusError) as refused:
        await stream(tts, GREETING)
    assert refused.value.status_code == 429
    await tts.aclose()


@pytest.mark.asyncio
async def test_drip_is_a_tiny_piece_at_a_time(sandbox: Sandbox) -> None:
    await sandbox.order(faults={"tts": {"kind": "drip"}})
    async with sandbox.http.ws_connect(
        sandbox.ws("sarvam/text-to-speech/ws"), headers={"api-subscription-key": "sandbox"}
    ) as ws:
        await ws.send_json(
            {"type": "config", "data": {"target_language_code": "hi-IN", "output_audio_codec": "linear16"}}
        )
        await ws.send_json({"type": "text", "data": {"text": GREETING}})
        assert len(base64.b64decode((await ws.receive_json())["data"]["audio"])) <= 442
        with pytest.raises(asyncio.TimeoutError):
            await ws.receive_json(timeout=0.3)


@pytest.mark.asyncio
async def test_a_delay_is_kept(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order(delays={"tts": 300})
    tts, before = voice(sandbox), time.monotonic()
    await stream(tts, GREETING)
    assert 0.3 < time.monotonic() - before < 1.2
    await tts.aclose()


@pytest.mark.asyncio
async def test_a_client_that_leaves_in_the_middle_does_no_harm(sandbox: Sandbox) -> None:
    headers = {"api-subscription-key": "sandbox"}
    for _ in range(3):
        ws = await sandbox.http.ws_connect(sandbox.ws("sarvam/text-to-speech/ws"), headers=headers)
        await ws.send_str(json.dumps({"type": "config", "data": {"target_language_code": "hi-IN"}}))
        await ws.send_str(json.dumps({"type": "text", "data": {"text": GREETING * 10}}))
        await ws.receive()
        await ws.close()
    async with sandbox.http.get(f"http://{sandbox.host}/health") as answer:
        assert answer.status == 200
