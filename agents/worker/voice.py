"""Sound on its way to the visitor: noticing a voice that hangs, and sentences kept for when it fails."""

from __future__ import annotations

import asyncio
import hashlib
import time
import wave
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from livekit import rtc
from livekit.agents import APIError, APITimeoutError
from livekit.plugins import sarvam

from agents.worker.speech import OUTPUT_RATE
from vaani.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")

WINDOW_SECONDS = 2.0  # within which a voice that is asked to speak must give at least
LEAST_SECONDS = 0.5  # so much sound
_LOOK_SECONDS = 0.1
_CLIP_FRAME = OUTPUT_RATE // 50  # samples of 20 ms


async def flowing(frames: AsyncIterable[rtc.AudioFrame], owed: Callable[[], bool]) -> AsyncIterator[rtc.AudioFrame]:
    """The same sound, as long as it comes.

    `owed` tells whether the voice has been given words whose sound is still to come. Raises
    `APITimeoutError` when it then gives less than half a second of sound in two.
    """
    source = aiter(frames)
    since, made = time.monotonic(), 0.0
    coming: asyncio.Future[rtc.AudioFrame] | None = None
    try:
        while True:
            coming = asyncio.ensure_future(anext(source))
            while not (await asyncio.wait({coming}, timeout=_LOOK_SECONDS))[0]:
                if not owed():
                    since, made = time.monotonic(), 0.0
                elif time.monotonic() - since >= WINDOW_SECONDS:
                    if made < LEAST_SECONDS:
                        raise APITimeoutError("the voice came too slowly")
                    since, made = time.monotonic(), 0.0
            try:
                frame = coming.result()
            except StopAsyncIteration:
                return
            made += frame.duration
            yield frame
    finally:
        if coming is not None:
            coming.cancel()


async def until_set(source: AsyncIterable[T], stop: asyncio.Event) -> AsyncIterator[T]:
    """What comes from `source`, until it ends or `stop` is set."""
    items = aiter(source)
    stopping = asyncio.ensure_future(stop.wait())
    coming: asyncio.Future[T] | None = None
    try:
        while True:
            coming = asyncio.ensure_future(anext(items))
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                return
            try:
                item = coming.result()
            except StopAsyncIteration:
                return
            yield item
    finally:
        stopping.cancel()
        if coming is not None:
            coming.cancel()


class Clips:
    """Sentences kept as sound on this machine, by voice, to be said when the voice itself fails."""

    def __init__(self, folder: Path, voice: sarvam.TTS, manner: str) -> None:
        """`manner` names all that shapes the sound: model, speaker, pace, language."""
        self._folder = folder
        self._voice = voice
        self._manner = manner

    async def keep(self, text: str) -> None:
        """Have a sentence spoken and keep it, unless it is kept already. A provider that fails is left alone."""
        path = self._path(text)
        if path.exists():
            return
        with suppress(APIError, OSError):
            frame = await self._voice.synthesize(text).collect()
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{uuid4().hex}")
            fresh.write_bytes(frame.to_wav_bytes())
            fresh.replace(path)  # other jobs of this machine may be reading
            log.info("clip_kept", clip=path.name)

    def sound(self, text: str) -> AsyncIterator[rtc.AudioFrame] | None:
        """A sentence as it was kept; None when it never was."""
        try:
            with wave.open(str(self._path(text))) as clip:
                rate, channels, pcm = clip.getframerate(), clip.getnchannels(), clip.readframes(clip.getnframes())
        except (OSError, EOFError, wave.Error):
            return None
        return _frames(pcm, rate, channels)

    def _path(self, text: str) -> Path:
        name = hashlib.sha256(f"{self._manner} {text}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.wav"


async def _frames(pcm: bytes, rate: int, channels: int) -> AsyncIterator[rtc.AudioFrame]:
    size = _CLIP_FRAME * channels * 2
    for place in range(0, len(pcm) - size + 1, size):
        yield rtc.AudioFrame(pcm[place : place + size], rate, channels, _CLIP_FRAME)
