"""Sample calls make leads as visitors' do, which are nobody's: apart from real ones, told to no one, and removed whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import AgentProfile
from calls.models import Call
from leads import extraction, review
from leads.accuracy import accuracy
from leads.announce import announce
from leads.callbacks import ask_callback
from leads.changed import Place, changed_since
from leads.changes import note
from leads.matches import matches
from leads.models import Delivery, Endpoint, Export, Lead
from leads.questions import Reading
from leads.samples import Samples, remove_samples
from leads.tool import save_details
from tests.factories import live_call, make_call
from tests.leads.making import make_lead, put
from tests.leads.talk import NUMBER, READ_BACK, read, row, talked
from tests.leads.test_erasing import tables

pytestmark = pytest.mark.django_db

SAMPLE, VISITOR = Call.Kind.SAMPLE, Call.Kind.VISITOR
LIST = "/admin/leads/lead/"
REMOVE = "/admin/leads/lead/remove_samples/"
# Tables that hold nothing of a sample.
UNTOUCHED = [
    "calls_dailycap",
    "calls_price",
    "leads_delivery",
    "leads_deliveryattempt",
    "leads_endpoint",
    "leads_erasure",
]
TALK = ("मेरा नाम राहुल शर्मा है", "98450 12345", READ_BACK, "हाँ जी")


def caught(agent: AgentProfile, kind: Call.Kind) -> Lead:
    """The lead of a call that was read."""
    call = talked(agent, *TALK, kind=kind)
    read(call)
    return Lead.objects.get(call=call)


def named(agent: AgentProfile, kind: Call.Kind) -> Lead:
    """A lead that nobody had to read."""
    lead = make_lead(agent, call={"kind": kind}, summary="Wants a flat.")
    put(lead, "name", "राहुल शर्मा")
    put(lead, "phone", NUMBER)
    return Lead.objects.get(pk=lead.pk)


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("op", is_staff=True)
    user.groups.add(Group.objects.get(name="Operators"))
    client.force_login(user)
    return client


def test_it_makes_a_lead_as_a_visitors_call_does(agent: AgentProfile, sandboxed: str) -> None:
    during = live_call(agent, kind=SAMPLE)
    save_details(during, "1.9", {"name": "राहुल"})
    assert Lead.objects.get().call == during
    after = caught(agent, SAMPLE)
    assert (after.value_of("name"), after.value_of("phone")) == ("राहुल शर्मा", NUMBER)


# Apart ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [(SAMPLE, VISITOR), (VISITOR, SAMPLE)])
def test_a_sample_and_somebody_real_are_never_one_person(
    agent: AgentProfile, sandboxed: str, admin_user: User, first: Call.Kind, second: Call.Kind
) -> None:
    one, other = caught(agent, first), caught(agent, second)
    assert Lead.objects.people().count() == 2
    assert (matches(one), matches(other)) == ([], []), "nor is it suggested"
    with pytest.raises(review.ReviewError, match="A sample is nobody"):
        review.join(one, other, who=admin_user)


def test_but_samples_are_among_themselves(agent: AgentProfile, sandboxed: str) -> None:
    first = caught(agent, SAMPLE)
    assert caught(agent, SAMPLE).joined_to == first


def test_who_asks_to_be_called_back_is_no_sample(agent: AgentProfile) -> None:
    named(agent, SAMPLE)
    ask_callback(agent_id="demo", name="Rahul", phone=NUMBER, consent={"callback": True})
    assert Lead.objects.get(call=None).joined_to is None


# Told to no one ---------------------------------------------------------------------------------


def test_nobody_is_told_of_it(agent: AgentProfile, sandboxed: str) -> None:
    for when in Endpoint.When:
        Endpoint.objects.create(name=when, url="https://crm.example.in", when=when)
    lead = caught(agent, SAMPLE)
    announce(lead, "lead.captured")
    announce(lead, "lead.updated")
    announce(lead, "lead.reviewed")
    assert not Delivery.objects.exists()
    Lead.objects.update(updated_at="2026-01-01T00:00Z", accepted_at=timezone.now())
    assert changed_since(Place(), 10) == []
    assert accuracy() == {}


# Marked -----------------------------------------------------------------------------------------


def test_it_is_marked_in_the_list_and_on_its_page(staff: Client, agent: AgentProfile) -> None:
    real = named(agent, VISITOR)
    mark = '<span class="lead-sample">Sample</span>'
    assert mark not in staff.get(LIST).content.decode() + staff.get(f"{LIST}{real.pk}/change/").content.decode()
    sample = named(agent, SAMPLE)
    with CaptureQueriesContext(connection) as with_one:
        assert staff.get(LIST).content.decode().count(mark) == 1
    assert mark in staff.get(f"{LIST}{sample.pk}/change/").content.decode()
    named(agent, SAMPLE)
    with CaptureQueriesContext(connection) as with_two:
        assert staff.get(LIST).content.decode().count(mark) == 2
    assert len(with_two) == len(with_one), "a row more is no query more"


def test_nobody_is_led_to_call_a_number_that_was_made_up(staff: Client, agent: AgentProfile) -> None:
    real, sample = (staff.get(f"{LIST}{named(agent, kind).pk}/change/").content.decode() for kind in (VISITOR, SAMPLE))
    assert ("tel:" in real, "tel:" in sample) == (True, False)
    assert ("wa.me" in real, "wa.me" in sample) == (True, False)


@pytest.mark.parametrize(("choice", "kinds"), [("no", {VISITOR}), ("yes", {SAMPLE}), ("", {VISITOR, SAMPLE})])
def test_the_list_can_leave_out_either(staff: Client, agent: AgentProfile, choice: str, kinds: set[str]) -> None:
    for kind in (VISITOR, SAMPLE):
        named(agent, kind)
    listed = staff.get(LIST, {"sample": choice} if choice else {}).context["cl"].result_list
    assert {lead.call.kind for lead in listed} == kinds


# Removed ----------------------------------------------------------------------------------------


def sample_with_everything(agent: AgentProfile, who: User) -> Lead:
    """A sample that left a row wherever one can be left."""
    lead = caught(agent, SAMPLE)
    call = lead.call
    assert call
    call.events.create(item_id="1.9", kind="tool_called", at=call.created_at)
    call.usage.create(attempt=1, provider="groq", model="m", unit="llm_input", amount=1)
    call.recordings.create(attempt=1, bytes=4, file=default_storage.save("recordings/1.ogg", ContentFile(b"OggS")))
    note(lead, "Notes", "", "A note", who=who)
    LogEntry.objects.log_actions(who.pk, [lead], CHANGE, "Changed.")
    file = default_storage.save("exports/1.csv", ContentFile(b"x"))
    Export.objects.create(asked_by=who, format="csv", leads=[lead.pk], status=Export.Status.DONE, file=file)
    return lead


def test_removed_nothing_of_them_is_left_and_nothing_else_is_gone(
    agent: AgentProfile, sandboxed: str, files: Path, admin_user: User
) -> None:
    real = caught(agent, VISITOR)
    save_details(live_call(agent), "1.9", {"name": "मीना"})
    live_call(agent, kind=Call.Kind.TRIAL)
    before = tables()
    first, second = sample_with_everything(agent, admin_user), sample_with_everything(agent, admin_user)
    assert Lead.objects.get(pk=second.pk).joined_to == first
    talked(agent, "> नमस्ते", kind=SAMPLE)  # that brought no lead
    held = tables()
    missing = [
        table
        for table in connection.introspection.table_names()
        if table.startswith(("calls_", "leads_")) and held.count(f"{table}: ") == before.count(f"{table}: ")
    ]
    assert sorted(missing) == UNTOUCHED, "of every other table there is a row to remove"
    assert remove_samples() == Samples(calls=3, leads=2, under_way=0)
    assert tables().splitlines() == before.splitlines()
    assert [path for path in files.rglob("*") if path.is_file()] == []
    real.refresh_from_db()


def test_one_that_is_being_read_makes_no_lead_any_more(
    agent: AgentProfile, sandboxed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = talked(agent, *TALK, kind=SAMPLE)

    def asked_too_long(*_: Any) -> Reading:
        remove_samples()
        return Reading(summary="Too late.")

    monkeypatch.setattr(extraction, "_ask", asked_too_long)
    extraction.extract(row(call).pk)
    assert not Call.objects.exists()
    assert not Lead.objects.exists()


def test_the_button_asks_first_and_leaves_what_is_under_way(operator: Client, agent: AgentProfile) -> None:
    button = f'href="{REMOVE}'
    assert button not in operator.get(LIST).content.decode(), "there is nothing to remove"
    real = named(agent, VISITOR)
    named(agent, SAMPLE)
    talking = make_call(agent, kind=SAMPLE, status=Call.Status.LIVE)
    assert button in operator.get(LIST).content.decode()
    page = operator.get(REMOVE).content.decode()
    assert "1 sample call and 1 lead will be deleted for good" in page
    assert "1 sample call is not over yet and stays." in page
    assert Lead.objects.count() == 2, "asking removes nothing"
    after = operator.post(REMOVE, follow=True)
    assert [str(each) for each in after.context["messages"]] == [
        "Removed: 1 sample call and 1 lead.",
        "1 sample call is not over yet and stays. Remove it when it has ended.",
    ]
    assert set(Call.objects.all()) == {real.call, talking}
    assert list(Lead.objects.all()) == [real]


def test_reviewers_see_no_button(staff: Client, agent: AgentProfile) -> None:
    named(agent, SAMPLE)
    assert REMOVE not in staff.get(LIST).content.decode()
    assert staff.post(REMOVE).status_code == 403
