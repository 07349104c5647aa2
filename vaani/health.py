"""Is it well? `/health` asks what the product stands on; `/health/live` touches nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from django.http import HttpRequest, JsonResponse
from health_check.base import HealthCheck
from health_check.checks import Database
from health_check.contrib.redis import Redis
from redis.asyncio import Redis as RedisClient

from vaani.env import get_env


def _redis() -> RedisClient:
    return RedisClient.from_url(get_env().redis_url, socket_timeout=2, socket_connect_timeout=2)


CHECKS: dict[str, HealthCheck] = {"database": Database(), "redis": Redis(client_factory=_redis)}


async def health(request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503 naming what is broken."""
    results = await asyncio.gather(*(check.get_result(None) for check in CHECKS.values()))
    broken = {name: str(result.error) for name, result in zip(CHECKS, results, strict=True) if result.error}
    body = {"status": "unhealthy" if broken else "healthy", "timestamp": _now()}
    if broken:
        return JsonResponse(body | {"broken": broken}, status=503)
    return JsonResponse(body)


async def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "healthy", "timestamp": _now()})


def _now() -> str:
    return datetime.now(UTC).isoformat()
