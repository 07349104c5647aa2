"""Sarvam's speech recognition, through LiveKit's own plugin and by hand."""

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
from livekit import rtc
from livekit.agents import APIError, utils
from livekit.agents.stt import SpeechEvent, SpeechEventType, SpeechStream
from livekit.agents.types import APIConnectOptions
from livekit.plugins import sarvam

from local.sandbox import sound
from local.sandbox.say import speech_wav
from local.sandbox.script import SCRIPT
from tests.sandbox.conftest import Sandbox

RATE = 16000
KEY = {"api-subscription-key": "sandbox"}


@pytest_asyncio.fixture
async def livekit(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    module = "livekit.plugins.sarvam.stt"
    monkeypatch.setattr(f"{module}.SARVAM_STT_STREAMING_URL", sandbox.ws("sarvam/speech-to-text/ws"))
    monkeypatch.setattr(f"{module}.SARVAM_STT_BASE_URL", sandbox.url("sarvam/speech-to-text"))
    async with utils.http_context.open():
        yield


def utterance(language: str = "hi-IN", after: float = 0.8) -> bytes:
    """A spoken line with quiet around it, as a microphone gives it."""
    line = sound.read_wav(speech_wav(SCRIPT[language][1], language, "karun", RATE))[0]
    quiet = np.zeros(int(RATE * 0.4), dtype=np.int16)
    return np.concatenate([quiet, line, np.zeros(int(RATE * after), dtype=np.int16)]).astype("<i2").tobytes()


def ear(language: str = "hi-IN", **options: Any) -> sarvam.STT:
    return sarvam.STT(language=language, model="saaras:v3", api_key="sandbox", **options)


def push(stream: SpeechStream, pcm: bytes) -> None:
    for place in range(0, len(pcm), 1600):
        piece = pcm[place : place + 1600]
        stream.push_frame(rtc.AudioFrame(piece, RATE, 1, len(piece) // 2))


async def until(stream: SpeechStream, kind: SpeechEventType, limit: float = 4) -> list[SpeechEvent]:
    """Events up to the first of a kind."""
    events: list[SpeechEvent] = []
    async with asyncio.timeout(limit):
        async for event in stream:
            events.append(event)
            if event.type == kind:
                return events
    raise AssertionError(f"the stream ended after {events}")


@pytest.mark.asyncio
@pytest.mark.parametrize("language", ["hi-IN", "ta-IN", "or-IN", "en-IN"])
async def test_the_plugin_hears_start_end_and_the_script(sandbox: Sandbox, livekit: None, language: str) -> None:
    wire = language.replace("or-", "od-")
    stream = ear(wire).stream()
    heard = []
    for _line in range(2):
        push(stream, utterance(language))
        events = await until(stream, SpeechEventType.END_OF_SPEECH)
        final = next(event for event in events if event.type == SpeechEventType.FINAL_TRANSCRIPT)
        usage = next(event for event in events if event.type == SpeechEventType.RECOGNITION_USAGE)
        assert usage.recognition_usage is not None
        assert 1.5 < usage.recognition_usage.audio_duration < 6
        assert events[0].type == SpeechEventType.START_OF_SPEECH
        assert final.alternatives[0].language == wire
        assert final.alternatives[0].end_time > final.alternatives[0].start_time >= 0.3
        heard.append(final.alternatives[0].text)
    await stream.aclose()
    assert heard == list(SCRIPT[language][:2])
    entries = await sandbox.ledger("stt")
    events_seen = [entry["event"] for entry in entries if entry["event"] != "close"]
    assert events_seen == ["open", *["speech_start", "speech_end", "transcript"] * 2]


@pytest.mark.asyncio
async def test_ordered_words_are_heard_and_then_nothing(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order(hear=["पहला", {"text": "second", "language": "en-IN"}])
    stream = ear("unknown").stream()
    heard = []
    for _line in range(2):
        push(stream, utterance())
        events = await until(stream, SpeechEventType.END_OF_SPEECH)
        heard += [event.alternatives[0] for event in events if event.type == SpeechEventType.FINAL_TRANSCRIPT]
    push(stream, utterance())
    last = await until(stream, SpeechEventType.END_OF_SPEECH)
    await stream.aclose()
    assert [(each.text, each.language) for each in heard] == [("पहला", "hi-IN"), ("second", "en-IN")]
    assert [event.type for event in last] == [SpeechEventType.START_OF_SPEECH, SpeechEventType.END_OF_SPEECH]


@pytest.mark.asyncio
async def test_an_unknown_language_is_what_the_agent_speaks(sandbox: Sandbox, livekit: None) -> None:
    body = {"target_language_code": "te-IN", "speaker": "arya", "text": "నమస్కారం"}
    async with sandbox.http.post(sandbox.url("sarvam/text-to-speech"), json=body, headers=KEY) as answer:
        assert answer.status == 200
    stream = ear("unknown").stream()
    push(stream, utterance())
    events = await until(stream, SpeechEventType.FINAL_TRANSCRIPT)
    await stream.aclose()
    assert events[-1].alternatives[0].text == SCRIPT["te-IN"][0]


@pytest.mark.asyncio
async def test_the_plugin_recognizes_a_recording(sandbox: Sandbox, livekit: None) -> None:
    for pcm, text in ((utterance(), SCRIPT["hi-IN"][0]), (b"\0" * 32000, "")):
        event = await ear().recognize(rtc.AudioFrame(pcm, RATE, 1, len(pcm) // 2))
        assert event.alternatives[0].text == text


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["refuse_key", "rate_limit", "error", "refuse_model", "reset"])
async def test_a_fault_is_an_error_of_the_plugin(sandbox: Sandbox, livekit: None, kind: str) -> None:
    await sandbox.order(faults={"stt": {"kind": kind}}, hear=["जी"])
    stream = ear().stream()
    push(stream, utterance())
    with pytest.raises(APIError):
        await until(stream, SpeechEventType.FINAL_TRANSCRIPT)
    await stream.aclose()
    stream = ear().stream()
    push(stream, utterance())
    assert (await until(stream, SpeechEventType.FINAL_TRANSCRIPT))[-1].alternatives[0].text == "जी"
    await stream.aclose()


@pytest.mark.asyncio
async def test_a_fault_in_the_middle_of_a_call_is_told_on_the_socket(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order(faults={"stt": {"kind": "rate_limit", "after": 1}})
    stream = ear().stream()
    push(stream, utterance())
    await until(stream, SpeechEventType.END_OF_SPEECH)
    push(stream, utterance())
    with pytest.raises(APIError, match="429"):
        await until(stream, SpeechEventType.FINAL_TRANSCRIPT)
    await stream.aclose()


@pytest.mark.asyncio
async def test_a_polite_close_ends_the_stream_without_an_error(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order(faults={"stt": {"kind": "close"}})
    stream = ear().stream(conn_options=APIConnectOptions(max_retry=0))
    push(stream, utterance())
    with pytest.raises(AssertionError, match="the stream ended"):
        await until(stream, SpeechEventType.FINAL_TRANSCRIPT)
    await stream.aclose()


@pytest.mark.asyncio
@pytest.mark.parametrize(("kind", "signals"), [("hang", []), ("garbage", ["START_SPEECH", "END_SPEECH"])])
async def test_hang_and_garbage_bring_no_transcript(sandbox: Sandbox, kind: str, signals: list[str]) -> None:
    await sandbox.order(faults={"stt": {"kind": kind}})
    messages = await by_hand(sandbox, utterance())
    assert [json.loads(each)["data"]["signal_type"] for each in messages if "signal" in each] == signals
    assert not any("transcript" in each and each.endswith("}") for each in messages)


@pytest.mark.asyncio
async def test_drip_brings_a_word_at_a_time(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.sandbox.faults.DRIP_SECONDS", 0.1)
    await sandbox.order(faults={"stt": {"kind": "drip"}}, hear=["एक दो"])
    messages = await by_hand(sandbox, utterance())
    assert [json.loads(each)["data"].get("transcript") for each in messages] == [None, None, "एक", "दो"]


@pytest.mark.asyncio
async def test_a_socket_that_hears_nothing_is_closed_politely(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.sandbox.stt.IDLE_SECONDS", 0.1)
    async with sandbox.http.ws_connect(sandbox.ws("sarvam/speech-to-text/ws"), headers=KEY) as ws:
        assert (await ws.receive()).type == aiohttp.WSMsgType.CLOSE
        assert ws.close_code == 1000


@pytest.mark.asyncio
async def test_a_delay_is_kept(sandbox: Sandbox) -> None:
    await sandbox.order(delays={"stt": 300})
    before = time.monotonic()
    await by_hand(sandbox, utterance())
    assert 0.3 < time.monotonic() - before < 1.5


@pytest.mark.asyncio
async def test_without_vad_signals_only_the_transcript_comes(sandbox: Sandbox) -> None:
    messages = await by_hand(sandbox, utterance(), "vad_signals=false")
    assert [json.loads(each)["type"] for each in messages] == ["data"]


@pytest.mark.asyncio
async def test_weird_messages_are_answered_with_errors(sandbox: Sandbox) -> None:
    async with sandbox.http.ws_connect(sandbox.ws("sarvam/speech-to-text/ws"), headers=KEY) as ws:
        for bad in ("{", "[]", '"x"', '{"audio": 5}', '{"audio": {"data": "%%"}}', '{"audio": {"data": 7}}'):
            await ws.send_str(bad)
            assert (await ws.receive_json())["type"] == "error", bad
        await ws.send_str('{"audio": {"data": "AAA="}}')  # an odd number of bytes
        await ws.send_str('{"type": "end_of_stream"}')
        assert (await ws.receive()).type == aiohttp.WSMsgType.CLOSE


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("query", "key", "status"),
    [
        ("language-code=hi-IN", "wrong", 403),
        ("language-code=fr-FR", "sandbox", 400),
        ("language-code=hi-IN&model=retired-ears", "sandbox", 400),
        ("language-code=hi-IN&sample_rate=many", "sandbox", 400),
    ],
)
async def test_the_door_is_shut_to_what_the_provider_does_not_take(
    sandbox: Sandbox, query: str, key: str, status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await sandbox.http.ws_connect(
            sandbox.ws(f"sarvam/speech-to-text/ws?{query}"), headers={"api-subscription-key": key}
        )
    assert refused.value.status == status


@pytest.mark.asyncio
async def test_a_file_that_is_no_recording_is_refused(sandbox: Sandbox) -> None:
    for fields in ({}, {"file": "text"}, {"file": b"RIFFnothing"}):
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("model", "saaras:v3", content_type="text/plain")
        for name, value in fields.items():
            form.add_field(name, value, filename="a.wav" if isinstance(value, bytes) else None)
        async with sandbox.http.post(sandbox.url("sarvam/speech-to-text"), data=form, headers=KEY) as answer:
            assert answer.status == 400


async def by_hand(sandbox: Sandbox, pcm: bytes, query: str = "language-code=hi-IN&vad_signals=true") -> list[str]:
    """Every text message of a socket that gets some sound and then the end of the stream."""
    async with sandbox.http.ws_connect(sandbox.ws(f"sarvam/speech-to-text/ws?{query}"), headers=KEY) as ws:
        for place in range(0, len(pcm), 1600):
            audio = {"data": base64.b64encode(pcm[place : place + 1600]).decode(), "encoding": "audio/wav"}
            await ws.send_json({"audio": audio})
        await ws.send_json({"type": "end_of_stream", "audio": {"data": ""}})
        return [str(message.data) async for message in ws]
