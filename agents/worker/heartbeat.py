"""The worker's heartbeat in Redis: free slots and calls in hand, every two seconds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from agents.contract import HEARTBEAT_PREFIX, HEARTBEAT_SECONDS, HEARTBEAT_TTL_SECONDS, Heartbeat
from agents.worker.keys import KeyState
from agents.worker.replay import Backlog
from vaani.logs import get_logger

log = get_logger(__name__)


class Heart:
    """Beats until cancelled; `rest` takes the worker out of the count at once."""

    def __init__(
        self, redis_url: str, worker_id: str, *, slots: Callable[[], int], live_calls: Callable[[], list[UUID]]
    ) -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
        self._worker_id = worker_id
        self._slots = slots
        self._live_calls = live_calls
        self.keys: dict[str, KeyState] = {}
        self.backlog = Backlog()

    async def beat_forever(self) -> None:
        """Write the heartbeat every two seconds; it outlives the writer by six at most."""
        while True:
            await self.beat()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def beat(self) -> None:
        """Write the heartbeat once. Redis being away is logged and lived with."""
        beat = Heartbeat(
            worker_id=self._worker_id,
            host=socket.gethostname(),
            slots=self._slots(),
            active=self._live_calls(),
            keys=self.keys,
            resent=self.backlog.resent,
            lacking_since=self.backlog.since,
            at=datetime.now(UTC),
        )
        try:
            await self._redis.set(HEARTBEAT_PREFIX + self._worker_id, beat.model_dump_json(), ex=HEARTBEAT_TTL_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("heartbeat_not_written", error=type(error).__name__)

    async def rest(self) -> None:
        """Take the heartbeat back: this worker takes no more calls and holds none."""
        try:
            await self._redis.delete(HEARTBEAT_PREFIX + self._worker_id)
            await self._redis.aclose()
        except (RedisError, OSError):
            pass  # it expires by itself
