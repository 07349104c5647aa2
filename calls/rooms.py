"""LiveKit's rooms: tokens, presence, dispatch. The only importer of `livekit.api` on the web side but the doctor.

Network functions open one short connection each and block; call them from the watch or a task, never
from a request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from aiohttp import ClientError
from livekit import api

from agents.contract import AGENT_NAME
from calls.models import VISITOR_IDENTITY, Call
from vaani.env import get_env

T = TypeVar("T")

JOIN_TTL = timedelta(minutes=2)  # a token opens its room this long after it was made
EMPTY_SECONDS = 30  # an empty room is closed after this
DEPARTURE_SECONDS = 10  # and one whose visitor left, after this; who vanishes without a word is missed after 20 s
LIMIT_SECONDS = 5


class RoomError(Exception):
    """LiveKit could not be asked. The text says why."""


@dataclass(frozen=True)
class Presence:
    """Who is in a room: whether the visitor is, and the identities of agents."""

    visitor: bool
    agents: list[str]


def visitor_token(call: Call, *, text_chat: bool) -> str:
    """Token for the call's visitor: one room, microphone and ears, text when the agent takes it.

    The room's configuration dispatches our worker when the visitor's join makes the room. Browsers
    can read a token, so its metadata holds the call's id and language and nothing else.
    """
    env = get_env()
    grants = api.VideoGrants(
        room_join=True,
        room=call.room,
        can_publish=not call.typed,
        can_publish_sources=["microphone"],
        can_subscribe=True,
        can_publish_data=text_chat,
        can_update_own_metadata=False,
    )
    room = api.RoomConfiguration(
        name=call.room,
        max_participants=1,
        empty_timeout=EMPTY_SECONDS,
        departure_timeout=DEPARTURE_SECONDS,
        agents=[api.RoomAgentDispatch(agent_name=AGENT_NAME, metadata=_metadata(call))],
    )
    token = api.AccessToken(env.livekit_api_key, env.livekit_api_secret).with_identity(VISITOR_IDENTITY)
    if call.visitor_name:
        token = token.with_name(call.visitor_name)
    return token.with_ttl(JOIN_TTL).with_grants(grants).with_room_config(room).to_jwt()


def _metadata(call: Call) -> str:
    return json.dumps({"call_id": str(call.pk), "language": call.language})


def presence(call: Call) -> Presence | None:
    """Who is in the call's room, or None when there is no room. Raises `RoomError`."""

    async def ask(lk: api.LiveKitAPI) -> Presence | None:
        try:
            answer = await lk.room.list_participants(api.ListParticipantsRequest(room=call.room))
        except api.TwirpError as error:
            if error.code == "not_found":
                return None
            raise
        agents = [who.identity for who in answer.participants if who.kind == api.ParticipantInfo.Kind.AGENT]
        visitor = any(who.identity == VISITOR_IDENTITY for who in answer.participants)
        # LiveKit answers an empty list for a room it does not know.
        return Presence(visitor, agents) if answer.participants else None

    return ask_livekit(ask)


def dispatch_agent(call: Call, *, ghosts: list[str]) -> None:
    """Ask for an agent once more, removing agents that hold the room without being alive. Raises `RoomError`.

    The earlier dispatch stays: deleting it would end its job, which may come late and claim the call at this moment.
    Of two jobs that come, the second is refused its claim and leaves.
    """

    async def ask(lk: api.LiveKitAPI) -> None:
        for identity in ghosts:
            await lk.room.remove_participant(api.RoomParticipantIdentity(room=call.room, identity=identity))
        await lk.agent_dispatch.create_dispatch(
            api.CreateAgentDispatchRequest(agent_name=AGENT_NAME, room=call.room, metadata=_metadata(call))
        )

    ask_livekit(ask)


def close_room(call: Call) -> None:
    """Close the call's room, which hangs up on whoever is in it. Nothing happens when it is gone. Raises `RoomError`."""

    async def ask(lk: api.LiveKitAPI) -> None:
        try:
            await lk.room.delete_room(api.DeleteRoomRequest(room=call.room))
        except api.TwirpError as error:
            if error.code != "not_found":
                raise

    ask_livekit(ask)


def read_webhook(body: str, authorization: str) -> api.WebhookEvent | None:
    """The event LiveKit sent, or None when the signature over the exact body is not its own."""
    env = get_env()
    receiver = api.WebhookReceiver(api.TokenVerifier(env.livekit_api_key, env.livekit_api_secret))
    try:
        return receiver.receive(body, authorization)
    except Exception:  # the library raises bare Exceptions and PyJWT's own
        return None


def ask_livekit(question: Callable[[api.LiveKitAPI], Awaitable[T]]) -> T:
    """What LiveKit's server answers to `question`, within 5 s. Raises `RoomError`."""
    env = get_env()

    async def run() -> T:
        async with (
            asyncio.timeout(LIMIT_SECONDS),
            api.LiveKitAPI(env.livekit_url, env.livekit_api_key, env.livekit_api_secret) as lk,
        ):
            return await question(lk)

    try:
        return asyncio.run(run())
    except (api.TwirpError, ClientError, TimeoutError, OSError) as error:
        raise RoomError(f"{type(error).__name__}: {error}") from error
