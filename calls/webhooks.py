"""LiveKit's webhook. It only makes quicker what the watch would notice anyway."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from livekit.api import ParticipantInfo, WebhookEvent
from ninja import Router, Schema

from calls.live import tell
from calls.models import VISITOR_IDENTITY, Call, CallEvent
from calls.rooms import read_webhook
from calls.services.endings import end_call
from vaani.problems import Problem

router = Router(tags=["livekit"])

PROBE_ROOM = "doctor-"  # rooms by which the doctor learns whether events arrive
_PROBE_SECONDS = 60
_KINDS = {"participant_joined", "participant_left", "room_finished"}


class Received(Schema):
    status: Literal["ok"] = "ok"


@router.post("/livekit/webhook", response=Received, operation_id="livekit_webhook", summary="LiveKit's webhook")
def webhook(request: HttpRequest) -> Received:
    """Take an event from LiveKit's server, signed over its exact body."""
    event = read_webhook(request.body.decode(errors="replace"), request.headers.get("Authorization", ""))
    if event is None:
        raise Problem(401, "not_authorised", "This was not signed by our LiveKit server.")
    if event.room.name.startswith(PROBE_ROOM):
        cache.set(probe_key(event.room.name), event.event, _PROBE_SECONDS)
    elif event.event in _KINDS and (call := _call_of(event.room.name)):
        _take(call, event)
    return Received()


def probe_key(room: str) -> str:
    """Under which the cache holds, for a minute, that an event of a probing room has arrived."""
    return f"livekit-told:{room}"


def _call_of(room: str) -> Call | None:
    try:
        call_id = UUID(room.removeprefix("call-"))
    except ValueError:
        return None
    return Call.objects.filter(pk=call_id).first()


@transaction.atomic
def _take(call: Call, event: WebhookEvent) -> None:
    at = datetime.fromtimestamp(event.created_at, UTC)
    who = event.participant
    detail = {}
    if event.event != "room_finished":
        is_agent = who.kind == ParticipantInfo.Kind.AGENT
        detail = {"who": "agent" if is_agent else "visitor", "reason": who.disconnect_reason}
    _row, new = CallEvent.objects.get_or_create(
        call=call, item_id=f"livekit.{event.id}", defaults={"kind": event.event, "at": at, "detail": detail}
    )
    if not new:
        return  # LiveKit sends an event again when our answer was lost
    tell(call.pk)
    if event.event == "participant_joined" and who.identity == VISITOR_IDENTITY:
        Call.objects.filter(pk=call.pk, joined_at__isnull=True).update(joined_at=at)
    elif event.event == "room_finished":
        deserted = Call.objects.filter(pk=call.pk, joined_at__isnull=False, answered_at=None).exists()
        end_call(call.pk, Call.EndReason.NO_AGENT if deserted else Call.EndReason.ROOM_CLOSED, at=at)
