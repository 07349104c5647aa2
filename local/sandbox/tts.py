"""Sarvam's speech synthesis on its own wire: the pooled web socket that a call uses, and the REST endpoint."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from local.sandbox import faults, sound, speaking
from local.sandbox.control import BOOK
from local.sandbox.ledger import CallFile
from local.sandbox.orders import Fault
from local.sandbox.voices import DEFAULT_SPEAKERS, MODELS, Voice

log = logging.getLogger(__name__)

CHUNK_MS = 100
DRIP_MS = 10
_CODECS = ("linear16", "wav")


class _Refused(Exception):
    """The provider would not take this request; `status` is the HTTP status it would say so with."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class _Manner:
    """How a text is to be spoken, checked."""

    voice: Voice
    model: str
    language: str
    rate: int
    pace: float
    codec: str


def _manner(asked: dict[str, Any], model: str) -> _Manner:
    """Check what the client asked for, as the provider does. Raises `_Refused`."""
    model = str(asked.get("model") or model)
    if model not in MODELS:
        raise _Refused(404 if model.startswith("retired-") else 400, f"Model {model} is not available")
    speaker = str(asked.get("speaker") or DEFAULT_SPEAKERS[model])
    voice = MODELS[model].get(speaker.lower())
    if voice is None:
        raise _Refused(400, f"Speaker '{speaker}' is not compatible with model {model}. Use {', '.join(MODELS[model])}")
    language = speaking.bcp47(str(asked.get("target_language_code") or ""))
    if language not in speaking.LANGUAGES:
        raise _Refused(400, f"target_language_code must be one of {', '.join(speaking.LANGUAGES)}")
    codec = str(asked.get("output_audio_codec") or "wav")
    if codec not in _CODECS:
        raise _Refused(400, f"The sandbox speaks {' and '.join(_CODECS)}, not output_audio_codec {codec}")
    try:
        rate, pace = int(asked.get("speech_sample_rate") or 22050), float(asked.get("pace") or 1.0)
    except (TypeError, ValueError) as error:
        raise _Refused(422, f"speech_sample_rate and pace must be numbers: {error}") from error
    if rate not in speaking.RATES:
        raise _Refused(400, f"speech_sample_rate must be one of {speaking.RATES}")
    if not speaking.MIN_PACE <= pace <= speaking.MAX_PACE:
        raise _Refused(400, f"pace must be between {speaking.MIN_PACE} and {speaking.MAX_PACE}")
    return _Manner(voice, model, language, rate, pace, codec)


def _write(call: CallFile, text: str, manner: _Manner, fault: Fault | None) -> dict[str, Any]:
    call.last_language = manner.language
    return call.write(
        "tts",
        text=text,
        speaker=manner.voice.speaker,
        language=manner.language,
        model=manner.model,
        fault=fault.kind if fault else None,
    )


async def _speak(text: str, manner: _Manner, entry: dict[str, Any]) -> bytes:
    if len(text) > speaking.LONGEST_TEXT:
        raise _Refused(400, f"text must be {speaking.LONGEST_TEXT} characters or fewer")
    pcm = await speaking.speak(text, manner.language, manner.voice, manner.rate, manner.pace)
    entry["seconds"] = round(len(pcm) / 2 / manner.rate, 3)
    return pcm


def _refusal(call: CallFile, request: web.Request) -> web.Response | None:
    if refused := faults.sarvam_refusal(request):
        return refused
    if fault := faults.take_at_door(call, "tts"):
        call.write("tts", event="refused", fault=fault.kind)
        return faults.sarvam_fault(fault)
    return None


async def socket(request: web.Request) -> web.StreamResponse:
    """`GET /{call_id}/sarvam/text-to-speech/ws`."""
    call = request.app[BOOK].open(request.match_info["call_id"])
    if refused := _refusal(call, request):
        log.info("tts socket call=%s refused status=%s", call.call_id, refused.status)
        return refused
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    mouth = _Mouth(request, ws, call, request.query.get("model", "bulbul:v2"))
    talking = asyncio.create_task(mouth.talk())
    try:
        async for message in ws:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                await mouth.take(message.data)
    except ConnectionError:
        log.debug("tts socket call=%s broke", call.call_id)
    finally:
        # First the log: a client that breaks off cancels this handler, and then an await may not return.
        log.info("tts socket call=%s utterances=%d code=%s", call.call_id, mouth.utterances, ws.close_code)
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
    return ws


@dataclass
class _Utterance:
    """What lies between one flush and the next."""

    fault: Fault | None
    begun: bool = False  # its first sound has gone out
    over: bool = False  # it was refused or spoilt: the rest of its text is not spoken


