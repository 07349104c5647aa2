"""People who ask: what is held about them, locked, and erased so that only a receipt is left."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from agents.models import AgentProfile, Example
from calls.models import Call
from calls.services.record import record
from leads.announce import announce
from leads.changes import note
from leads.erasing import ask_erasure, erase_due
from leads.held import held_about, identifier_of
from leads.models import Delivery, Endpoint, Erasure, Export, Lead, LeadChange
from tests.conftest import SetEnv
from tests.factories import ago, happened, live_call, make_agent, make_call, over, said

pytestmark = pytest.mark.django_db

PHONE, EMAIL, NAME = "+919845012399", "canary@example.in", "Kanarienvogel"
TRACES = ["9845012399", "98450 12399", EMAIL, NAME]
PERSON = "/admin/leads/erasure/person/"


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("op", is_staff=True)
    user.groups.add(Group.objects.get(name="Operators"))
    client.force_login(user)
    return client


@pytest.fixture
def who() -> User:
    return User.objects.create_user("op2")


@pytest.fixture
def person(agent: AgentProfile, who: User, files: Path) -> Lead:
    """Somebody who left a trace wherever one can be left."""
    endpoint = Endpoint.objects.create(name="crm", url="http://127.0.0.1:9/")
    call = live_call(agent, visitor_name=NAME, source={"page": f"/thanks?{EMAIL}"}, consent={"version": "call-1"})
    record(said(call, 1, f"मेरा नाम {NAME} है, नंबर 98450 12399"))
    record(happened(call, 2, name="save_details", arguments={"phone": PHONE, "email": EMAIL}))
    record(over(call, 2, at=timezone.now() - timedelta(minutes=5)))
    call.recordings.create(attempt=1, bytes=4, file=default_storage.save("recordings/1.ogg", ContentFile(b"OggS")))
    lead = Lead.objects.filter(call=call).first() or Lead.objects.create(agent=agent, call=call)
    Lead.objects.filter(pk=lead.pk).update(summary=f"{NAME} wants a flat.", latin_name=NAME, notes=NAME)
    for kind, value in (("name", NAME), ("phone", PHONE), ("email", EMAIL)):
        lead.values.update_or_create(key=kind, defaults={"label": kind, "kind": kind, "value": value, "state": "heard"})
    later = Lead.objects.create(agent=agent, joined_to=lead)
    later.values.create(key="name", label="Name", kind="name", value=NAME)
    note(lead, "Notes", "", NAME, who=who)
    lead = Lead.objects.get(pk=lead.pk)
    announce(lead, "lead.captured")
    lead.deliveries.filter(endpoint=endpoint).update(tries=1, status=Delivery.Status.DELIVERED)
    LogEntry.objects.log_actions(who.pk, [lead], CHANGE, "Changed.")
    Example.objects.create(agent=agent, name=NAME, language="hi-IN", lines=[NAME], kept_from=call.pk)
    file = default_storage.save("exports/1.csv", ContentFile(NAME.encode()))
    Export.objects.create(asked_by=who, format="csv", leads=[lead.pk], status=Export.Status.DONE, file=file)
    return lead


def tables() -> str:
    """Every row of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(found)


def traces(files: Path) -> list[str]:
    held = tables() + "".join(path.read_bytes().decode(errors="replace") for path in files.rglob("*") if path.is_file())
    return [trace for trace in TRACES if trace in held]


# Erasing --------------------------------------------------------------------------------------


def test_of_a_canary_person_nothing_is_left_but_the_receipt(person: Lead, who: User, files: Path, caplog: Any) -> None:
    assert traces(files) == TRACES, "the canary sits everywhere before"
    receipt = ask_erasure(PHONE, who=who, why="asked by post")
    assert traces(files) == []
    assert [path for path in files.rglob("*") if path.is_file()] == []
    assert not any(trace in caplog.text for trace in TRACES)
    assert (receipt.identifier, receipt.leads, receipt.calls, receipt.told) == ("", 2, 1, 1)
    assert receipt.done_at is not None
    told = Delivery.objects.get()
    assert (told.event, json.loads(told.body)["data"]["lead"]["id"]) == ("lead.erased", person.pk)


def test_the_call_stays_as_a_number_and_takes_no_words_any_more(person: Lead, who: User, worker: Client) -> None:
    call = person.call
    assert call is not None
    ask_erasure(identifier_of(EMAIL.upper()), who=who)
    call.refresh_from_db()
    assert (call.visitor_name, call.source, call.consent) == ("", {}, {})
    assert call.erased_at is not None
    record(said(call, 3, NAME))
    assert call.turns.count() == 0
    assert worker.get(f"/api/calls/{call.pk}/stored").status_code == 404, "so the worker drops its journal"


