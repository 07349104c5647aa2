"""The worker's way to the web server: claim a call, ask what is stored, run a tool."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
import jwt
from pydantic import BaseModel

from agents.contract import WORKER_AUDIENCE, Claim, ClaimRequest, Stored, ToolAnswer, ToolRequest
from vaani.env import Env

LIMIT_SECONDS = 5
BEARER_SECONDS = 60
UPLOAD_LIMIT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)  # of an hour's recording on a slow line

Answer = TypeVar("Answer", bound=BaseModel)


class WebError(Exception):
    """The web server refused or could not be reached. `status` is its HTTP status, 0 when there was none."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}" if status else text)
        self.status = status


class WebClient:
    """One connection to the web server, for the life of a job or of the worker. Use as a context manager."""

    def __init__(self, env: Env, worker_id: str) -> None:
        self._env = env
        self._worker_id = worker_id
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LIMIT_SECONDS))

    async def __aenter__(self) -> WebClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def claim(self, call_id: UUID, job_id: str) -> Claim:
        """Claim the call for a job. Raises `WebError`: 409 held by another, 410 ended."""
        body = ClaimRequest(job_id=job_id, worker_id=self._worker_id)
        return await self._ask("POST", f"/api/calls/{call_id}/claim", Claim, body)

    async def stored(self, call_id: UUID) -> Stored:
        """What Postgres holds of the call. Raises `WebError`: 404 when the call is no more."""
        return await self._ask("GET", f"/api/calls/{call_id}/stored", Stored)

    async def run_tool(self, call_id: UUID, name: str, item_id: str, arguments: dict[str, Any]) -> ToolAnswer:
        """Run a tool with effects. Raises `WebError`."""
        body = ToolRequest(item_id=item_id, arguments=arguments)
        return await self._ask("POST", f"/api/calls/{call_id}/tools/{name}", ToolAnswer, body)

    async def send_recording(self, call_id: UUID, attempt: int, path: Path) -> None:
        """Hand over a recording, from the disk, piece by piece. Raises `WebError`: 403 not agreed to, 404 no such call."""
        try:
            with path.open("rb") as file:
                async with self._session.put(
                    f"{self._env.worker_web_url}/api/calls/{call_id}/recordings/{attempt}",
                    data=file,
                    headers={"Authorization": f"Bearer {self._bearer()}", "Content-Type": "audio/ogg"},
                    timeout=UPLOAD_LIMIT,
                ) as response:
                    if response.status != 200:
                        raise WebError(response.status, (await response.text())[:300])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise WebError(0, f"{type(error).__name__}: {error}") from error

    async def _ask(self, method: str, path: str, answer: type[Answer], body: BaseModel | None = None) -> Answer:
        try:
            async with self._session.request(
                method,
                self._env.worker_web_url + path,
                json=body.model_dump(mode="json") if body else None,
                headers={"Authorization": f"Bearer {self._bearer()}"},
            ) as response:
                if response.status != 200:
                    raise WebError(response.status, (await response.text())[:300])
                # A newer web server may say more than this worker knows.
                return answer.model_validate_json(await response.read(), extra="ignore")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise WebError(0, f"{type(error).__name__}: {error}") from error

    def _bearer(self) -> str:
        claims = {
            "iss": self._env.livekit_api_key,
            "sub": self._worker_id,
            "aud": WORKER_AUDIENCE,
            "exp": int(time.time()) + BEARER_SECONDS,
        }
        return jwt.encode(claims, self._env.livekit_api_secret, algorithm="HS256")
