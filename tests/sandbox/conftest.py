"""The sandbox, served in the test's own process on a free port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest_asyncio

from local.sandbox.server import address, start


class Sandbox:
    """A running sandbox and its control endpoint, as a test sees them."""

    def __init__(self, host: str, http: aiohttp.ClientSession) -> None:
        self.host = host
        self.http = http

    def url(self, path: str, call: str = "t1") -> str:
        return f"http://{self.host}/{call}/{path}"

    def ws(self, path: str, call: str = "t1") -> str:
        return f"ws://{self.host}/{call}/{path}"

    async def order(self, call: str = "t1", **orders: Any) -> None:
        async with self.http.put(f"http://{self.host}/control/calls/{call}", json=orders) as answer:
            assert answer.status == 200, await answer.text()

    async def ledger(self, part: str, call: str = "t1") -> list[dict[str, Any]]:
        async with self.http.get(f"http://{self.host}/control/calls/{call}/ledger") as answer:
            return [entry for entry in (await answer.json())["entries"] if entry["part"] == part]


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    runner = await start(0)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=8)) as http:
        yield Sandbox(address(runner), http)
    await runner.cleanup()
