"""API of leads: asking to be called back, for anyone; and the leads that have changed, for programs with a key."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field, StringConstraints

from agents.auth import bearer_of, key_holder
from agents.origins import foreign_origin
from calls.api import Consent, Short, storable
from leads.callbacks import ask_callback
from leads.changed import Place, changed_since
from leads.payload import LeadData, lead_data
from vaani.env import get_env
from vaani.pace import require_pace
from vaani.problems import Problem

router = Router(tags=["leads"])


class LeadsQuestion(Schema):
    """`since` is a time with its zone, or an earlier answer's `next`."""

    since: str = Field("", max_length=60)
    limit: int = Field(50, ge=1, le=100)


class LeadsAnswer(Schema):
    """People as webhooks tell of them (`data`), longest unchanged first. Ask on with `since` set to `next`."""

    leads: list[LeadData]
    next: str


@router.get("/leads", response=LeadsAnswer, operation_id="leads_list", summary="Leads that have changed", by_alias=True)
def changed_leads(request: HttpRequest, question: Query[LeadsQuestion]) -> LeadsAnswer:
    """Leads changed since a time, or since the `next` of an earlier answer. For integration keys, and staff who may see leads.

    What changed in the last five seconds comes with the next question. Locked leads are left out.
    """
    if not _may_read(request):
        raise Problem(
            401, "not_authorised", "Send an integration key as a bearer, or sign in as staff who may see leads."
        )
    try:
        place = Place.read(question.since) if question.since else Place()
    except (ValueError, OverflowError) as error:
        raise Problem(
            422, "bad_time", "Give a time with its zone, such as 2026-11-20T09:00:00Z, or an earlier answer's next.",
            field="since",
        ) from error  # fmt: skip
    found = changed_since(place, question.limit)
    return LeadsAnswer(leads=[lead_data(lead) for lead, _place in found], next=str(found[-1][1] if found else place))


def _may_read(request: HttpRequest) -> bool:
    if request.user.is_staff and request.user.has_perm("leads.view_lead"):
        return True
    token = bearer_of(request)
    return bool(token and key_holder(token))


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
    limit = get_env().callbacks_per_minute
    require_pace(request, "too_many_callbacks", limit, "Too many numbers came from here. Try again in a minute.")
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
