"""A visitor without a browser: LiveKit's own Python client."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import jwt
from livekit import rtc

T = TypeVar("T")


def run_async(work: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine to its end. In a thread: the browser's driver keeps a loop of its own in this one."""
    box: dict[str, Any] = {}

    async def run() -> None:
        box["result"] = await work()

    def body() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            box["error"] = error

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if "error" in box:
        raise box["error"]
    result: T = box["result"]
    return result


def in_room(url: str, token: str, work: Callable[[rtc.Room], Awaitable[T]]) -> T:
    """Join with `token`, do `work`, leave."""

    async def run() -> T:
        room = rtc.Room()
        await room.connect(url, token)
        try:
            return await work(room)
        finally:
            await room.disconnect()

    return run_async(run)


async def agents_in(room: rtc.Room, seconds: float = 20) -> list[rtc.RemoteParticipant]:
    """Wait for an agent, then give every agent in the room."""

    def agents() -> list[rtc.RemoteParticipant]:
        kind = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        return [who for who in room.remote_participants.values() if who.kind == kind]

    came = asyncio.Event()
    room.on("participant_connected", lambda _: came.set() if agents() else None)
    if not agents():
        await asyncio.wait_for(came.wait(), seconds)
    return agents()


def resigned(token: str, secret: str, **changes: Any) -> str:
    """The same token with other claims, signed as our server would."""
    claims: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode({**claims, **changes}, secret, algorithm="HS256")


def expired(token: str, secret: str) -> str:
    """The same token, past its time and past the minute of leeway that servers give."""
    now = int(time.time())
    return resigned(token, secret, nbf=now - 600, exp=now - 120)
