"""A call as the worker sees it, with the real Redis, the real sandbox, and a small web server in the product's place."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from aiohttp import web
from kombu import Connection
from livekit.agents import utils
from redis import Redis

from agents.contract import (
    AgentConfig,
    Brief,
    Claim,
    FieldToFindOut,
    ModelChoice,
    Stored,
    TurnMessage,
)
from agents.worker.journal import Recorded
from local.sandbox.server import address
from tests.sandbox.conftest import Sandbox, sandbox
from vaani.env import Env, get_env

__all__ = ["Sandbox", "sandbox"]

KEY, SECRET = "key", "s" * 40
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATIENCE = 30  # seconds a condition is waited for; a busy machine is slow, a fault is for ever


async def until(condition: Callable[[], Any], what: str = "") -> None:
    """Wait until a condition holds (it may be a coroutine function)."""
    deadline = time.monotonic() + PATIENCE
    while True:
        held = condition()
        if isinstance(held, Awaitable):
            held = await held
        if held:
            return
        assert time.monotonic() < deadline, f"waited in vain {what}"
        await asyncio.sleep(0.02)


def turn(call_id: UUID, n: int, text: str = "जी", *, attempt: int = 1, **fields: Any) -> TurnMessage:
    return TurnMessage(call_id=call_id, attempt=attempt, n=n, role="visitor", text=text, started_at=NOON, **fields)


class Sink:
    """Keeps what a recorder puts out."""

    def __init__(self) -> None:
        self.messages: list[Recorded] = []

    def put(self, message: Recorded) -> None:
        self.messages.append(message)


# Redis ----------------------------------------------------------------------------------------


@pytest.fixture
def redis_url(worker_id: str) -> Iterator[str]:
    """A database of the real Redis that no other test uses at the same time, empty."""
    number = 8 + int(worker_id.removeprefix("gw") if worker_id.startswith("gw") else 0) % 8
    url = urlsplit(get_env().redis_url)._replace(path=f"/{number}").geturl()
    with Redis.from_url(url) as redis:
        redis.flushdb()
        yield url
        redis.flushdb()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of loopback at which nothing listens, and nothing will while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class Carried:
    """What lies in the broker for Celery's workers."""

    def __init__(self, url: str) -> None:
        self._url = url

    def tasks(self) -> list[tuple[dict[str, Any], Any, str]]:
        """Take everything from the `live` queue as a consumer does: headers, body and content type of each."""
        found: list[tuple[dict[str, Any], Any, str]] = []
        with Connection(self._url) as connection, connection.SimpleQueue("live") as queue:
            while True:
                try:
                    message = queue.get_nowait()
                except queue.Empty:
                    return found
                found.append((dict(message.headers), message.payload, str(message.content_type)))
                message.ack()

    def messages(self) -> list[dict[str, Any]]:
        """The messages of those tasks."""
        return [body[1]["message"] for _, body, _ in self.tasks()]


@pytest.fixture
def broker(redis_url: str) -> Carried:
    return Carried(redis_url)


# The web server -------------------------------------------------------------------------------


class Web:
    """A web server in the product's place: answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[web.Response | Callable[[web.Request], Awaitable[web.StreamResponse]]] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.stored: dict[UUID, Stored | int] = {}
        self.take: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None  # takes all requests
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.take is not None:
            return await self.take(request)
        self.asked.append((request.method, request.path, await request.json() if request.can_read_body else None))
        self.headers.append(dict(request.headers))
        if request.path.endswith("/stored"):
            known = self.stored.get(UUID(request.path.split("/")[3]), 404)
            return web.Response(status=known) if isinstance(known, int) else web.json_response(text=as_json(known))
        answer = self.answers.pop(0)
        return answer if isinstance(answer, web.Response) else await answer(request)


def as_json(model: Any) -> str:
    text: str = model.model_dump_json()
    return text


@pytest_asyncio.fixture
async def website() -> AsyncIterator[Web]:
    server = Web()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://{address(runner)}"
    yield server
    await runner.cleanup()


# A call ---------------------------------------------------------------------------------------


def make_env(**settings: Any) -> Env:
    """Settings from nothing but these and harmless defaults."""
    known = {"livekit_api_key": KEY, "livekit_api_secret": SECRET, "worker_id": "w1", **settings}
    return Env(_env_file=None, **known)


def sandbox_settings(sandbox: Sandbox) -> dict[str, str]:
    """The settings by which `make run` puts the sandbox in the providers' place."""
    base = f"http://{sandbox.host}/{{call_id}}"
    return {
        "sarvam_api_key": "sandbox",
        "groq_api_key": "sandbox",
        "openai_api_key": "sandbox",
        "sarvam_base_url": f"{base}/sarvam",
        "groq_base_url": f"{base}/groq/v1",
        "openai_base_url": f"{base}/openai/v1",
    }


def make_claim(language: str = "hi-IN", **changes: Any) -> Claim:
    """A claimed call of an agent that asks for a name and a phone number."""
    agent = AgentConfig(
        agent_id="demo",
        name="Asha",
        brief=Brief(who="You are Asha, the receptionist of Sharma Clinic."),
        fields=[
            FieldToFindOut(key="name", label="Name", kind="name", required=True),
            FieldToFindOut(key="phone", label="Phone", kind="phone", required=True),
        ],
        languages=[language],
        default_language=language,
        voices=["arya"],
        default_voice="arya",
        stt_model="saaras:v3",
        tts_model="bulbul:v2",
    )
    values: dict[str, Any] = {
        "call_id": uuid4(),
        "attempt": 1,
        "agent": agent,
        "language": language,
        "voice": "arya",
        "stt_model": "saaras:v3",
        "tts_model": "bulbul:v2",
        "models": [ModelChoice(provider="groq", model="openai/gpt-oss-120b", extra={"reasoning_effort": "low"})],
        "visitor_identity": "visitor",
        "max_seconds": 600,
    }
    return Claim(**{**values, **changes})


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest_asyncio.fixture
async def plugins() -> AsyncIterator[None]:
    """The framework's HTTP session, which a job has and a test must open."""
    async with utils.http_context.open():
        yield