def test_what_the_law_wants_kept_is_locked_until_its_day(person: Lead, who: User, files: Path, set_env: SetEnv) -> None:
    set_env(kept_at_least_days="30")
    receipt = ask_erasure(PHONE, who=who)
    assert (receipt.done_at, receipt.identifier) == (None, PHONE)
    assert timedelta(days=29) < receipt.due_at - timezone.now() <= timedelta(days=30)
    assert not Lead.objects.filter(locked_at=None).exists()
    announce(person, "lead.updated")
    assert Delivery.objects.filter(event="lead.updated").count() == 0, "nothing is told of a locked lead"
    erase_due()
    assert Lead.objects.exists()

    Erasure.objects.update(due_at=timezone.now())
    erase_due()
    assert traces(files) == []
    assert Erasure.objects.get().identifier == ""


def test_a_call_still_being_spoken_is_erased_by_a_later_round(
    person: Lead, agent: AgentProfile, who: User, files: Path
) -> None:
    live = live_call(agent)
    record(said(live, 1, "98450 12399"))
    receipt = ask_erasure(PHONE, who=who)
    assert (receipt.done_at, receipt.leads, receipt.calls) == (None, 2, 1)
    record(over(live, 1, at=timezone.now() - timedelta(minutes=1)))
    erase_due()
    receipt.refresh_from_db()
    assert (receipt.done_at is not None, receipt.leads, receipt.calls) == (True, 2, 2)
    assert traces(files) == []


# Finding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("said_so", ["9845012399", "98450 12399", "(98450) 123-99", "+91 98450-12399"])
def test_calls_in_which_the_number_was_said_are_found_without_a_lead(agent: AgentProfile, said_so: str) -> None:
    call, other = live_call(agent), make_call(agent)
    record(said(call, 1, f"call me on {said_so} please"))
    record(said(other, 1, "9845012398"))
    assert [found.pk for found in held_about(PHONE).calls] == [call.pk]


def test_another_persons_lead_is_left_alone(person: Lead, agent: AgentProfile, who: User) -> None:
    other = Lead.objects.create(agent=agent)
    other.values.create(key="phone", label="Phone", kind="phone", value="+919845012300")
    ask_erasure(PHONE, who=who)
    assert Lead.objects.get() == other


def test_the_copy_has_everything_and_the_sound(person: Lead, operator: Client) -> None:
    answer: Any = operator.post(PERSON, {"person": "98450 12399", "do": "copy"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    answer.close()
    told = json.loads(archive.read("person.json"))
    assert {row["value"] for row in told["values"]} == {NAME, PHONE, EMAIL}
    assert [row["text"] for row in told["turns"]] == [f"मेरा नाम {NAME} है, नंबर 98450 12399"]
    assert archive.read(f"recordings/{person.call_id}-1.ogg") == b"OggS"


# The page -------------------------------------------------------------------------------------


def test_an_operator_finds_locks_and_erases(person: Lead, operator: Client) -> None:
    page = operator.post(PERSON, {"person": "098450 12399", "do": "find"}).content.decode()
    assert NAME in page
    operator.post(PERSON, {"person": PHONE, "do": "lock", "why": "asked"})
    assert LeadChange.objects.filter(field="Locked", why="asked").count() == 2
    operator.post(PERSON, {"person": PHONE, "do": "unlock"})
    assert Lead.objects.filter(locked_at=None).count() == 2
    operator.post(PERSON, {"person": PHONE, "do": "erase"})
    assert Lead.objects.exists(), "not before they said that they are sure"
    operator.post(PERSON, {"person": PHONE, "do": "erase", "sure": "yes"})
    assert not Lead.objects.exists()
    again = operator.post(PERSON, {"person": PHONE, "do": "find"}).content.decode()
    assert "Nothing is held about this person." in again
    assert "erased on" in again


def test_what_is_no_identifier_is_told_beside_the_box(operator: Client) -> None:
    assert "neither a phone number" in operator.post(PERSON, {"person": "12345", "do": "erase"}).content.decode()


# Retention ------------------------------------------------------------------------------------


def test_calls_and_leads_go_when_their_agents_time_is_over(person: Lead, agent: AgentProfile, files: Path) -> None:
    kept = make_agent(agent_id="kept")
    stays = make_call(kept, visitor_name="Stays")
    AgentProfile.objects.filter(pk=agent.pk).update(calls_kept_days=10, leads_kept_days=20)
    for call in Call.objects.all():
        ago(call.pk, "created_at", days=11)
    erase_due()
    assert (Lead.objects.count(), person.call.turns.count() if person.call else None) == (2, 0)
    stays.refresh_from_db()
    assert stays.visitor_name == "Stays"

    Lead.objects.filter(pk=person.pk).update(updated_at=timezone.now() - timedelta(days=21))
    erase_due()
    assert Lead.objects.count() == 2, "while a part of the person is young"
    Lead.objects.update(updated_at=timezone.now() - timedelta(days=21))
    erase_due()
    assert traces(files) == []
    assert Delivery.objects.get().event == "lead.erased"
