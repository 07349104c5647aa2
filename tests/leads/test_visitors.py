"""After the call: what the visitor is shown of it, the number they put right, and calls that go on with each other."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from agents.models import AgentProfile
from calls.models import Call
from calls.visitor_key import visitor_key
from leads import review
from leads.held import held_about
from leads.models import Delivery, Lead, LeadChange
from leads.people import values_of
from leads.queue import due
from leads.review import value_stamp
from leads.tool import save_details
from tests.conftest import SetEnv
from tests.factories import live_call, make_agent
from tests.leads.making import put
from tests.leads.receiver import Receiver
from tests.leads.talk import NUMBER, read, talked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandboxed")]

OTHER = "+919845054321"


def visitor(call: Call) -> Client:
    return Client(headers={"Authorization": f"Bearer {visitor_key(call.pk)}"})


def summary(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = visitor(call).get(f"/api/calls/{call.pk}/summary").json()
    return found


def correct(call: Call, phone: str = "98450 54321") -> Any:
    body = {"phone": phone}
    return visitor(call).post(f"/api/calls/{call.pk}/phone", body, content_type="application/json")


def caught(agent: AgentProfile, *lines: str, **parts: Any) -> Call:
    """A call that was read."""
    call = talked(agent, *lines, **parts)
    read(call)
    return call


def phone_of(lead: Lead) -> tuple[str, str, str, str]:
    value = lead.values.get(kind="phone")
    return value.value, value.state, value.verdict, value.other


# What is shown ----------------------------------------------------------------------------------


def test_the_visitor_sees_what_was_understood_and_whether_more_may_come(agent: AgentProfile) -> None:
    call = talked(agent)
    assert summary(call) == {"ready": False, "leadId": None, "fields": []}
    read(call)
    found = summary(call)
    assert (found["ready"], found["leadId"]) == (True, Lead.objects.get().pk)
    by_key = {field["key"]: field for field in found["fields"]}
    assert by_key["phone"] == {
        "key": "phone",
        "label": "Phone number",
        "value": "+91 98450 12345",
        "kind": "phone",
        "onlyOfKind": True,
        "correctable": True,
    }
    assert (by_key["name"]["value"], by_key["name"]["correctable"]) == ("राहुल शर्मा", False)


def test_what_is_doubtful_or_was_rejected_is_not_shown_and_a_missing_number_can_be_given(agent: AgentProfile) -> None:
    lead = Lead.objects.create(agent=agent, call=live_call(agent))
    put(lead, "name", "Ravi")
    put(lead, "need", "a castle", state="inferred")
    put(lead, "phone", NUMBER, verdict="rejected")
    assert lead.call
    assert [(field["key"], field["value"], field["correctable"]) for field in summary(lead.call)["fields"]] == [
        ("name", "Ravi", False),
        ("phone", "", True),
    ]


def test_values_are_sent_as_they_are_kept_for_the_page_to_say_in_its_language(db: None) -> None:
    kinds = {"name": "name", "spouse": "name", "email": "email", "day": "date", "loan": "yes_no", "budget": "money"}
    agent = make_agent(fields=[{"key": key, "label": f"Staff's {key}", "kind": kind} for key, kind in kinds.items()])
    lead = Lead.objects.create(agent=agent, call=live_call(agent))
    values = {"name": "Ravi", "spouse": "Meena", "email": "ravi@example.in", "day": "2026-11-30", "loan": "yes"}
    for key, value in (values | {"budget": "5000000-6000000"}).items():
        put(lead, key, value, kind=kinds[key])
    assert lead.call
    fields = summary(lead.call)["fields"]
    assert {field["key"]: field["value"] for field in fields} == values | {"budget": "5000000-6000000"}
    assert {field["key"] for field in fields if not field["onlyOfKind"]} == {"name", "spouse"}
    assert fields[1]["label"] == "Staff's spouse"


def test_somebody_with_the_same_number_is_told_nothing_of_whom_they_joined(agent: AgentProfile) -> None:
    caught(agent)
    second = caught(agent, "98450 12345")
    lead = Lead.objects.get(call=second)
    assert lead.joined_to is not None
    found = summary(second)
    assert found["leadId"] == lead.pk
    assert [(field["key"], field["value"]) for field in found["fields"]] == [("phone", "+91 98450 12345")]


def test_it_takes_the_calls_own_key_and_a_call_that_is_there(agent: AgentProfile) -> None:
    call, other = caught(agent), caught(agent)
    assert visitor(other).get(f"/api/calls/{call.pk}/summary").status_code == 401
    assert visitor(other).post(f"/api/calls/{call.pk}/phone").status_code == 401
    Call.objects.filter(pk=call.pk).update(erased_at=call.created_at)
    assert visitor(call).get(f"/api/calls/{call.pk}/summary").status_code == 404
    assert correct(call).status_code == 404


def test_a_locked_lead_is_neither_shown_nor_changed(agent: AgentProfile) -> None:
    call = caught(agent)
    Lead.objects.update(locked_at=call.created_at)
    assert summary(call) == {"ready": True, "leadId": None, "fields": []}
    assert correct(call).json()["code"] == "no_lead"


# What is corrected ------------------------------------------------------------------------------


def test_a_corrected_number_stands_is_noted_and_told(agent: AgentProfile, n8n: Receiver) -> None:
    call = caught(agent)
    assert correct(call).json() == {"phone": OTHER, "shown": "+91 98450 54321"}
    lead = Lead.objects.get()
    assert phone_of(lead) == (OTHER, "typed", "", "")
    assert lead.values.get(kind="phone").found == NUMBER
    change = LeadChange.objects.get(field="Phone number")
    assert (change.old, change.new, change.who, change.why) == (NUMBER, OTHER, None, "corrected by the visitor")
    told = list(Delivery.objects.order_by("pk"))
    assert [each.event for each in told] == ["lead.captured", "lead.updated"]
    assert OTHER in told[-1].body
    assert "+91 98450 54321" in [field["value"] for field in summary(call)["fields"]]

    assert correct(call).status_code == 200  # sent twice
    assert Delivery.objects.count() == 2
    read(call)
    assert phone_of(lead) == (OTHER, "typed", "", ""), "no machine takes it back"


@pytest.mark.parametrize("verdict", ["accepted", "corrected"])
def test_what_staff_had_reviewed_is_to_be_looked_at_again(agent: AgentProfile, meera: User, verdict: str) -> None:
    call = caught(agent)
    lead = Lead.objects.get()
    value = lead.values.get(kind="phone")
    if verdict == "accepted":
        review.accept_value(value, who=meera, seen=value_stamp(value))
    else:
        review.correct_value(value, "98450 99999", who=meera, seen=value_stamp(value))
    Lead.objects.update(accepted_at=call.created_at)
    staffs = lead.values.get(kind="phone").value
    correct(call)
    lead.refresh_from_db()
    assert phone_of(lead) == (OTHER, "typed", "", staffs)
    assert lead.values.get(kind="phone").is_doubtful
    assert lead.accepted_at is None
    assert lead.values.get(kind="phone").found == NUMBER


def test_a_number_that_was_missing_is_added(agent: AgentProfile) -> None:
    call = caught(agent, "मेरा नाम राहुल शर्मा है")
    assert correct(call).status_code == 200
    assert phone_of(Lead.objects.get()) == (OTHER, "typed", "", "")


def test_it_goes_by_the_agents_own_name_for_it(db: None) -> None:
    call = caught(make_agent(fields=[{"key": "mobile", "label": "Mobile", "kind": "phone"}]), "98450 12345")
    assert correct(call).status_code == 200
    value = Lead.objects.get().values.get()
    assert (value.key, value.value) == ("mobile", OTHER)


def test_a_lead_joined_by_the_wrong_number_leaves_and_joins_by_the_right_one(
    agent: AgentProfile, n8n: Receiver
) -> None:
    strangers, own = caught(agent), caught(agent, "98450 54321")
    call = caught(agent, "98450 12345")
    lead = Lead.objects.get(call=call)
    assert lead.joined_to == Lead.objects.get(call=strangers)
    correct(call)
    lead.refresh_from_db()
    assert lead.joined_to == Lead.objects.get(call=own)
    stranger = {value.key: value.value for value in values_of(Lead.objects.get(call=strangers))}
    assert stranger["phone"] == NUMBER
    last = Delivery.objects.filter(lead=Lead.objects.get(call=strangers)).latest("pk")
    assert OTHER not in last.body


def test_what_cannot_be_taken_says_why(agent: AgentProfile, set_env: SetEnv) -> None:
    call = caught(agent)
    assert (correct(call, "98450").status_code, correct(call, "98450").json()["code"]) == (422, "bad_phone")
    assert correct(talked(agent, "> नमस्ते")).json()["code"] == "no_lead"
    assert phone_of(Lead.objects.get())[0] == NUMBER
    set_env(callbacks_per_minute="1")
    assert correct(call).status_code == 429


# Calls that go on with each other ---------------------------------------------------------------


def test_the_lead_of_a_continued_call_is_one_person_with_evidence_of_its_own(agent: AgentProfile) -> None:
    first = caught(agent, "मेरा नाम राहुल शर्मा है")
    second = caught(agent, "98450 12345", continues=first)
    earlier, later = Lead.objects.get(call=first), Lead.objects.get(call=second)
    assert later.joined_to == earlier
    assert later.values.get(kind="phone").turns == ["1.1"]
    assert LeadChange.objects.get(lead=later, field="Same person as").why == "The same call, continued"
    assert [field["value"] for field in summary(second)["fields"]] == ["राहुल शर्मा", "+91 98450 12345"]
    correct(second)
    assert Lead.objects.get(call=second).joined_to == earlier
    # Everything of the conversation is the person's, whatever call the number was said in.
    third = talked(agent, "> फिर मिलेंगे", continues=second)
    assert {call.pk for call in held_about(OTHER).calls} == {first.pk, second.pk, third.pk}


def test_it_joins_whichever_was_read_first_and_whatever_staff_made_of_it(agent: AgentProfile) -> None:
    first = talked(agent, "मेरा नाम राहुल शर्मा है")
    second = caught(agent, "98450 12345", continues=first)
    Lead.objects.update(status=Lead.Status.WON)
    read(first)
    assert Lead.objects.get(call=first).joined_to == Lead.objects.get(call=second)


def test_the_agent_is_not_told_to_ask_again_what_the_first_call_brought(agent: AgentProfile) -> None:
    first = live_call(agent)
    save_details(first, "1.1", {"name": "Ravi"})
    answer = save_details(live_call(agent, continues=first), "1.1", {"need": "2 BHK"})
    assert "Name" not in answer.text
    assert "Still needed: Phone number" in answer.text


# Agreed to before the call ----------------------------------------------------------------------


def test_who_agreed_to_be_called_back_is_called_back(agent: AgentProfile) -> None:
    consent = {"version": "call-1", "recording": False, "callback": True}
    call = caught(agent, consent=consent, language="ta-IN")
    lead = Lead.objects.get()
    assert (lead.callback_at, lead.callback_language, lead.callback_consent) == (call.created_at, "ta-IN", consent)
    assert Lead.objects.filter(due()).get() == lead
    Lead.objects.update(status=Lead.Status.CONTACTED)
    read(call)
    assert Lead.objects.get().status == "contacted", "once is enough"


def test_without_a_number_nobody_can_be(agent: AgentProfile) -> None:
    call = caught(agent, "मेरा नाम राहुल शर्मा है", consent={"version": "call-1", "callback": True})
    assert Lead.objects.get().callback_at is None
    correct(call)
    assert Lead.objects.get().callback_at == call.created_at


def test_a_known_person_who_wants_it_is_new_again(agent: AgentProfile) -> None:
    caught(agent)
    Lead.objects.update(status=Lead.Status.CONTACTED)
    caught(agent, consent={"version": "call-1", "callback": True})
    person = Lead.objects.people().get()
    assert person.status == "new"
    assert LeadChange.objects.filter(lead=person, why="Asked to be called back").exists()
