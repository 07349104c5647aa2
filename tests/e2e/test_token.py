"""What a visitor's token opens on the real LiveKit server, and what it does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from livekit import api, rtc
from livekit.agents.voice.remote_session import RemoteSession, RoomSessionTransport, SessionTransport
from playwright.sync_api import Page

from agents.contract import WORKER_AUDIENCE
from agents.defaults import demo_config
from agents.prompt import greeting
from local.stack import Stack
from tests.e2e.caller import agents_in, expired, in_room, resigned, run_async
from tests.e2e.waiting import until
from vaani.env import ROOT

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def start(stack: Stack) -> Callable[..., dict[str, str]]:
    """Ask for a token, as a page does."""

    def ask(**body: Any) -> dict[str, str]:
        answer = requests.post(f"{stack.web_url}/api/token", json={"agentId": "demo", **body}, timeout=10)
        assert answer.status_code == 200, answer.text
        result: dict[str, str] = answer.json()
        return result

    return ask


def test_it_is_refused_once_expired(start: Callable[..., dict[str, str]], stack: Stack) -> None:
    token = expired(start()["token"], stack.env["LIVEKIT_API_SECRET"])
    assert _validate(stack, token) == 401


def test_it_opens_no_room_service(start: Callable[..., dict[str, str]], stack: Stack) -> None:
    call = start()
    host = stack.livekit_url.replace("ws", "http", 1)
    calls: dict[str, dict[str, object]] = {
        "RoomService/CreateRoom": {"name": call["room"]},
        "RoomService/ListRooms": {},
        "RoomService/DeleteRoom": {"room": call["room"]},
        "RoomService/ListParticipants": {"room": call["room"]},
        "RoomService/GetParticipant": {"room": call["room"], "identity": "visitor"},
        "RoomService/RemoveParticipant": {"room": call["room"], "identity": "visitor"},
        "RoomService/MutePublishedTrack": {"room": call["room"], "identity": "visitor", "track_sid": "x"},
        "RoomService/UpdateParticipant": {"room": call["room"], "identity": "visitor"},
        "RoomService/UpdateSubscriptions": {"room": call["room"], "identity": "visitor"},
        "RoomService/SendData": {"room": call["room"]},
        "RoomService/UpdateRoomMetadata": {"room": call["room"], "metadata": "x"},
        "AgentDispatchService/CreateDispatch": {"room": call["room"], "agent_name": "vaani"},
        "AgentDispatchService/ListDispatch": {"room": call["room"]},
    }
    answers = {
        name: requests.post(
            f"{host}/twirp/livekit.{name}", json=body, headers={"Authorization": f"Bearer {call['token']}"}, timeout=5
        ).status_code
        for name, body in calls.items()
    }
    assert set(answers.values()) <= {401, 403}, answers


def test_another_room_asked_for_is_ignored(start: Callable[..., dict[str, str]], stack: Stack) -> None:
    call = start(room="somebody-elses", room_name="somebody-elses", participant_identity="admin")
    assert call["room"] == f"call-{call['callId']}"

    async def where(room: rtc.Room) -> tuple[str, str]:
        return room.name, room.local_participant.identity

    assert in_room(stack.livekit_url, call["token"], where) == (call["room"], "visitor")


def test_a_second_join_replaces_the_first_and_there_is_one_agent(
    start: Callable[..., dict[str, str]], stack: Stack
) -> None:
    call = start()

    async def join_twice() -> tuple[int, bool]:
        first, second = rtc.Room(), rtc.Room()
        gone = asyncio.Event()
        first.on("disconnected", lambda *_: gone.set())
        await first.connect(stack.livekit_url, call["token"])
        await agents_in(first)
        await second.connect(stack.livekit_url, call["token"])
        agents = await agents_in(second)
        await asyncio.wait_for(gone.wait(), 10)
        count = len(agents)
        await second.disconnect()
        return count, gone.is_set()

    assert run_async(join_twice) == (1, True)


def test_after_the_call_it_starts_nothing(start: Callable[..., dict[str, str]], stack: Stack, rows: Rows) -> None:
    call = start()

    async def talk(room: rtc.Room) -> None:
        await agents_in(room)

    in_room(stack.livekit_url, call["token"], talk)
    status = "SELECT status FROM calls_call WHERE id = %s"
    until(lambda: rows(status, call["callId"]) == [("settled",)], 40, "the call to settle")

    async def be_thrown_out() -> None:
        room, gone = rtc.Room(), asyncio.Event()
        room.on("disconnected", lambda *_: gone.set())
        await room.connect(stack.livekit_url, call["token"])
        await asyncio.wait_for(gone.wait(), 20)

    run_async(be_thrown_out)
    assert rows("SELECT count(*) FROM calls_attempt WHERE call_id = %s", call["callId"]) == [(1,)]
    assert rows(status, call["callId"]) == [("settled",)]


def test_a_visitor_with_every_grant_cannot_drive_the_session(
    start: Callable[..., dict[str, str]], stack: Stack
) -> None:
    call = start(language="en-IN")
    everything = api.VideoGrants(
        room_join=True, room=call["room"], room_admin=True, room_create=True, room_list=True, can_publish=True,
        can_publish_data=True, can_subscribe=True, can_update_own_metadata=True, ingress_admin=True, agent=False,
    )  # fmt: skip
    claims = api.access_token.Claims(video=everything).asdict()
    token = resigned(call["token"], stack.env["LIVEKIT_API_SECRET"], video=claims["video"])

    async def drive(room: rtc.Room) -> tuple[bool, list[str]]:
        spoken = asyncio.Event()
        room.register_text_stream_handler("lk.transcription", lambda *_: spoken.set())
        remote = Listening(RoomSessionTransport(room, (await agents_in(room))[0].identity))
        await remote.start()
        await asyncio.wait_for(spoken.wait(), 20)  # the session runs, so a host would be listening by now
        try:
            await remote.wait_for_ready(timeout=3)
            ready = True
        except TimeoutError:
            ready = False
        spoken.clear()
        await room.local_participant.send_text("hello", topic="lk.chat")
        await asyncio.wait_for(spoken.wait(), 20)  # states changed and items came: a host would have told
        await remote.aclose()
        return ready, remote.told

    assert in_room(stack.livekit_url, token, drive) == (False, [])


class Listening(RemoteSession):
    """LiveKit's own client for driving a session, which also notes whatever it is told."""

    def __init__(self, transport: SessionTransport) -> None:
        super().__init__(transport)
        self.told: list[str] = []

    def emit(self, event: Any, *arguments: Any) -> None:
        self.told.append(event)


