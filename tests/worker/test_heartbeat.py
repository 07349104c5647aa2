"""The heartbeat in a real Redis: what it says, and that it outlives its writer by six seconds at most."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from agents.contract import HEARTBEAT_TTL_SECONDS, Heartbeat
from agents.worker import heartbeat
from agents.worker.heartbeat import Heart
from tests.worker.conftest import NOON, until

pytestmark = pytest.mark.asyncio
KEY = "vaani:worker:w1"


async def test_it_tells_slots_calls_and_keys_and_expires_by_itself(redis_url: str) -> None:
    calls = [uuid4(), uuid4()]
    heart = Heart(redis_url, "w1", slots=lambda: 8, live_calls=lambda: calls)
    heart.keys = {"sarvam": "refused", "groq": "ok"}
    heart.backlog.resent, heart.backlog.since = 3, NOON
    await heart.beat()
    async with Redis.from_url(redis_url) as redis:
        beat = Heartbeat.model_validate_json(await redis.get(KEY) or b"")
        left = await redis.pttl(KEY)
        assert (beat.worker_id, beat.slots, beat.active) == ("w1", 8, calls)
        assert beat.keys == {"sarvam": "refused", "groq": "ok"}
        assert (beat.resent, beat.lacking_since) == (3, NOON)
        assert beat.host
        assert beat.at.tzinfo is not None
        assert 0 < left <= HEARTBEAT_TTL_SECONDS * 1000
        await heart.rest()
        assert await redis.get(KEY) is None, "a worker that leaves is out of the count at once"


async def test_it_beats_until_cancelled_and_each_beat_tells_the_state_of_its_moment(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "HEARTBEAT_SECONDS", 0.02)
    slots = 8
    heart = Heart(redis_url, "w1", slots=lambda: slots, live_calls=list)
    beating = asyncio.create_task(heart.beat_forever())
    async with Redis.from_url(redis_url) as redis:

        async def told() -> int | None:
            text = await redis.get(KEY)
            return Heartbeat.model_validate_json(text).slots if text else None

        async def full() -> bool:
            return await told() == 8

        async def draining() -> bool:
            return await told() == 0

        await until(full)
        await redis.delete(KEY)
        await until(full, "for a flushed Redis to hear of the worker again")
        slots = 0
        await until(draining)
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    await heart.rest()


async def test_a_redis_that_is_away_stops_nothing(closed_port: int) -> None:
    heart = Heart(f"redis://127.0.0.1:{closed_port}/0", "w1", slots=lambda: 8, live_calls=list)
    await heart.beat()
    await heart.rest()