class _Mouth:
    """One open socket. Each text is spoken as soon as it comes; `flush` says that the utterance is complete."""

    def __init__(self, request: web.Request, ws: web.WebSocketResponse, call: CallFile, model: str) -> None:
        self.utterances = 0
        self._request = request
        self._ws = ws
        self._call = call
        self._model = model
        self._asked: dict[str, Any] = {}
        self._jobs: asyncio.Queue[tuple[dict[str, Any], str | None]] = asyncio.Queue()

    async def take(self, data: str | bytes) -> None:
        """Take one message of the client."""
        try:
            message = json.loads(data)
            kind, body = message.get("type"), message.get("data") or {}
            text = str(body.get("text") or "") if kind == "text" else None
        except (ValueError, AttributeError) as error:
            await self._error(422, f"Invalid message: {error}")
            return
        if kind == "config":
            self._asked = dict(body)
        elif kind in ("text", "flush"):
            await self._jobs.put((self._asked, text))
        elif kind == "ping":
            await self._send({"type": "pong"})
        else:
            await self._error(422, f"Unknown message type: {kind}")

    async def talk(self) -> None:
        """Speak what was asked for, in order, until the socket is closed."""
        utterance: _Utterance | None = None
        try:
            while True:
                asked, text = await self._jobs.get()
                if text is None:
                    await self._end(utterance)
                    utterance = None
                    continue
                if utterance is None:
                    utterance = _Utterance(faults.take(self._call, "tts"))
                    self.utterances += 1
                if not utterance.over:
                    await self._say(text, asked, utterance)
        except ConnectionError:
            log.debug("tts socket call=%s broke while speaking", self._call.call_id)

    async def _say(self, text: str, asked: dict[str, Any], utterance: _Utterance) -> None:
        try:
            manner = _manner(asked, self._model)
            pcm = await _speak(text, manner, _write(self._call, text, manner, utterance.fault))
        except _Refused as refused:
            utterance.over = True
            await self._error(refused.status, str(refused))
            return
        if not utterance.begun:
            await asyncio.sleep(self._call.delay("tts"))
        if utterance.fault is not None and await self._misbehave(utterance.fault):
            utterance.over = True
            return
        if manner.codec == "wav" and not utterance.begun:
            await self._audio(sound.wav_stream_header(manner.rate))
        utterance.begun = True
        drip = utterance.fault is not None and utterance.fault.kind == "drip"
        size = manner.rate * (DRIP_MS if drip else CHUNK_MS) // 1000 * 2
        for place in range(0, len(pcm), size):
            await self._audio(pcm[place : place + size])
            if drip:
                await asyncio.sleep(faults.DRIP_SECONDS)
            if utterance.fault is not None and utterance.fault.kind == "reset":
                faults.abort(self._request)
                utterance.over = True
                return

    async def _misbehave(self, fault: Fault) -> bool:
        """Spoil an utterance; False when its sound is to be sent all the same."""
        if fault.kind in faults.STATUS:
            await self._error(faults.sarvam_status(fault), faults.MESSAGES[fault.kind])
        elif fault.kind == "hang":
            await faults.hang()
        elif fault.kind == "close":
            await self._ws.close(code=1000)
        elif fault.kind == "garbage":
            await self._ws.send_str('{"type": "audio", "data": {"audio": "%%%')
        return fault.kind not in ("drip", "reset")

    async def _end(self, utterance: _Utterance | None) -> None:
        refused = utterance is not None and utterance.over
        spoilt = utterance is not None and utterance.fault is not None and utterance.fault.kind == "garbage"
        if not refused or spoilt:
            await self._send({"type": "event", "data": {"event_type": "final", "request_id": faults.request_id()}})

    async def _audio(self, piece: bytes) -> None:
        await self._send({"type": "audio", "data": {"audio": base64.b64encode(piece).decode()}})

    async def _error(self, status: int, message: str) -> None:
        data = {"message": f"{status}: {message}", "code": status, "request_id": faults.request_id()}
        await self._send({"type": "error", "data": data})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._ws.send_str(json.dumps(message, ensure_ascii=False))


async def synthesize(request: web.Request) -> web.StreamResponse:
    """`POST /{call_id}/sarvam/text-to-speech`: the whole sound of a text, base64 in JSON."""
    call = request.app[BOOK].open(request.match_info["call_id"])
    if refused := _refusal(call, request):
        return refused
    try:
        asked = json.loads(await request.text())
        manner = _manner(asked, "bulbul:v2")
        text = str(asked.get("text") or "")
        if not text.strip():
            raise _Refused(400, "text must not be empty")
        fault = faults.take(call, "tts")
        pcm = await _speak(text, manner, _write(call, text, manner, fault))
    except _Refused as no:
        return faults.sarvam_error(no.status, str(no), "invalid_request_error")
    except (ValueError, AttributeError) as error:
        return faults.sarvam_error(422, f"The body is not a JSON object: {error}", "unprocessable_entity_error")
    await asyncio.sleep(call.delay("tts"))
    kind = fault.kind if fault else None
    if kind == "hang":
        await faults.hang()
    if kind == "drip":
        await asyncio.sleep(faults.DRIP_SECONDS)
    elif kind == "garbage":
        return web.Response(text='{"audios": ["', content_type="application/json")
    elif kind:
        faults.abort(request)
    audio = sound.wav(pcm, manner.rate) if manner.codec == "wav" else pcm
    return web.json_response({"request_id": faults.request_id(), "audios": [base64.b64encode(audio).decode()]})
