"""Public API of leads: asking to be called back."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from django.core.cache import cache
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AfterValidator, Field, StringConstraints
from redis.exceptions import RedisError

from agents.origins import foreign_origin
from calls.api import Consent, Short, storable
from leads.callbacks import ask_callback
from vaani.env import get_env
from vaani.problems import Problem

router = Router(tags=["leads"])

PACE_SECONDS = 60


class CallbackRequest(Schema):
    """Who asks. `visitorKey` is that of the call that was cut off or not answered, if there was one."""

    agentId: Short
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(storable)
    ]
    phone: Short
    language: Short = ""
    consent: Consent
    visitorKey: str = Field("", max_length=200)


class CallbackAnswer(Schema):
    """The number that will be called, as `+919845012345`."""

    phone: str


@router.post("/callback", response=CallbackAnswer, operation_id="callback_ask", summary="Ask to be called back")
def callback(request: HttpRequest, body: CallbackRequest) -> CallbackAnswer:
    """Keep a name and a number as a lead. Sent twice, it is one lead. 429 with Retry-After when too many are sent."""
    _require_pace(request.META["REMOTE_ADDR"])
    number = ask_callback(
        agent_id=body.agentId,
        name=body.name,
        phone=body.phone,
        language=body.language,
        consent=body.consent.model_dump(),
        visitor_key=body.visitorKey,
        origin=foreign_origin(request),
    )
    return CallbackAnswer(phone=number)


def _require_pace(address: str) -> None:
    """Raise `Problem` 429 when an address sends too many. Without Redis nobody is refused: no number may be lost."""
    sent = 0
    with suppress(RedisError, ValueError):  # the minute may end between the two
        cache.add(f"callbacks:{address}", 0, PACE_SECONDS)
        sent = cache.incr(f"callbacks:{address}")
    if sent > get_env().callbacks_per_minute:
        raise Problem(
            429,
            "too_many_callbacks",
            "Too many numbers came from here. Try again in a minute.",
            retry_after=PACE_SECONDS,
        )
