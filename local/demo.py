"""`python -m local.demo`: three scripted callers ring the demo agent of the product that runs, as visitors do.

They come through the real LiveKit with its own client, speak with the sandbox's voice, and tell the lines that the
sandbox's ear hears whatever is said. What comes of it is marked as a sample.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack

from livekit import rtc

from local import product
from local.errors import LocalError
from local.sandbox.script import SCRIPT
from local.sandbox.speaking import speak
from local.sandbox.voices import find_voice
from vaani.env import get_env

AGENT = "demo"
CALLERS = {"hi-IN": ("Hindi", "karun"), "mr-IN": ("Marathi", "abhilash"), "ta-IN": ("Tamil", "hitesh")}
RATE = 48_000  # Hz
FRAME = RATE // 50  # samples: 20 ms
SILENCE = bytes(FRAME * 2)
QUEUED_MS = 100  # how far the microphone may run ahead
POLITE = 1.0  # seconds of listening after which the agent is taken to have finished
PATIENCE = 45.0  # seconds within which the agent must have answered
STATE = "lk.agent.state"

Say = Callable[[str], None]


class Microphone:
    """A microphone that is always open, and silent while nothing is said into it."""

    def __init__(self) -> None:
        self.source = rtc.AudioSource(RATE, 1, QUEUED_MS)
        self._frames: deque[bytes] = deque()
        self._said = asyncio.Event()
        self._open = True
        self._sending = asyncio.create_task(self._send())

    async def close(self) -> None:
        """Send no more."""
        self._open = False
        await self._sending
        await self.source.aclose()

    async def _send(self) -> None:
        """The source takes what it can play, and then makes wait."""
        while self._open:
            sound = self._frames.popleft() if self._frames else SILENCE
            await self.source.capture_frame(rtc.AudioFrame(sound, RATE, 1, FRAME))
            if not self._frames:
                self._said.set()

    async def say(self, sound: bytes) -> None:
        """Say 16-bit mono sound, until its end has been sent."""
        size = len(SILENCE)
        self._said.clear()
        self._frames.extend(sound[at : at + size].ljust(size, b"\0") for at in range(0, len(sound), size))
        await self._said.wait()


class Agent:
    """What the agent does, as it tells everybody in the room. `answers` is set once it speaks."""

    def __init__(self, room: rtc.Room, answers: asyncio.Event) -> None:
        self.hung_up = False
        self._answers = answers
        self._state = ""
        self._spoke = False
        self._news = asyncio.Event()
        room.on("participant_attributes_changed", lambda changed, _who: self._tell(changed.get(STATE)))
        room.on("participant_connected", lambda who: self._tell(who.attributes.get(STATE)))
        room.on("disconnected", lambda _reason: self._hang_up())

    async def finishes(self) -> None:
        """Wait until the agent has spoken since the last time and listens, or has hung up. Raises `TimeoutError`."""
        async with asyncio.timeout(PATIENCE):
            while not self.hung_up:
                self._news.clear()
                listens = self._spoke and self._state == "listening"
                try:
                    await asyncio.wait_for(self._news.wait(), POLITE if listens else None)
                except TimeoutError:
                    return

    def asked(self) -> None:
        """Something was said to it: from now on it has to speak anew."""
        self._spoke = self._state == "speaking"

    def _tell(self, state: str | None) -> None:
        if state:
            self._state = state
            if state == "speaking":
                self._spoke = True
                self._answers.set()
            self._news.set()

    def _hang_up(self) -> None:
        self.hung_up = True
        self._news.set()


async def ring(language: str, say: Say, answers: asyncio.Event) -> None:
    """Hold one call to its end, and say how it goes. Raises `LocalError` when it does not get through or stops."""
    joining = await asyncio.to_thread(_admitted, language)
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        room = rtc.Room()
        agent = Agent(room, answers)
        try:
            await room.connect(joining["url"], joining["token"])
        except rtc.ConnectError as error:
            raise LocalError(f"LiveKit does not let it in at {joining['url']} ({error}).") from error
        stack.push_async_callback(room.disconnect)
        microphone = Microphone()
        stack.push_async_callback(microphone.close)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", microphone.source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await room.local_participant.publish_track(track, options)
        say("rings")
        try:
            await _talk(language, agent, microphone, say)
        except TimeoutError as error:
            raise LocalError(f"the agent said nothing for {PATIENCE:.0f} s.") from error
        how = "the agent says goodbye" if agent.hung_up else "hangs up"
    say(f"{how}, after {time.monotonic() - began:.0f} s")


async def _talk(language: str, agent: Agent, microphone: Microphone, say: Say) -> None:
    voice = find_voice(CALLERS[language][1])
    assert voice
    await agent.finishes()
    if agent.hung_up:
        raise LocalError("it was cut off before anything was said.")
    for line in SCRIPT[language]:
        if agent.hung_up:
            return
        say(f"“{line}”")
        await microphone.say(await speak(line, language, voice, RATE))
        agent.asked()
        await agent.finishes()


def _admitted(language: str) -> dict[str, str]:
    """What the caller joins with. Raises `LocalError` with the product's own reason when it is not admitted."""
    try:
        told = product.manage(os.environ, "sample_call", AGENT, language)
    except LocalError as error:
        raise LocalError(str(error).splitlines()[-1].removeprefix("CommandError: ")) from error
    joining: dict[str, str] = json.loads(told.splitlines()[-1])
    return joining


async def _tell_of(language: str, answers: asyncio.Event) -> bool:
    """Whether the call came to its end."""
    name = CALLERS[language][0]

    def say(words: str) -> None:
        print(f"{name}: {words}", flush=True)

    try:
        await ring(language, say, answers)
    except LocalError as error:
        say(f"no call. {error}")
        return False
    finally:
        answers.set()  # or never will
    return True


async def ring_all() -> bool:
    """Each rings when the one before has been answered, and they talk side by side. Whether every call came to its end."""
    calls = []
    for language in CALLERS:
        answers = asyncio.Event()
        calls.append(asyncio.create_task(_tell_of(language, answers)))
        await answers.wait()
    return all(await asyncio.gather(*calls))


def main() -> int:
    """Ring, and say where to look."""
    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # it calls the plain end of a room an error
    try:
        well = asyncio.run(ring_all())
    except KeyboardInterrupt:
        return 130
    admin = f"http://localhost:{get_env().web_port}/admin"
    print(
        f"Look at the calls:  {admin}/calls/call/?kind__exact=sample",
        f"and at their leads: {admin}/leads/lead/?sample=yes",
        "They are marked as samples. “Remove samples”, above the list of leads, takes them all away again.",
        *([] if well else ["What went wrong, `.venv/bin/python manage.py doctor` finds out."]),
        sep="\n",
        flush=True,
    )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
