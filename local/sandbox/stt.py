"""Sarvam's speech recognition on its own wire: the web socket that a call uses, and the REST endpoint.

It hears where speech starts and ends in the sound itself; what was said comes from the call's orders or the script.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from local.sandbox import faults, sound
from local.sandbox.control import BOOK
from local.sandbox.hearing import Ended, SpeechDetector, Started
from local.sandbox.ledger import CallFile
from local.sandbox.orders import Fault, HeardLine
from local.sandbox.phrases import DEFAULT_LANGUAGE
from local.sandbox.script import SCRIPT
from local.sandbox.speaking import LANGUAGES, bcp47

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0  # without a message the socket is closed, politely: a muted microphone sends none
_RATES = (8000, 16000, 22050, 24000, 44100, 48000)


def next_words(call: CallFile, asked_language: str) -> HeardLine | None:
    """What is heard at the next end of speech: the ordered words, else the script's; None when they are used up."""
    language = _language(call, asked_language)
    ordered = call.order("hear")
    line = call.next_of("hear", ordered if ordered is not None else SCRIPT[language])
    if line is None:
        return None
    heard = line if isinstance(line, HeardLine) else HeardLine(text=line)
    return HeardLine(text=heard.text, language=heard.language or language)


def _language(call: CallFile, asked: str) -> str:
    """The language of a call. Told to find out for itself (`unknown`), a provider would hear what the agent speaks."""
    if asked in LANGUAGES:
        return asked
    return call.order("language") or call.last_language or DEFAULT_LANGUAGE


def _wire_language(language: str | None) -> str:
    return "od-IN" if language == "or-IN" else language or DEFAULT_LANGUAGE


def _refusal(call: CallFile, request: web.Request, model: str, language: str, rate: int) -> web.Response | None:
    """Sarvam's answer to a key, model, language or rate it does not take."""
    if refused := faults.sarvam_refusal(request):
        return refused
    if fault := faults.take_at_door(call, "stt"):
        call.write("stt", event="refused", fault=fault.kind)
        return faults.sarvam_fault(fault)
    if model.startswith("retired-"):
        return faults.sarvam_error(400, f"Model {model} is not available", "invalid_request_error")
    if language != "unknown" and language not in LANGUAGES:
        return faults.sarvam_error(400, f"Language {language} is not supported", "invalid_request_error")
    if rate not in _RATES:
        return faults.sarvam_error(400, f"sample_rate must be one of {_RATES}", "invalid_request_error")
    return None


async def socket(request: web.Request) -> web.StreamResponse:
    """`GET /{call_id}/sarvam/speech-to-text/ws`."""
    call = request.app[BOOK].open(request.match_info["call_id"])
    model = request.query.get("model", "saaras:v3")
    language = bcp47(request.query.get("language-code", "unknown"))
    asked_rate = request.query.get("sample_rate", "16000")
    rate = int(asked_rate) if asked_rate.isdecimal() else 0
    if refused := _refusal(call, request, model, language, rate):
        log.info("stt socket call=%s refused status=%s", call.call_id, refused.status)
        return refused
    ws = web.WebSocketResponse(receive_timeout=IDLE_SECONDS)
    await ws.prepare(request)
    call.write("stt", event="open", model=model, language=language)
    ear = _Ear(request, ws, call, language, rate, request.query.get("vad_signals", "").lower() == "true")
    answering = asyncio.create_task(ear.answer())
    try:
        async for message in ws:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) and not await ear.take(message.data):
                await ear.finish()
                await answering
                await ws.close()
    except TimeoutError:
        await ws.close()
    except ConnectionError:
        log.debug("stt socket call=%s broke", call.call_id)
    finally:
        # First the ledger: a client that breaks off cancels this handler, and then an await may not return.
        call.write("stt", event="close", code=ws.close_code)
        log.info("stt socket call=%s language=%s seconds=%.1f", call.call_id, language, ear.detector.heard)
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    return ws


@dataclass
class _Utterance:
    spoken: Ended
    fault: Fault | None


