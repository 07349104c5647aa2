"""Several processes and one cache: what was published is what every one of them serves, a second later at the latest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from agents.models import AgentProfile, AgentVersion, IntegrationKey
from agents.services import publish
from local.stack import Stack
from tests.conftest import SetEnv

pytestmark = pytest.mark.django_db(transaction=True)

READER = Path(__file__).with_name("reader.py")


class Reader:
    """Another process that reads the agent as fast as it can."""

    def __init__(self, redis_url: str) -> None:
        name = connection.settings_dict["NAME"]
        environment = {
            **os.environ,
            "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
            "REDIS_URL": redis_url,
            "DJANGO_SETTINGS_MODULE": "vaani.settings",
            "PYTHONPATH": str(READER.parents[2]),
        }
        command = [sys.executable, str(READER)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def seen(self) -> dict[int, tuple[float, float]]:
        """By version, when the first and the last of the reads that gave it began."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return {int(version): times for version, times in json.loads(self.process.stdout.readline()).items()}

    def read_until(self, moment: float) -> None:
        """Wait for a read that began after a monotonic time."""
        while max(last for _first, last in self.seen().values()) <= moment:
            pass


@pytest.fixture
def own(tmp_path: Path, set_env: SetEnv, settings: Any) -> Iterator[Stack]:
    """A Redis of the test's own, to flush and to restart, which the product uses."""
    tmp_path.chmod(0o711)  # as a state folder is
    with Stack(tmp_path, parts=["redis"]) as stack:
        set_env(redis_url=stack.redis_url)
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": stack.redis_url}}
        yield stack


@pytest.fixture
def readers(own: Stack, agent: AgentProfile) -> Iterator[list[Reader]]:
    with ExitStack() as stack:
        readers = [stack.enter_context(Reader(own.redis_url)) for _ in range(3)]
        for reader in readers:
            assert list(reader.seen()) == [1]
        yield readers


def publish_next(agent: AgentProfile) -> float:
    """Publish something new; when that was done."""
    agent.description += "."
    agent.save()
    publish(agent, author=None)
    return time.monotonic()


def test_what_is_published_is_what_is_read_from_then_on(
    readers: list[Reader], agent: AgentProfile, client: Client
) -> None:
    published = []
    for flushed in [False, False, False, True, True]:
        if flushed:
            cache.clear()
        published.append(publish_next(agent))
        for reader in readers:
            reader.read_until(published[-1])

    # As a program does that changes the database directly.
    version = agent.versions.get(number=6)
    seventh = AgentVersion.objects.create(agent=agent, number=7, snapshot=version.snapshot, content_hash="7")
    AgentProfile.objects.update(published=seventh)
    IntegrationKey.objects.create(name="n8n", hashed=IntegrationKey.hash("key"))
    answer = client.post("/api/invalidate-cache", headers={"Authorization": "Bearer key"})
    assert answer.json() == {"status": "ok"}
    published.append(time.monotonic())

    for reader in readers:
        reader.read_until(published[-1])
        seen = reader.seen()
        for number, done in enumerate(published, start=1):
            assert seen[number][1] <= done, f"version {number} was read after the next was published"
        assert max(seen) == 7


def test_a_redis_that_was_away_meanwhile_brings_nothing_old_back(
    readers: list[Reader], agent: AgentProfile, own: Stack
) -> None:
    own.stop("redis")
    published = publish_next(agent)
    own.start("redis")
    assert cache.get("anything") is None, "it answers again"
    for reader in readers:
        reader.read_until(time.monotonic() + 1)
        seen = reader.seen()
        assert seen[1][1] <= published + 1
        assert seen[2][1] > published + 1
    again = publish_next(agent)
    for reader in readers:
        reader.read_until(again)
        assert reader.seen()[2][1] <= again
