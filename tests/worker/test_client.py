"""The worker's way to the web server: who it says it is, and what it makes of every answer."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from aiohttp import web

from agents.contract import Stored, ToolAnswer
from agents.worker import client
from agents.worker.client import WebClient, WebError
from tests.worker.conftest import KEY, SECRET, Web, as_json, make_claim, make_env

pytestmark = pytest.mark.asyncio


async def test_it_claims_a_call_in_its_own_name(website: Web) -> None:
    claim = make_claim()
    website.answers = [web.json_response(text=as_json(claim))]
    async with WebClient(make_env(web_server_url=website.url), "w1") as worker:
        assert await worker.claim(claim.call_id, "AJ_1") == claim
    assert website.asked == [("POST", f"/api/calls/{claim.call_id}/claim", {"job_id": "AJ_1", "worker_id": "w1"})]


async def test_a_newer_web_server_may_say_more(website: Web) -> None:
    claim = make_claim()
    told = claim.model_dump(mode="json")
    told["added_later"] = told["agent"]["added_later"] = told["agent"]["brief"]["added_later"] = 1
    website.answers = [web.json_response(told)]
    async with WebClient(make_env(web_server_url=website.url), "w1") as worker:
        assert await worker.claim(claim.call_id, "AJ_1") == claim


async def test_it_asks_what_is_stored_and_runs_tools(website: Web) -> None:
    call, held = uuid4(), Stored(turns={"1.1": "draft"}, events=["1.2"], ended_attempts=[1])
    website.stored[call] = held
    website.answers = [web.json_response({"ok": False, "text": "Ask for ten digits.", "added_later": 1})]
    async with WebClient(make_env(web_server_url=website.url), "w1") as worker:
        assert await worker.stored(call) == held
        answer = await worker.run_tool(call, "save_details", "1.3", {"phone": "12"})
    assert answer == ToolAnswer(ok=False, text="Ask for ten digits.")
    assert website.asked[1] == (
        "POST",
        f"/api/calls/{call}/tools/save_details",
        {"item_id": "1.3", "arguments": {"phone": "12"}},
    )


async def test_its_bearer_is_short_lived_for_us_alone_and_no_room_token(website: Web) -> None:
    call = uuid4()
    website.stored[call] = Stored(turns={}, events=[], ended_attempts=[])
    async with WebClient(make_env(web_server_url=website.url), "w1") as worker:
        before = int(time.time())
        await worker.stored(call)
        after = int(time.time())
    scheme, token = website.headers[0]["Authorization"].split()
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="vaani-worker")
    assert (scheme, claims["iss"], claims["sub"]) == ("Bearer", KEY, "w1")
    assert before + 60 <= claims["exp"] <= after + 60
    assert "video" not in claims


@pytest.mark.parametrize("status", [400, 401, 404, 409, 410, 422, 500, 503])
async def test_every_refusal_bears_its_status(website: Web, status: int) -> None:
    website.answers = [web.Response(status=status, text="x" * 5000)]
    async with WebClient(make_env(web_server_url=website.url), "w1") as worker:
        with pytest.raises(WebError) as refused:
            await worker.claim(uuid4(), "AJ_1")
    assert refused.value.status == status
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"ok": true}', '{"turns": {"1.1": "half"}}'])
async def test_an_answer_that_makes_no_sense_is_an_error_too(website: Web, body: str) -> None:
    website.answers = [web.json_response(text=body)]
    async with WebClient(make_env(web_server_url=website.url), "w1") as worker:
        with pytest.raises(WebError) as refused:
            await worker.claim(uuid4(), "AJ_1")
    assert refused.value.status == 0


async def test_nobody_there_is_an_error(closed_port: int) -> None:
    async with WebClient(make_env(web_server_url=f"http://127.0.0.1:{closed_port}"), "w1") as worker:
        with pytest.raises(WebError) as refused:
            await worker.claim(uuid4(), "AJ_1")
    assert refused.value.status == 0


async def test_a_server_that_hangs_is_given_up(website: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LIMIT_SECONDS", 0.1)

    async def hang(_: web.Request) -> Any:
        await asyncio.Event().wait()

    website.answers = [hang]
    async with WebClient(make_env(web_server_url=website.url), "w1") as worker:
        with pytest.raises(WebError, match="Timeout"):
            await worker.run_tool(uuid4(), "save_details", "1.1", {})