class _Ear:
    """One open socket. Signals go out as they are heard; transcripts from a task, so that a slow one stops nothing."""

    def __init__(
        self, request: web.Request, ws: web.WebSocketResponse, call: CallFile, language: str, rate: int, signals: bool
    ) -> None:
        self.detector = SpeechDetector(rate)
        self._request = request
        self._ws = ws
        self._call = call
        self._language = language
        self._signals = signals
        self._billed = 0.0
        self._deaf = False
        self._fault: Fault | None = None
        self._ended: asyncio.Queue[_Utterance | None] = asyncio.Queue()

    async def take(self, data: str | bytes) -> bool:
        """Take one message of the client; False when it was the last."""
        try:
            message = json.loads(data)
            audio = message.get("audio") or {}
            pcm = base64.b64decode(audio.get("data") or "", validate=True)
            kind = message.get("type")
        except (ValueError, AttributeError, TypeError, binascii.Error) as error:
            await self._send({"type": "error", "data": {"error": f"Invalid message: {error}", "code": "422"}})
            return True
        for event in self.detector.feed(pcm):
            await self._happened(event)
        if kind in ("flush", "end_of_stream") and (ended := self.detector.finish()):
            await self._happened(ended)
        return bool(kind != "end_of_stream")

    async def finish(self) -> None:
        """No more sound will come: let the answers that are due run out."""
        await self._ended.put(None)

    async def _happened(self, event: Started | Ended) -> None:
        if self._deaf:
            if isinstance(event, Ended):
                self._call.write("stt", event="fault", fault="hang")
            return
        if isinstance(event, Started):
            self._fault = faults.take(self._call, "stt")
            self._deaf = self._fault is not None and self._fault.kind == "hang"
        started = isinstance(event, Started)
        name = "speech_start" if started else "speech_end"
        at = event.at if isinstance(event, Started) else event.end
        self._call.write("stt", event=name, seconds=round(at, 2))
        if self._deaf:
            return
        if self._signals:
            await self._send(_signal("START_SPEECH" if started else "END_SPEECH"))
        if isinstance(event, Ended):
            await self._ended.put(_Utterance(event, self._fault))

    async def answer(self) -> None:
        """Answer the utterances one after another, until there are no more."""
        try:
            while (utterance := await self._ended.get()) is not None:
                await asyncio.sleep(self._call.delay("stt"))
                if utterance.fault is None:
                    await self._transcript(utterance.spoken)
                else:
                    await self._misbehave(utterance.fault, utterance.spoken)
        except ConnectionError:
            log.debug("stt socket call=%s broke while answering", self._call.call_id)

    async def _transcript(self, spoken: Ended, slowly: bool = False) -> None:
        heard = next_words(self._call, self._language)
        if heard is None:
            return
        duration, self._billed = self.detector.heard - self._billed, self.detector.heard
        for piece in heard.text.split() if slowly else [heard.text]:
            if slowly:
                await asyncio.sleep(faults.DRIP_SECONDS)
            self._call.write("stt", event="transcript", text=piece, language=heard.language)
            await self._send({"type": "data", "data": _data(piece, heard.language, spoken, duration)})
            duration = 0.0

    async def _misbehave(self, fault: Fault, spoken: Ended) -> None:
        self._call.write("stt", event="fault", fault=fault.kind)
        if fault.kind == "drip":
            await self._transcript(spoken, slowly=True)
        elif fault.kind == "reset":
            faults.abort(self._request)
        elif fault.kind == "close":
            await self._ws.close(code=1000)
        elif fault.kind == "garbage":
            await self._ws.send_str('{"type": "data", "data": {"transcript"')
        else:
            status = faults.sarvam_status(fault)
            await self._send({"type": "error", "data": {"error": faults.MESSAGES[fault.kind], "code": status}})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._ws.send_str(json.dumps(message, ensure_ascii=False))


def _signal(name: str) -> dict[str, Any]:
    return {"type": "events", "data": {"signal_type": name, "request_id": faults.request_id()}}


def _data(text: str, language: str | None, spoken: Ended, duration: float) -> dict[str, Any]:
    return {
        "request_id": faults.request_id(),
        "transcript": text,
        "language_code": _wire_language(language),
        "language_probability": 0.98,
        "speech_start": round(spoken.start, 3),
        "speech_end": round(spoken.end, 3),
        "metrics": {"audio_duration": round(duration, 3), "processing_latency": 0.05},
    }


async def recognize(request: web.Request) -> web.StreamResponse:
    """`POST /{call_id}/sarvam/speech-to-text`: a WAV file in, its transcript out; empty when nobody speaks in it."""
    call = request.app[BOOK].open(request.match_info["call_id"])
    try:
        form = await request.post()
        upload = form["file"]
        if not isinstance(upload, web.FileField):
            raise ValueError("file must be an upload")
        samples, rate = sound.read_wav(upload.file.read())
    except (KeyError, ValueError) as error:
        return faults.sarvam_error(400, f"Could not read the audio file: {error}", "invalid_request_error")
    language = bcp47(str(form.get("language_code", "unknown")))
    model = str(form.get("model", "saaras:v3"))
    if refused := _refusal(call, request, model, language, rate):
        return refused
    fault = faults.take(call, "stt")
    call.write("stt", event="open", model=model, language=language, fault=fault.kind if fault else None)
    await asyncio.sleep(call.delay("stt"))
    if fault is not None and fault.kind == "hang":
        await faults.hang()
    if fault is not None and fault.kind == "drip":
        await asyncio.sleep(faults.DRIP_SECONDS)
    elif fault is not None and fault.kind == "garbage":
        return web.Response(text='{"transcript"', content_type="application/json")
    elif fault is not None:
        faults.abort(request)
    detector = SpeechDetector(rate)
    spoke = [*detector.feed(samples.tobytes()), detector.finish()]
    heard = next_words(call, language) if any(spoke) else None
    if heard:
        call.write("stt", event="transcript", text=heard.text, language=heard.language)
    return web.json_response(
        {
            "request_id": faults.request_id(),
            "transcript": heard.text if heard else "",
            "language_code": _wire_language(heard.language if heard else language),
            "language_probability": 0.98,
            "timestamps": None,
        }
    )
