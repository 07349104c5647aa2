"""Tell the endpoints what became of a lead, through the outbox: rows written in the caller's own transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.db import transaction
from django.utils import timezone

from leads.endpoints import all_endpoints
from leads.models import Delivery, Endpoint, Lead
from leads.payload import Event, erased_body, example_body, lead_body
from leads.sending import LEASE, nudge
from vaani.logs import get_logger

log = get_logger(__name__)

News = Literal["lead.captured", "lead.updated", "lead.reviewed"]

_When = Endpoint.When
_NO_WAIT = timedelta()


def announce(lead: Lead, news: News, *, why: str = "") -> None:
    """Write what each endpoint is to be told of this news, and have it sent once the transaction commits.

    Call it last in the transaction that made the news, after the lead's values are written. A lead that joined another
    counts as that one, so every new lead may be announced as captured. An endpoint hears `lead.captured` of a person
    once, when the lead is caught or, if it wants so, when staff accept it (`lead.reviewed`); whatever comes later is
    `lead.updated`, and nothing is told before. Nothing is told of a locked lead or of a sample. `why` is for staff, in
    their words: "corrected by the visitor".
    """
    with transaction.atomic():
        lead.refresh_from_db(fields=["joined_to"])  # it may have joined another since it was read
        # One announcement of a person at a time, so that no endpoint hears of a capture twice.
        people = Lead.objects.select_related("call").select_for_update(of=("self",))
        person = people.get(pk=lead.joined_to_id or lead.pk)
        if person.locked_at or person.is_sample:
            return
        for endpoint in all_endpoints().listening().for_agent(person.agent_id):
            captured = endpoint.deliveries.filter(lead=person, event="lead.captured").exists()
            if event := _event(endpoint, news, captured=captured):
                _write(endpoint, person, event, lead_body(person, event), why=why)


def announce_erased(lead: Lead) -> int:
    """Tell every endpoint that was told of this lead that it is erased, by its ids only. Returns how many those are.

    Call it before the lead is deleted, in the same transaction. What it was told before, and what still waits, goes
    with the lead.
    """
    with transaction.atomic():
        told = lead.deliveries.filter(tries__gt=0)
        endpoints = list(Endpoint.objects.filter(deliveries__in=told).distinct())
        for endpoint in endpoints:
            # A try that is under way may still arrive: the erasure must come after it.
            under_way = told.waiting().filter(endpoint=endpoint).exists()
            _write(endpoint, None, "lead.erased", erased_body(lead), wait=LEASE if under_way else _NO_WAIT)
    return len(endpoints)


def _event(endpoint: Endpoint, news: News, *, captured: bool) -> Event | None:
    """What an endpoint is told of this news; nothing when it is not for it."""
    at_once = endpoint.when in (_When.CAPTURE, _When.BOTH)
    at_review = endpoint.when in (_When.REVIEW, _When.BOTH)
    if captured:
        return "lead.updated" if news != "lead.reviewed" or at_review else None
    due = (news == "lead.captured" and at_once) or (news == "lead.reviewed" and at_review)
    return "lead.captured" if due else None


def _write(
    endpoint: Endpoint,
    lead: Lead | None,
    event: str,
    body: str,
    *,
    why: str = "",
    wait: timedelta = _NO_WAIT,
) -> Delivery:
    now = timezone.now()
    delivery = Delivery.objects.create(
        endpoint=endpoint, lead=lead, event=event, body=body, why=why[:200], created_at=now, next_try_at=now + wait
    )
    transaction.on_commit(nudge, robust=True)  # a broker that is down loses nothing: the sweep finds the row
    log.info("delivery_written", delivery_id=delivery.pk, lead_id=delivery.lead_id, endpoint=endpoint.name)
    return delivery


def announce_test(endpoint: Endpoint) -> Delivery:
    """Send an example of a lead to one endpoint, as `lead.test`, even while it rests after a failure."""
    Endpoint.objects.filter(pk=endpoint.pk).update(resting_until=None)
    return _write(endpoint, None, "lead.test", example_body())