def test_the_workers_token_opens_nothing_at_livekit(stack: Stack) -> None:
    claims = {
        "iss": stack.env["LIVEKIT_API_KEY"],
        "aud": WORKER_AUDIENCE,
        "exp": int(time.time()) + 60,
        "sub": "worker",
    }
    token = jwt.encode(claims, stack.env["LIVEKIT_API_SECRET"], algorithm="HS256")
    assert _validate(stack, token) == 401


def _validate(stack: Stack, token: str) -> int:
    """What LiveKit says of a token, by the address its own clients ask."""
    host = stack.livekit_url.replace("ws", "http", 1)
    return requests.get(f"{host}/rtc/validate", params={"access_token": token}, timeout=5).status_code


def test_a_good_token_is_taken(start: Callable[..., dict[str, str]], stack: Stack) -> None:
    assert _validate(stack, start()["token"]) == 200


# What docs/integrator.md has a program write, with LiveKit's own client as its maker ships it.
STOCK = """async (url) => {
  const { Room, TokenSource } = LivekitClient;
  const source = TokenSource.endpoint(url);
  const wishes = { agentName: "demo", participantName: "Rahul", participantAttributes: { language: "ta-IN", voice: "karun" } };
  const { serverUrl, participantToken } = await source.fetch(wishes, true);
  const room = new Room();
  const spoken = new Promise((resolve) => room.registerTextStreamHandler(
    "lk.transcription", async (reader) => resolve(await reader.readAll())));
  await room.connect(serverUrl, participantToken);
  const words = await spoken;
  await room.disconnect();
  return { room: room.name, words };
}"""


def test_a_stock_client_is_answered_in_the_language_it_asks_for(page: Page, stack: Stack, rows: Rows) -> None:
    page.goto(f"{stack.web_url}/a/demo")
    page.evaluate((ROOT / "node_modules" / "livekit-client" / "dist" / "livekit-client.umd.js").read_text())
    found = page.evaluate(STOCK, f"{stack.web_url}/api/token")
    assert found["words"].strip() == greeting(demo_config(), "ta-IN", "karun", "Rahul")
    call = "SELECT language, voice, visitor_name FROM calls_call WHERE id = %s"
    assert rows(call, found["room"].removeprefix("call-")) == [("ta-IN", "karun", "Rahul")]
