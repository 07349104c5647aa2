"""One person, one lead: who can be reached alike joins the open lead of the same agent, and nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import requests
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from agents.models import AgentProfile
from calls.models import Call
from leads import extraction, review
from leads.callbacks import ask_callback
from leads.extraction import extract
from leads.joining import join_by_itself, lock_leads_of
from leads.models import Delivery, Extraction, Lead, LeadChange, LeadValue
from leads.people import values_of
from tests.factories import live_call, make_agent
from tests.leads.receiver import Receiver
from tests.leads.talk import NUMBER, hang_up, store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandboxed")]

MINE = "98450 12345"
OTHERS = "98450 54321"


def talked(agent: AgentProfile, *lines: str) -> Call:
    call = live_call(agent)
    store(call, *lines)
    hang_up(call)
    return call


def caught(agent: AgentProfile, *lines: str) -> Lead:
    """The lead of a call that was read."""
    call = talked(agent, *lines)
    extract(Extraction.objects.get(call=call).pk)
    return Lead.objects.get(call=call)


def join(lead: Lead) -> Lead | None:
    with transaction.atomic():
        lock_leads_of(lead.agent_id)
        return join_by_itself(lead)


def test_a_returning_caller_joins_by_number(agent: AgentProfile) -> None:
    first = caught(agent, "मेरा नाम राहुल है", MINE)
    second = caught(agent, "नमस्ते, फ्लैट देखना है", MINE)
    assert second.joined_to == first
    assert list(Lead.objects.people()) == [first]
    assert {value.key: value.value for value in values_of(first)} == {
        "name": "राहुल",
        "phone": NUMBER,
        "need": "नमस्ते, फ्लैट देखना है",
    }
    for lead in (first, second):
        change = LeadChange.objects.get(lead=lead, field="Same person as")
        assert (change.who, change.why) == (None, "The same phone number or e-mail address")


def test_or_by_e_mail_address() -> None:
    agent = make_agent(fields=[{"key": "mail", "label": "E-mail", "kind": "email"}])
    first = caught(agent, "ravi@gmail.com")
    assert caught(agent, "मेरा ईमेल रवि ऐट जीमेल डॉट कॉम है").joined_to == first


def test_a_third_call_joins_the_person_and_not_the_second_call(agent: AgentProfile) -> None:
    first, second, third = (caught(agent, MINE) for _ in range(3))
    assert second.joined_to == third.joined_to == first


def test_it_may_share_a_number_with_any_of_a_persons_calls(agent: AgentProfile, admin_user: User) -> None:
    first, second = caught(agent, MINE), caught(agent, OTHERS)
    review.join(first, second, who=admin_user)
    assert caught(agent, OTHERS).joined_to == first


@pytest.mark.parametrize("status", ["contacted", "qualified", "won", "lost", "spam"])
def test_only_an_open_lead_is_joined(agent: AgentProfile, status: str) -> None:
    first = caught(agent, MINE)
    Lead.objects.update(status=status)
    second = caught(agent, MINE)
    assert second.joined_to == (first if status in ("contacted", "qualified") else None)


@pytest.mark.parametrize("why", ["another agent", "another number", "kept apart", "locked", "not heard", "rejected"])
def test_others_are_only_suggested(agent: AgentProfile, why: str) -> None:
    caught(make_agent(agent_id="other", name="Other") if why == "another agent" else agent, MINE)
    changes: dict[str, Any] = {"kept apart": {"kept_apart": True}, "locked": {"locked_at": timezone.now()}}
    Lead.objects.update(**changes.get(why, {}))
    doubts: dict[str, Any] = {"not heard": {"state": "inferred"}, "rejected": {"verdict": "rejected"}}
    if why in doubts:
        LeadValue.objects.update(**doubts[why])
    assert caught(agent, OTHERS if why == "another number" else MINE).joined_to is None


def test_what_staff_accepted_is_to_be_looked_at_again(agent: AgentProfile) -> None:
    first = caught(agent, MINE)
    Lead.objects.update(accepted_at=timezone.now(), status="contacted")
    caught(agent, MINE)
    first.refresh_from_db()
    assert (first.accepted_at, first.status) == (None, "contacted")


@pytest.mark.parametrize(
    "taken",
    [
        {"accepted_at": timezone.now()},
        {"status": "contacted"},
        {"kept_apart": True},
        {"locked_at": timezone.now()},
        {"owner": True},
    ],
)
def test_one_that_staff_have_taken_up_joins_nobody(
    agent: AgentProfile, admin_user: User, taken: dict[str, Any]
) -> None:
    caught(agent, MINE)
    lead = Lead.objects.create(agent=agent)
    lead.values.create(key="phone", label="Phone", kind="phone", value=NUMBER, state="heard")
    Lead.objects.filter(pk=lead.pk).update(**(taken if "owner" not in taken else {"owner": admin_user}))
    assert join(lead) is None


def test_one_that_stands_for_others_stays(agent: AgentProfile) -> None:
    first = caught(agent, OTHERS)
    second = caught(agent, OTHERS)
    assert second.joined_to == first
    caught(agent, MINE)
    first.values.update(value=NUMBER)
    assert join(first) is None


def test_taken_apart_by_staff_it_stays_apart_when_it_is_read_again(agent: AgentProfile, admin_user: User) -> None:
    first, second = caught(agent, MINE), caught(agent, MINE)
    review.split(second, who=admin_user)
    assert second.call_id
    extraction.want_extraction(call_id=second.call_id)
    extract(Extraction.objects.get(call=second.call_id).pk)
    second.refresh_from_db()
    assert second.joined_to is None
    assert caught(agent, MINE).joined_to == first


def test_read_again_it_is_the_same_lead(agent: AgentProfile) -> None:
    first, second = caught(agent, MINE), caught(agent, MINE)
    for lead in (second, first):
        assert lead.call_id
        extraction.want_extraction(call_id=lead.call_id)
        extract(Extraction.objects.get(call=lead.call_id).pk)
    assert Lead.objects.count() == 2
    assert Lead.objects.get(joined_to=first) == second
    assert LeadChange.objects.filter(field="Same person as").count() == 2


def test_the_person_is_what_is_announced(agent: AgentProfile, n8n: Receiver) -> None:
    first = caught(agent, MINE)
    caught(agent, MINE)
    assert [(each.lead, each.event) for each in Delivery.objects.order_by("pk")] == [
        (first, "lead.captured"),
        (first, "lead.updated"),
    ]


# Call-backs -------------------------------------------------------------------------------------


def wish(number: str = MINE) -> Lead:
    ask_callback(agent_id="demo", name="Ravi", phone=number, consent={"callback": True})
    return Lead.objects.filter(call=None).latest("pk")


def test_a_call_back_of_somebody_known_is_due_on_that_person(agent: AgentProfile, n8n: Receiver) -> None:
    first = caught(agent, MINE)
    Lead.objects.update(status="contacted", accepted_at=timezone.now())
    asked = wish()
    assert asked.joined_to == first
    first.refresh_from_db()
    assert (first.status, first.accepted_at) == ("new", None)
    assert first.callback_at == asked.callback_at is not None
    assert ("Contacted", "New") in [(change.old, change.new) for change in first.changes.all()]
    wish()
    assert Lead.objects.count() == 2
    assert [each.event for each in Delivery.objects.order_by("pk")] == ["lead.captured", "lead.updated", "lead.updated"]


def test_a_call_of_who_asked_to_be_called_back_joins_the_wish(agent: AgentProfile) -> None:
    asked = wish()
    assert caught(agent, MINE).joined_to == asked


# At once ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_calls_read_at_once_are_one_person() -> None:
    agent = make_agent()
    rows = [Extraction.objects.get(call=talked(agent, MINE)).pk for _ in range(4)]
    together = Barrier(len(rows), timeout=30)

    def run(pk: int) -> None:
        try:
            together.wait()
            extract(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(rows)) as threads:
        list(threads.map(run, rows))
    assert Lead.objects.people().count() == 1
    assert Lead.objects.count() == len(rows)
    assert set(Extraction.objects.values_list("status", flat=True)) == {"done"}


@pytest.mark.django_db(transaction=True)
def test_one_call_read_twice_at_once_is_read_once(sandboxed: str) -> None:
    call = talked(make_agent(), MINE)
    pk = Extraction.objects.get(call=call).pk
    together = Barrier(8, timeout=30)

    def run(_: int) -> None:
        try:
            connection.ensure_connection()
            together.wait()
            extract(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run, range(8)))
    assert Lead.objects.count() == 1
    ledger = requests.get(f"http://{sandboxed}/control/calls/{call.pk}/ledger", timeout=5).json()["entries"]
    assert len(ledger) == 1, "no model was asked twice"


@pytest.mark.django_db(transaction=True)
def test_a_wish_and_a_call_at_once_are_one_person() -> None:
    pk = Extraction.objects.get(call=talked(make_agent(), MINE)).pk
    together = Barrier(2, timeout=30)

    def run(work: Any) -> None:
        try:
            together.wait()
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, [lambda: extract(pk), wish]))
    assert (Lead.objects.people().count(), Lead.objects.count()) == (1, 2)
