"""Which endpoint is told what, of which lead."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from agents.models import AgentProfile
from leads.announce import News, announce, announce_erased, announce_test
from leads.models import Delivery, Endpoint, Lead
from tests.conftest import SetEnv
from tests.factories import make_agent, make_call
from tests.leads.conftest import Clock
from tests.leads.receiver import Receiver

pytestmark = pytest.mark.django_db

When = Endpoint.When


def endpoint(when: When = When.CAPTURE, **parts: Any) -> Endpoint:
    return Endpoint.objects.create(**{"name": f"CRM, {when}", "url": "https://crm.example.in", "when": when, **parts})


def told(of: Endpoint) -> list[str]:
    return list(of.deliveries.order_by("pk").values_list("event", flat=True))


@pytest.mark.parametrize(
    ("when", "news", "events"),
    [
        (When.CAPTURE, ["lead.captured", "lead.reviewed", "lead.updated"], ["lead.captured", "lead.updated"]),
        (When.REVIEW, ["lead.captured", "lead.updated", "lead.reviewed"], ["lead.captured"]),
        (When.REVIEW, ["lead.captured", "lead.reviewed", "lead.updated"], ["lead.captured", "lead.updated"]),
        (When.BOTH, ["lead.captured", "lead.reviewed"], ["lead.captured", "lead.updated"]),
        (When.BOTH, ["lead.reviewed", "lead.captured"], ["lead.captured", "lead.updated"]),
        (When.CAPTURE, ["lead.updated", "lead.reviewed"], []),
        (When.CAPTURE, ["lead.captured", "lead.captured"], ["lead.captured", "lead.updated"]),
    ],
)
def test_a_lead_is_captured_once_and_then_updated(lead: Lead, when: When, news: list[News], events: list[str]) -> None:
    crm = endpoint(when)
    for each in news:
        announce(lead, each, why="corrected by staff")
    assert told(crm) == events
    assert {delivery.why for delivery in crm.deliveries.all()} <= {"corrected by staff"}
    assert [json.loads(delivery.body)["type"] for delivery in crm.deliveries.order_by("pk")] == events


def test_a_lead_that_joined_another_counts_as_that_one(lead: Lead) -> None:
    crm = endpoint()
    announce(lead, "lead.captured")
    again = Lead.objects.create(agent=lead.agent, call=make_call(lead.agent))
    Lead.objects.filter(pk=again.pk).update(joined_to=lead)  # which the caller's copy does not know
    announce(again, "lead.captured")
    assert told(crm) == ["lead.captured", "lead.updated"]
    assert {delivery.lead_id for delivery in crm.deliveries.all()} == {lead.pk}


def test_only_endpoints_of_the_agent_and_those_of_all_are_told(lead: Lead) -> None:
    other = make_agent(agent_id="other")
    ours, everybodys, theirs = endpoint(name="a", agent=lead.agent), endpoint(name="b"), endpoint(name="c", agent=other)
    announce(lead, "lead.captured")
    assert [told(each) for each in (ours, everybodys, theirs)] == [["lead.captured"], ["lead.captured"], []]
    assert len(set(Delivery.objects.values_list("webhook_id", flat=True))) == 2


def test_one_that_is_switched_off_is_told_nothing_and_one_that_is_gone_hears_of_it_later(
    lead: Lead, clock: Clock
) -> None:
    off, gone = endpoint(name="a", enabled=False), endpoint(name="b", enabled=False, gone_at=clock.now)
    announce(lead, "lead.captured")
    assert (told(off), told(gone)) == ([], ["lead.captured"])


def test_the_environments_n8n_is_an_endpoint_by_itself(lead: Lead, n8n: Receiver, set_env: SetEnv) -> None:
    set_env(n8n_webhook_lead_capture="/webhook/ours")
    announce(lead, "lead.captured")
    announce(lead, "lead.updated")
    found = Endpoint.objects.get()
    assert (found.name, found.is_environments, found.address) == ("n8n", True, f"{n8n.url}/webhook/ours")
    assert (len(found.key), found.key.isalnum()) == (32, True)


def test_without_endpoints_nothing_is_written(lead: Lead) -> None:
    announce(lead, "lead.captured")
    assert not Delivery.objects.exists()


def test_nothing_is_told_of_a_locked_lead(lead: Lead, clock: Clock) -> None:
    endpoint()
    Lead.objects.update(locked_at=clock.now)
    announce(lead, "lead.captured")
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_announce_at_once_capture_once(lead: Lead) -> None:
    crm = endpoint()
    at_once = threading.Barrier(3)

    def extract() -> None:
        at_once.wait()
        try:
            announce(lead, "lead.captured")
        finally:
            connection.close()

    threads = [threading.Thread(target=extract) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told(crm)) == ["lead.captured", "lead.updated", "lead.updated"]


def test_an_erasure_is_told_by_ids_to_those_who_were_told(lead: Lead, clock: Clock) -> None:
    tried, never, off = endpoint(name="a"), endpoint(name="b"), endpoint(name="c")
    announce(lead, "lead.captured")
    tried.deliveries.update(tries=1, status=Delivery.Status.DELIVERED)
    off.deliveries.update(tries=1, status=Delivery.Status.DELIVERED)
    Endpoint.objects.filter(pk=off.pk).update(enabled=False)
    number, call_id = lead.pk, str(lead.call_id)
    announce_erased(lead)
    lead.delete()
    assert (told(tried), told(never), told(off)) == (["lead.erased"], [], ["lead.erased"])
    delivery = tried.deliveries.get()
    body = json.loads(delivery.body)
    assert (body["type"], body["data"]) == ("lead.erased", {"lead": {"id": number}, "call": {"id": call_id}})
    assert delivery.next_try_at == clock.now


def test_an_erasure_comes_after_a_try_that_is_under_way(lead: Lead, clock: Clock) -> None:
    crm = endpoint()
    announce(lead, "lead.captured")
    crm.deliveries.update(tries=1)
    announce_erased(lead)
    assert crm.deliveries.get(event="lead.erased").next_try_at > clock.now


def test_a_test_is_no_lead_and_does_not_wait(agent: AgentProfile, clock: Clock) -> None:
    crm = endpoint(resting_until=clock.now + timedelta(minutes=4))
    announce_test(crm)
    assert crm in Endpoint.objects.reachable(clock.now)
    delivery = crm.deliveries.get()
    assert (delivery.event, delivery.lead, json.loads(delivery.body)["type"]) == ("lead.test", None, "lead.test")
