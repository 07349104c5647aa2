"""What is published, as every process sees it: cached in Redis, read from Postgres, dropped on publish."""

from __future__ import annotations

import time
from contextlib import suppress

from django.core.cache import cache
from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError

from agents.contract import AgentConfig
from agents.models import AgentProfile
from vaani.logs import get_logger

log = get_logger(__name__)

_GENERATION = "published-generation"
# Publishing makes a cached copy unreachable at once. But Redis may be away just then, and come back with what it
# held before; so no copy may live longer than the second within which every process must be up to date.
_CACHE_SECONDS = 1


class PublishedAgent(BaseModel):
    """A published agent as every process caches it, with what lies outside the snapshot beside it."""

    agent_pk: int
    version_pk: int
    version: int
    enabled: bool
    pause_note: str = ""
    source: str
    origins: list[str] = []
    max_calls: int | None = None
    calls_kept_days: int | None = None
    recordings_kept_days: int = 30
    company: str = ""
    colour: str = ""
    picture_url: str = ""
    published_at: float
    config: AgentConfig


def published_agent(agent_id: str) -> PublishedAgent | None:
    """The published agent of that id, from Redis or else Postgres (one query); None when there is none."""
    key = None
    with suppress(RedisError):
        # The generation is read before the row: a row read before a publish is stored under the old one.
        key = f"published:{cache.get(_GENERATION, 0)}:{agent_id}"
        if cached := cache.get(key):
            with suppress(ValidationError):  # another release of ours wrote it
                return PublishedAgent.model_validate_json(cached)
    profile = (
        AgentProfile.objects.select_related("published").filter(agent_id=agent_id, published__isnull=False).first()
    )
    if profile is None or profile.published is None:
        return None
    found = PublishedAgent(
        agent_pk=profile.pk,
        version_pk=profile.published.pk,
        version=profile.published.number or 0,
        enabled=profile.enabled,
        pause_note=profile.pause_note,
        source=profile.source,
        origins=profile.origins,
        max_calls=profile.max_calls,
        calls_kept_days=profile.calls_kept_days,
        recordings_kept_days=profile.recordings_kept_days,
        company=profile.company,
        colour=profile.colour,
        picture_url=profile.picture.url if profile.picture else "",
        published_at=profile.published.created_at.timestamp(),
        config=profile.published.config,
    )
    log.info("configuration_loaded", agent_id=agent_id, version=found.version, source=found.source)
    if key:
        with suppress(RedisError):
            cache.set(key, found.model_dump_json(), _CACHE_SECONDS)
    return found


def forget_published() -> None:
    """Make every process read published agents anew, at once; while Redis is away, within a second of its return."""
    with suppress(RedisError):
        try:
            cache.incr(_GENERATION)
        except ValueError:
            # Time, not 1, and a fine one: after Redis lost its data, an old generation must not come back.
            cache.set(_GENERATION, time.time_ns(), None)
