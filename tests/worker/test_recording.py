"""A call's recording: the right speaker on either side, whole on the disk, and handed over until it is taken."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import numpy as np
import pytest
from aiohttp import web

from agents.contract import RECORDING_EVENT
from agents.worker import recording
from agents.worker.journal import JournalWriter
from agents.worker.recording import send_recordings_forever
from tests.worker.conftest import Sandbox, Web, make_claim, make_env, sandbox_settings, until
from tests.worker.stage import Loudspeaker, Microphone, conversing

Running = Callable[..., Any]
LONG_AGO = 1_000_000_000.0


def loudness(path: Path) -> tuple[float, float]:
    """Of the visitor's side and the agent's, 0 to 1."""
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.name in ("opus", "libopus")
        planes = [frame.to_ndarray() for frame in container.decode(audio=0)]
    left, right = np.concatenate(planes, axis=1)
    return float(np.abs(left).max()), float(np.abs(right).max())


@pytest.mark.asyncio
@pytest.mark.parametrize("visitor_speaks", [True, False])
async def test_each_speaker_is_on_their_own_side(
    sandbox: Sandbox, spool: Path, redis_url: str, plugins: None, visitor_speaks: bool
) -> None:
    claim = make_claim(record=True)
    env = make_env(
        spool_dir=spool, redis_url=redis_url, web_server_url="http://127.0.0.1:9", **sandbox_settings(sandbox)
    )
    microphone = Microphone()
    async with conversing(env, claim, sandbox, microphone=microphone, loudspeaker=Loudspeaker()) as stage:
        if visitor_speaks:
            microphone.say("मुझे फ्लैट देखना है", "hi-IN")
        await until(lambda: not microphone.speaking and len(stage.turns()) > visitor_speaks, "the greeting")
    path = spool / str(claim.call_id) / "1.ogg"
    left, right = loudness(path)
    assert (left > 0.05) is visitor_speaks
    assert right > 0.05
    assert [event.kind for event in stage.events() if event.kind == RECORDING_EVENT] == [RECORDING_EVENT]


@pytest.mark.asyncio
async def test_a_call_that_nobody_agreed_to_record_leaves_no_sound(
    sandbox: Sandbox, spool: Path, redis_url: str, plugins: None
) -> None:
    claim = make_claim()
    env = make_env(
        spool_dir=spool, redis_url=redis_url, web_server_url="http://127.0.0.1:9", **sandbox_settings(sandbox)
    )
    async with conversing(env, claim, sandbox, microphone=Microphone(), loudspeaker=Loudspeaker()) as stage:
        await until(lambda: stage.turns(), "the greeting")
    assert [*recording.recordings(spool)] == []


# Handing it over ------------------------------------------------------------------------------


def tape(spool: Path, *, call: UUID | None = None, age: float = LONG_AGO) -> Path:
    path = spool / str(call or uuid4()) / "1.ogg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"OggS" + os.urandom(300_000))
    if age:
        os.utime(path, (age, age))
    return path


@pytest.fixture
def running(spool: Path, website: Web, monkeypatch: pytest.MonkeyPatch) -> Running:
    """Runs the keeper of recordings in short rounds."""
    monkeypatch.setattr(recording, "PERIOD_SECONDS", 0.05)

    @asynccontextmanager
    async def run() -> AsyncIterator[None]:
        env = make_env(spool_dir=spool, web_server_url=website.url)
        task = asyncio.create_task(send_recordings_forever(env, "w1"))
        yield
        assert not task.done(), "it goes on whatever it meets"
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return run


class Receiver:
    """Answers with what it is told, and keeps what it was sent."""

    def __init__(self, website: Web, *answers: int) -> None:
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        website.take = self.take
        self._answers = [*answers]

    async def take(self, request: web.Request) -> web.Response:
        self.paths.append(f"{request.method} {request.path}")
        self.bodies.append(await request.read())
        return web.Response(status=self._answers.pop(0))


@pytest.mark.asyncio
async def test_it_is_sent_until_it_is_taken_and_then_gone(spool: Path, website: Web, running: Running) -> None:
    path = tape(spool)
    sound = path.read_bytes()
    receiver = Receiver(website, 500, 503, 200)
    async with running():
        await until(lambda: not path.exists(), "the recording to be taken")
    assert receiver.bodies == [sound] * 3
    assert receiver.paths == [f"PUT /api/calls/{path.parent.name}/recordings/1"] * 3
    assert not path.parent.exists()


@pytest.mark.asyncio
@pytest.mark.parametrize("refusal", [403, 404])
async def test_one_that_must_not_be_is_deleted(spool: Path, website: Web, running: Running, refusal: int) -> None:
    path = tape(spool)
    receiver = Receiver(website, refusal)
    async with running():
        await until(lambda: not path.exists(), "the recording to go")
    assert len(receiver.paths) == 1


@pytest.mark.asyncio
async def test_one_that_is_still_written_is_left_alone(spool: Path, website: Web, running: Running) -> None:
    live, fresh, due = uuid4(), uuid4(), uuid4()
    tape(spool, call=live), tape(spool, call=fresh, age=0)
    journal = JournalWriter(spool, live, 1)  # as the job that records holds it
    path = tape(spool, call=due)
    receiver = Receiver(website, *[200] * 3)
    async with running():
        await until(lambda: not path.exists(), "the finished one to go")
        (spool / "not-a-call").mkdir()
        (spool / "not-a-call" / "x.ogg").write_bytes(b"")
        another = tape(spool)
        await until(lambda: not another.exists(), "another round")
        assert sorted(receiver.paths) == sorted(
            f"PUT /api/calls/{call}/recordings/1" for call in (due, another.parent.name)
        )
        journal.close()
        await until(lambda: len(receiver.paths) == 3, "the job's own, once it is gone")
