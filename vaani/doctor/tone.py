"""A tone through LiveKit: one participant plays it, another listens, as a visitor and an agent would."""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from livekit import api, rtc
from livekit.rtc.participant import PublishTrackError

from vaani.env import get_env

RATE = 48_000  # samples a second
PITCH = 440  # Hz
LOUDNESS = 0.5  # of full scale
FRAME = RATE // 50
NEEDED_FRAMES = 15  # of 20 ms in a row: what sounds so long is no crackle
PURE = 0.5  # of the sound's energy that must be at our pitch


class ToneError(Exception):
    """The tone did not get through. The text says how far it came."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How loud the tone arrived, in dB below what was sent, and how long after its first sample, in seconds."""

    loss: float
    seconds: float


async def play_and_listen(room: str, *, speaker_url: str, listener_url: str, seconds: float) -> Heard:
    """Play a tone in `room`, reached at one address, and hear it at another. Raises `ToneError`."""
    stage = "connect"
    try:
        async with asyncio.timeout(seconds), AsyncExitStack() as stack:
            heard: asyncio.Future[rtc.Track] = asyncio.get_running_loop().create_future()
            listener = await _join(stack, listener_url, room, "doctor-ear")
            listener.on("track_subscribed", lambda track, *_: heard.set_result(track))
            speaker = await _join(stack, speaker_url, room, "doctor-mouth")
            stage = "publish"
            source = rtc.AudioSource(RATE, 1)
            stack.push_async_callback(source.aclose)
            track = rtc.LocalAudioTrack.create_audio_track("tone", source)
            await speaker.local_participant.publish_track(
                track, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            )
            playing = asyncio.create_task(_play(source))
            stack.callback(playing.cancel)
            stage = "receive"
            return await _hear(await heard)
    except rtc.ConnectError as error:
        raise ToneError(f"no connection to the room: {error}") from error
    except PublishTrackError as error:
        raise ToneError(f"the tone could not be sent: {error}") from error
    except TimeoutError as error:
        words = {
            "connect": "no connection to the room",
            "publish": "the tone could not be sent",
            "receive": "the tone was sent and never arrived",
        }
        raise ToneError(f"{words[stage]}, within {seconds:g} s") from error


async def _join(stack: AsyncExitStack, url: str, room: str, identity: str) -> rtc.Room:
    env = get_env()
    token = (
        api.AccessToken(env.livekit_api_key, env.livekit_api_secret)
        .with_identity(identity)
        .with_ttl(timedelta(minutes=1))
        .with_grants(api.VideoGrants(room_join=True, room=room))
    )
    joined = rtc.Room()
    await joined.connect(url, token.to_jwt(), rtc.RoomOptions(connect_timeout=5))
    stack.push_async_callback(joined.disconnect)
    return joined


async def _play(source: rtc.AudioSource) -> None:
    """Play for ever; the source takes what it can play, and then makes wait."""
    wave = array("h", (round(LOUDNESS * 32767 * math.sin(math.tau * PITCH * n / RATE)) for n in range(RATE)))
    while True:  # a second holds whole waves, so the end fits the beginning
        for begin in range(0, RATE, FRAME):
            await source.capture_frame(rtc.AudioFrame(wave[begin : begin + FRAME].tobytes(), RATE, 1, FRAME))


async def _hear(track: rtc.Track) -> Heard:
    """Listen until our tone has sounded for a while."""
    began = time.monotonic()
    stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=20)
    levels: list[float] = []
    try:
        async for event in stream:
            energy, ours = loudness(event.frame.data)
            levels = [*levels, energy] if energy and ours / energy >= PURE else []
            if len(levels) >= NEEDED_FRAMES:
                sent = LOUDNESS**2 / 2
                loss = 10 * math.log10(sent / (sum(levels) / len(levels)))
                return Heard(loss, time.monotonic() - began)
    finally:
        await stream.aclose()
    raise ToneError("the tone stopped before it was heard")


def loudness(samples: Sequence[int]) -> tuple[float, float]:
    """Energy of the sound, and of the part of it at our pitch; a full-scale sine has 0.5 of both."""
    if not samples:
        return 0.0, 0.0
    energy = sum((sample / 32768) ** 2 for sample in samples) / len(samples)
    turn = math.tau * PITCH / RATE
    real = sum(sample / 32768 * math.cos(turn * n) for n, sample in enumerate(samples))
    imaginary = sum(sample / 32768 * math.sin(turn * n) for n, sample in enumerate(samples))
    return energy, 2 * (real**2 + imaginary**2) / len(samples) ** 2
