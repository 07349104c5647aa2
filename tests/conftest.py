"""Fixtures that tests of several apps share: a clean Redis, another environment, an agent, a worker that beats."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX, Heartbeat
from agents.models import AgentProfile
from calls import workers
from calls.models import Call
from calls.services.admission import start_call
from local.sandbox.server import address, start
from tests.factories import make_agent, worker_bearer
from vaani.env import get_env

Beat = Callable[..., None]
Logged = Callable[[str], list[MutableMapping[str, Any]]]
SetEnv = Callable[..., None]

_TESTS = Path(__file__).parent
_OWN_FIXTURES = {"e2e", "local", "sandbox", "worker"}  # their tests bring what they stand on


def pytest_collection_finish() -> None:
    """Thousands of tests lie in memory now: looking through them for garbage again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)


@pytest.fixture(scope="session", autouse=True)
def nobodys_redis() -> None:
    """Before anything is flushed: this test process's Redis database must be nobody else's."""
    if "REDIS_URL" not in os.environ:
        return
    with Redis.from_url(os.environ["REDIS_URL"]) as client:
        if client.dbsize():
            pytest.exit("The tests' Redis database is not empty, so it may be somebody's. They would flush it.", 2)


@pytest.fixture(scope="session")
def redis(nobodys_redis: None) -> Iterator[Redis]:
    """This test process's own Redis database."""
    if "REDIS_URL" not in os.environ:
        pytest.exit("These tests need Postgres and Redis: python -m local with postgres redis -- pytest …", 2)
    with Redis.from_url(os.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture(autouse=True)
def clean_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing in Redis that another test wrote: no heartbeat, no cached profile."""
    if request.path.relative_to(_TESTS).parts[0] in _OWN_FIXTURES:
        yield
        return
    client: Redis = request.getfixturevalue("redis")
    client.flushdb()
    yield
    client.flushdb()


@pytest.fixture
def set_env() -> Iterator[SetEnv]:
    """Change environment variables, as if every process had been started with them."""

    def forget() -> None:
        get_env.cache_clear()
        workers._redis.cache_clear()

    def change(**values: str) -> None:
        for name, value in values.items():
            patch.setenv(name.upper(), value)
        forget()

    with pytest.MonkeyPatch.context() as patch:
        yield change
    forget()


@pytest.fixture
def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def redis_down(set_env: SetEnv, closed_port: int, settings: Any) -> None:
    """Redis does not answer, neither for heartbeats nor for the cache."""
    url = f"redis://127.0.0.1:{closed_port}/0"
    set_env(redis_url=url)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    """The folder of recordings and exports, empty."""
    folder = tmp_path / "files"
    default = settings.STORAGES["default"]
    default = {**default, "OPTIONS": {**default["OPTIONS"], "location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return folder


@pytest.fixture(scope="module")
def sandbox_host() -> Iterator[str]:
    """The provider sandbox, served beside the test: Celery's tasks are not part of any event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(start(0), loop).result(30)
    yield address(runner)
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def sandboxed(sandbox_host: str, set_env: SetEnv) -> str:
    """The language models' providers are the sandbox, for each call by itself. Gives its address."""
    base = f"http://{sandbox_host}/{{call_id}}"
    set_env(groq_api_key="sandbox", openai_api_key="sandbox", groq_base_url=f"{base}/groq/v1")
    set_env(openai_base_url=f"{base}/openai/v1")
    return sandbox_host


@pytest.fixture
def agent(db: None) -> AgentProfile:
    """The demo agent, published."""
    return make_agent()


@pytest.fixture
def heartbeat(redis: Redis) -> Beat:
    """Write a worker's heartbeat: `heartbeat(slots, active, worker_id=…)`."""

    def beat(slots: int = 1, active: Iterable[UUID] = (), *, worker_id: str = "worker-1") -> None:
        told = Heartbeat(worker_id=worker_id, host="here", slots=slots, active=list(active), at=datetime.now(UTC))
        redis.set(HEARTBEAT_PREFIX + worker_id, told.model_dump_json(), ex=60)  # a slow machine may want more than six

    return beat


@pytest.fixture
def call(agent: AgentProfile, heartbeat: Beat) -> Call:
    """A visitor's call, admitted and not yet claimed."""
    heartbeat(1)
    return start_call(agent_id=agent.agent_id)


@pytest.fixture
def worker() -> Client:
    """A client with a worker's bearer."""
    return Client(headers={"Authorization": f"Bearer {worker_bearer()}"})


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    """The fields of every line logged so far under one name."""

    def lines(event: str) -> list[MutableMapping[str, Any]]:
        fields = (record.msg for record in caplog.records if isinstance(record.msg, dict))
        return [found for found in fields if found.get("event") == event]

    return lines
