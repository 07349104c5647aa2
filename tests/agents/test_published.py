"""What is published: read once, cached in Redis for every process, forgotten on publish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from redis import Redis

from agents import published
from agents.models import AgentProfile
from agents.published import forget_published, published_agent
from agents.services import publish
from tests.conftest import Logged
from tests.factories import make_agent

pytestmark = pytest.mark.django_db

Queries = Callable[[int], Any]


def test_it_is_what_was_published_and_not_the_draft(agent: AgentProfile) -> None:
    AgentProfile.objects.filter(pk=agent.pk).update(name="Draft")
    found = published_agent("demo")
    assert found is not None
    assert agent.published is not None
    assert (found.config.name, found.version, found.version_pk) == ("Asha", 1, agent.published.pk)
    assert (found.agent_pk, found.enabled, found.source) == (agent.pk, True, "admin")


def test_it_is_read_from_postgres_once_and_says_so_once(
    agent: AgentProfile, django_assert_num_queries: Queries, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "_CACHE_SECONDS", 60)  # however slow this machine is
    with django_assert_num_queries(1):
        first = published_agent("demo")
    with django_assert_num_queries(0):
        assert published_agent("demo") == first
    (line,) = logged("configuration_loaded")
    assert (line["agent_id"], line["version"], line["source"]) == ("demo", 1, "admin")


def test_an_agent_never_published_is_not_there(db: None) -> None:
    make_agent(published=False)
    assert published_agent("demo") is None
    assert published_agent("nobody") is None


def test_publishing_is_seen_at_once(
    agent: AgentProfile, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    published_agent("demo")
    agent.name = "Usha"
    agent.save()
    with django_capture_on_commit_callbacks(execute=True):
        publish(agent, author=None)
        still = published_agent("demo")
    assert still
    assert still.config.name == "Asha", "nothing is forgotten before the commit, or the old would be cached again"
    now = published_agent("demo")
    assert now
    assert (now.config.name, now.version) == ("Usha", 2)


def test_a_row_read_before_a_publish_is_not_kept_after_it(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow reader stores what it read under the generation it began in."""
    real = published.PublishedAgent.model_dump_json

    def slowly(found: published.PublishedAgent) -> str:
        AgentProfile.objects.filter(pk=agent.pk).update(enabled=False)
        forget_published()
        return real(found)

    with monkeypatch.context() as patch:
        patch.setattr(published.PublishedAgent, "model_dump_json", slowly)
        published_agent("demo")
    found = published_agent("demo")
    assert found
    assert not found.enabled


def test_what_another_release_cached_is_read_anew(
    agent: AgentProfile, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "_CACHE_SECONDS", 60)
    found = published_agent("demo")
    (key,) = redis.keys("*published:*demo")
    assert isinstance(key, bytes)
    cache.set(key.decode().removeprefix("vaani:1:"), '{"agent_pk": 1}', 300)
    assert published_agent("demo") == found


def test_without_redis_it_is_read_from_postgres(
    agent: AgentProfile, redis_down: None, django_assert_num_queries: Queries
) -> None:
    with django_assert_num_queries(1):
        assert published_agent("demo") is not None
    forget_published()
