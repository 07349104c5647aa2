"""Programs that fetch leads: with a key, in the order of change, each change once, none passed over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from agents.models import AgentProfile, IntegrationKey
from leads.models import Lead
from tests.factories import worker_bearer
from tests.leads.making import NUMBER, make_lead, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db: None) -> Client:
    IntegrationKey.objects.create(name="crm", hashed=IntegrationKey.hash("vk_secret"))
    return Client(headers={"Authorization": "Bearer vk_secret"})


def lead_of(agent: AgentProfile, ago: timedelta, **columns: Any) -> Lead:
    lead = make_lead(agent, said=[("visitor", "98450 12345")], **columns)
    put(lead, "phone", NUMBER, "confirmed", turns=["1.1"])
    changed(lead, timezone.now() - ago)
    return lead


def changed(lead: Lead, at: datetime) -> None:
    Lead.objects.filter(pk=lead.pk).update(updated_at=at)


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [each["lead"]["id"] for each in answer.json()["leads"]]


def test_a_lead_is_as_webhooks_tell_of_it(program: Client, agent: AgentProfile) -> None:
    lead = lead_of(agent, timedelta(minutes=1))
    (told,) = program.get("/api/leads").json()["leads"]
    assert told["lead"] == {"id": lead.pk, "status": "new", "summary": "", "fields": {"phone": NUMBER}}
    assert told["call"]["agentId"] == agent.agent_id
    assert told["evidence"] == [{"field": "phone", "value": NUMBER, "state": "confirmed", "turns": [1]}]


def test_each_change_comes_once_in_its_order_page_by_page(program: Client, agent: AgentProfile) -> None:
    together = timezone.now() - timedelta(minutes=5)
    same = [lead_of(agent, timedelta()) for _ in range(3)]
    for lead in same:  # as many changed at once are
        changed(lead, together)
    oldest, newest = lead_of(agent, timedelta(minutes=9)), lead_of(agent, timedelta(minutes=1))
    seen: list[int] = []
    since = ""
    while page := ids(answer := program.get(f"/api/leads?limit=2&since={quote(since)}")):
        seen += page
        since = answer.json()["next"]
    assert seen == [oldest.pk, *(lead.pk for lead in same), newest.pk]

    changed(oldest, timezone.now() - timedelta(seconds=30))
    assert ids(program.get("/api/leads", {"since": since})) == [oldest.pk]
    assert ids(program.get("/api/leads", {"since": together.isoformat()})) == [
        *(lead.pk for lead in same),
        newest.pk,
        oldest.pk,
    ]


def test_a_person_comes_again_when_a_call_that_joined_changes(program: Client, agent: AgentProfile) -> None:
    person = lead_of(agent, timedelta(hours=2))
    later = lead_of(agent, timedelta(hours=1), joined_to=person)
    since = program.get("/api/leads").json()["next"]
    assert ids(program.get("/api/leads")) == [person.pk]
    changed(later, timezone.now() - timedelta(minutes=1))
    assert ids(program.get("/api/leads", {"since": since})) == [person.pk]


def test_what_may_still_be_written_waits_and_locked_leads_stay_away(program: Client, agent: AgentProfile) -> None:
    lead_of(agent, timedelta())
    lead_of(agent, timedelta(minutes=1), locked_at=timezone.now())
    assert ids(program.get("/api/leads")) == []


@pytest.mark.parametrize(
    "since", ["yesterday", "2026-11-20", "2026-11-20T09:00:00", "2026-11-20T09:00:00Z/x", "9" * 60]
)
def test_a_bad_time_is_told(program: Client, since: str) -> None:
    answer = program.get("/api/leads", {"since": since})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_time")
    assert answer.json()["errors"][0]["field"] == "since"


@pytest.mark.parametrize(("group", "status"), [("Reviewers", 200), ("Editors", 401)])
def test_staff_see_it_who_may_see_leads(client: Client, group: str, status: int) -> None:
    user = User.objects.create_user("meera", is_staff=True)
    user.groups.set(Group.objects.filter(name=group))
    client.force_login(user)
    assert client.get("/api/leads").status_code == status


def test_neither_strangers_nor_workers_do() -> None:
    assert Client().get("/api/leads").status_code == 401
    assert Client(headers={"Authorization": f"Bearer {worker_bearer()}"}).get("/api/leads").status_code == 401
