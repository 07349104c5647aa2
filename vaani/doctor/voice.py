"""LiveKit: is it there, does it tell us what happens, does sound get through it?"""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import suppress

from django.core.cache import cache
from livekit import api

from calls.rooms import RoomError, ask_livekit
from calls.webhooks import PROBE_ROOM, probe_key
from vaani.doctor.checkup import Result, failed, ok, warning
from vaani.doctor.fetching import FetchError, fetch, http_address
from vaani.doctor.tone import Heard, ToneError, play_and_listen
from vaani.env import get_env

WEBHOOK_SECONDS = 8
TONE_SECONDS = 12
MOST_LOSS = 20  # dB: more, and people are hard to understand
_LOOK_SECONDS = 0.1


def livekit() -> Result:
    """Does LiveKit answer, and take our key?"""
    env = get_env()
    if not (env.livekit_api_key and env.livekit_api_secret):
        return failed(
            "No LiveKit key is set.", "Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET as LiveKit's server has them."
        )
    try:
        fetch(http_address(env.livekit_url))
    except FetchError as error:
        return failed(
            f"LiveKit does not answer at {env.livekit_url}: {error}", "Start LiveKit's server, or correct LIVEKIT_URL."
        )
    try:
        ask_livekit(lambda lk: lk.room.list_rooms(api.ListRoomsRequest()))
    except RoomError as error:
        return failed(
            f"LiveKit at {env.livekit_url} does not take our key: {error}",
            "Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair in the `keys` of LiveKit's configuration.",
        )
    return ok(f"LiveKit answers at {env.livekit_url} and takes our key.")


def webhooks() -> Result:
    """Does what LiveKit has to tell arrive here? A room is made and deleted."""
    room = _new_room()
    try:
        ask_livekit(lambda lk: lk.room.create_room(api.CreateRoomRequest(name=room, empty_timeout=10)))
        _delete(room)
    except RoomError as error:
        return failed(f"LiveKit could not make a room: {error}", "See LiveKit's log.")
    deadline = time.monotonic() + WEBHOOK_SECONDS
    while not cache.get(probe_key(room)):
        if time.monotonic() > deadline:
            env = get_env()
            return failed(
                f"LiveKit made a room and told us nothing of it within {WEBHOOK_SECONDS} s.",
                f"In LiveKit's configuration set webhook.urls to {env.site_url}/api/livekit/webhook (or the web server's"
                f" inner address) and webhook.api_key to {env.livekit_api_key}.",
            )
        time.sleep(_LOOK_SECONDS)
    return ok("What happens in LiveKit's rooms is told here.")


def media() -> Result:
    """Does sound get through? A tone is played as a visitor would, and heard as the agent would."""
    env = get_env()
    remedy = (
        "Open LiveKit's media ports (rtc.udp_port and rtc.tcp_port) in the firewall, and see that its address is right:"
        " rtc.use_external_ip or rtc.node_ip."
    )
    try:
        heard = _play(env.browser_livekit_url)
    except ToneError as error:
        if env.browser_livekit_url == env.livekit_url:
            return failed(f"No sound gets through LiveKit: {error}.", remedy)
        try:
            _play(env.livekit_url)
        except ToneError as inner:
            return failed(f"No sound gets through LiveKit: {inner}.", remedy)
        return warning(
            f"Sound gets through LiveKit, but from here not by {env.browser_livekit_url}: {error}.",
            "Browsers are told LIVEKIT_PUBLIC_URL: make a call from outside, and correct it if that one fails.",
        )
    if heard.loss > MOST_LOSS:
        return warning(
            f"The tone arrived {heard.loss:.0f} dB too quiet.", "Look for a proxy or gateway that changes sound."
        )
    return ok(f"A tone went through LiveKit and was heard after {heard.seconds:.1f} s, {heard.loss:+.1f} dB quieter.")


def _play(speaker_url: str) -> Heard:
    room = _new_room()
    try:
        return asyncio.run(
            play_and_listen(room, speaker_url=speaker_url, listener_url=get_env().livekit_url, seconds=TONE_SECONDS)
        )
    finally:
        with suppress(RoomError):
            _delete(room)


def _new_room() -> str:
    return f"{PROBE_ROOM}{uuid.uuid4().hex}"


def _delete(room: str) -> None:
    ask_livekit(lambda lk: lk.room.delete_room(api.DeleteRoomRequest(room=room)))
