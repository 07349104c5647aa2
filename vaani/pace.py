"""How much one address may send in a minute. Counted in Redis, over all processes of the web server."""

from __future__ import annotations

from contextlib import suppress

from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from vaani.addresses import bucket_of
from vaani.problems import Code, Problem

_MINUTE = 60  # seconds


def require_pace(request: HttpRequest, code: Code, most: int, detail: str) -> None:
    """Count one more of what `code` is about for this request's address. Raises `Problem` 429 beyond `most` a minute.

    Without Redis nobody is refused: no number to call back may be lost, and calls do not begin without it anyway.
    """
    key = f"pace:{code}:{bucket_of(request)}"
    sent = 0
    with suppress(RedisError, ValueError):  # the minute may end between the two
        cache.add(key, 0, _MINUTE)
        sent = cache.incr(key)
    if sent > most:
        raise Problem(429, code, detail, retry_after=_MINUTE)
