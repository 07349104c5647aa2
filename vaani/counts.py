"""Counts of what leaves no row in the database, kept in Redis so that any number of processes add to them."""

from __future__ import annotations

import time
from functools import lru_cache

from redis import Redis
from redis.exceptions import RedisError

from vaani.env import get_env

_COUNTS = "vaani:counts:"
_TIMES = "vaani:times:"


@lru_cache(maxsize=2)
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, decode_responses=True)


def count(family: str, name: str) -> None:
    """Count one more of `name`, and remember when. Best effort: without Redis it goes uncounted."""
    try:
        with _redis(get_env().redis_url).pipeline(transaction=False) as both:
            both.hincrby(_COUNTS + family, name)
            both.hset(_TIMES + family, name, str(time.time()))
            both.execute()
    except RedisError:
        pass  # whoever watches the counts sees that Redis is away


def counted(family: str) -> dict[str, int]:
    """How often each name of a family was counted. Raises `RedisError`."""
    found = _redis(get_env().redis_url).hgetall(_COUNTS + family)
    return {str(name): int(number) for name, number in found.items()}


def last_times(family: str) -> dict[str, float]:
    """When each name of a family was counted last, in seconds since 1970. Raises `RedisError`."""
    found = _redis(get_env().redis_url).hgetall(_TIMES + family)
    return {str(name): float(at) for name, at in found.items()}


def waiting_tasks(queues: tuple[str, ...]) -> dict[str, int]:
    """Tasks that nobody has taken yet, by queue. Raises `RedisError`."""
    redis = _redis(get_env().redis_url)
    return {queue: int(redis.llen(queue)) for queue in queues}
