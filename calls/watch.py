"""The watch: once a second, notice what nobody told us and put it right.

A visitor whom no agent joined, a worker that went silent, a call nobody is in, an ended call to
settle. LiveKit never sends an agent a second time, and takes 21 s to notice a killed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from calls.live import tell
from calls.models import Call, CallEvent
from calls.rooms import JOIN_TTL, Presence, RoomError, close_room, dispatch_agent, presence
from calls.services.endings import end_call, settle_due
from calls.workers import surely_held_calls
from vaani.logs import get_logger

log = get_logger(__name__)

_LEADER_LOCK = 0x76617463
AGENT_WITHIN = timedelta(seconds=5)
MAX_DISPATCHES = 4
ROOM_GONE_AFTER = timedelta(seconds=30)


def tick() -> bool:
    """Do one round if no other watch is leading. Returns whether this one led."""
    with _leading() as leading:
        if leading:
            held = surely_held_calls()
            if held is not None:
                for call in Call.objects.unfinished():
                    _look_after(call, held)
            settle_due()
        return leading


@contextmanager
def _leading() -> Iterator[bool]:
    # Taken and given back within the round: a lost connection can then never leave two leaders, or none.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LEADER_LOCK])
        leading = bool(cursor.fetchone()[0])
        try:
            yield leading
        finally:
            if leading:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LEADER_LOCK])


def _look_after(call: Call, held: dict[UUID, str]) -> None:
    if call.pk in held:
        return
    newest = call.attempts.last()
    waited_since = max(call.dispatched_at, newest.claimed_at) if newest else call.dispatched_at
    if timezone.now() - waited_since < AGENT_WITHIN:
        return
    try:
        room = presence(call)
        if room is None or not room.visitor:
            _end_if_deserted(call, newest is not None)
            return
        # LiveKit's webhook may be lost; a visitor who waits holds a slot all the same.
        Call.objects.filter(pk=call.pk, joined_at__isnull=True).update(joined_at=timezone.now())
        if call.status == Call.Status.CREATED and room.agents:
            pass  # the agent is in the room and about to claim
        else:
            _send_agent(call, room)
    except RoomError as error:
        log.warning("room_unreachable", call_id=str(call.pk), error=str(error))


def _end_if_deserted(call: Call, was_answered: bool) -> None:
    since = timezone.now() - call.created_at
    if was_answered:
        end_call(call.pk, Call.EndReason.WORKER_LOST)
    elif call.joined_at is not None and since > ROOM_GONE_AFTER:
        end_call(call.pk, Call.EndReason.NO_AGENT)
    elif since > JOIN_TTL + ROOM_GONE_AFTER:
        end_call(call.pk, Call.EndReason.NEVER_JOINED)


def _send_agent(call: Call, room: Presence) -> None:
    if call.dispatches >= MAX_DISPATCHES:
        if end_call(call.pk, Call.EndReason.NO_AGENT):
            close_room(call)
        return
    now = timezone.now()
    # Written first: should LiveKit take long, the next round must not ask again.
    mine = Call.objects.filter(pk=call.pk, dispatches=call.dispatches)
    if not mine.update(dispatches=F("dispatches") + 1, dispatched_at=now):
        return
    CallEvent.objects.create(
        call=call, item_id=f"watch.{call.dispatches}", kind="redispatched", at=now, detail={"ghosts": len(room.agents)}
    )
    log.warning("agent_redispatched", call_id=str(call.pk), time=call.dispatches)
    tell(call.pk)
    dispatch_agent(call, ghosts=room.agents)
