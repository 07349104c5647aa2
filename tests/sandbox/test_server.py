"""The sandbox as a process of its own: it starts, listens on loopback only, and leaves when told."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from local.sandbox import stt, tts
from tests.sandbox.conftest import Sandbox

Process = asyncio.subprocess.Process


async def launch(port: int) -> Process:
    command = [sys.executable, "-m", "local.sandbox", "--port", str(port)]
    return await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)


@pytest_asyncio.fixture
async def process() -> AsyncIterator[tuple[Process, int]]:
    running = await launch(0)
    assert running.stderr is not None
    async with asyncio.timeout(15):
        ready = re.search(r"ready on http://127\.0\.0\.1:(\d+)", (await running.stderr.readline()).decode())
    assert ready is not None
    yield running, int(ready[1])
    if running.returncode is None:
        running.kill()
        await running.wait()


@pytest.mark.asyncio
async def test_it_serves_and_stops_on_sigterm(process: tuple[Process, int]) -> None:
    running, port = process
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/health") as answer:
        assert answer.status == 200
    running.terminate()
    async with asyncio.timeout(4):
        assert await running.wait() == 0


@pytest.mark.asyncio
async def test_a_taken_port_is_said_in_a_sentence(process: tuple[Process, int]) -> None:
    _running, port = process
    second = await launch(port)
    _, said = await second.communicate()
    assert second.returncode == 1
    assert said.decode() == f"The sandbox cannot listen on port {port}: Address already in use\n"


@pytest.mark.asyncio
@pytest.mark.parametrize(("module", "path"), [(stt, "speech-to-text"), (tts, "text-to-speech")])
async def test_a_socket_is_one_line_of_the_log(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, module: Any, path: str
) -> None:
    caplog.set_level("INFO", logger=module.__name__)
    for key in ("sandbox", "wrong"):
        url, headers = sandbox.ws(f"sarvam/{path}/ws"), {"api-subscription-key": key}
        with contextlib.suppress(aiohttp.WSServerHandshakeError):
            await (await sandbox.http.ws_connect(url, headers=headers)).close()
    await sandbox.order()
    lines = [record.getMessage() for record in caplog.records if "socket" in record.getMessage()]
    assert len(lines) == 2
    assert all("call=t1" in line for line in lines)
