"""Workers as their heartbeats in Redis tell of them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from pydantic import ValidationError
from redis import Redis
from redis.exceptions import RedisError

from agents.contract import HEARTBEAT_PREFIX, Heartbeat
from vaani.env import get_env
from vaani.logs import get_logger

log = get_logger(__name__)

_SIGHT = "vaani:watch:sees-since"
_SIGHT_SECONDS = 3  # less than a heartbeat has left to live when it was last written, more than between two of them


@lru_cache
def _redis() -> Redis:
    return Redis.from_url(get_env().redis_url, socket_timeout=2, socket_connect_timeout=2)


def heartbeats() -> list[Heartbeat]:
    """Workers heard from in the last six seconds; none when Redis cannot be asked."""
    return told_heartbeats() or []


def told_heartbeats() -> list[Heartbeat] | None:
    """Workers heard from in the last six seconds; None when Redis cannot be asked."""
    try:
        return _read_heartbeats()
    except RedisError as error:
        log.warning("heartbeats_unreadable", error=type(error).__name__)
        return None


def surely_held_calls() -> dict[UUID, str] | None:
    """Calls in the hands of a job; None while that cannot be told. For the watch, once a round.

    It cannot be told while Redis is away, nor just after it lost its data or came back: a worker that
    is well has then to beat again, and its calls must not be taken for abandoned.
    """
    now = time.time()
    try:
        since = float(_redis().get(_SIGHT) or now)
        _redis().set(_SIGHT, since, ex=_SIGHT_SECONDS)
        held = held_calls(_read_heartbeats())
    except RedisError as error:
        log.warning("heartbeats_unreadable", error=type(error).__name__)
        return None
    return held if now - since >= _SIGHT_SECONDS else None


def watch_was_here() -> bool:
    """Whether a watch has gone its round in the last three seconds. Raises `RedisError`."""
    return bool(_redis().exists(_SIGHT))


def _read_heartbeats() -> list[Heartbeat]:
    keys = list(_redis().scan_iter(f"{HEARTBEAT_PREFIX}*", count=500))
    values = _redis().mget(keys) if keys else []
    beats = []
    for value in values:
        if value is None:
            continue
        try:
            beats.append(Heartbeat.model_validate_json(value))
        except ValidationError:
            log.warning("heartbeat_garbled")
    return beats


def held_calls(beats: Iterable[Heartbeat]) -> dict[UUID, str]:
    """Calls in the hands of a job, with the id of its worker."""
    return {call_id: beat.worker_id for beat in beats for call_id in beat.active}


def free_slots(beats: Iterable[Heartbeat]) -> int:
    """Calls that the workers could take now. A worker that drains has none."""
    return sum(max(0, beat.slots - len(beat.active)) for beat in beats)
