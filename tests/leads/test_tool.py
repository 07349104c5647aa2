"""`save_details` during the call: what is good is kept, what is bad or missing is asked for, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from agents.models import AgentProfile
from calls.models import Call
from leads.models import Lead, LeadChange, LeadValue
from leads.tool import save_details
from tests.factories import live_call, make_agent
from tests.leads.talk import NUMBER, READ_BACK, store

pytestmark = pytest.mark.django_db

GOOD = {"name": "राहुल शर्मा", "phone": "98450 12345", "need": "2 BHK"}
WORDS = "नौ आठ चार पाँच शून्य, एक दो तीन चार पाँच"


def values(call: Call) -> dict[str, str]:
    return {value.key: value.value for value in LeadValue.objects.filter(lead__call=call)}


def state(call: Call, key: str) -> str:
    return LeadValue.objects.get(lead__call=call, key=key).state


def test_it_keeps_what_the_agent_found_out(agent: AgentProfile) -> None:
    call = live_call(agent)
    answer = save_details(call, "1.9", GOOD)
    assert answer.ok
    assert answer.text.startswith("Saved: Name, Phone number, What they need.")
    lead = Lead.objects.get(call=call)
    assert values(call) == {**GOOD, "phone": NUMBER}
    assert str(lead) == "राहुल शर्मा?"
    assert lead.sounds


def test_what_is_known_so_far_is_kept_and_the_rest_asked_for(agent: AgentProfile) -> None:
    call = live_call(agent)
    first = save_details(call, "1.3", {"name": "राहुल", "phone": None})
    assert (first.ok, values(call)) == (True, {"name": "राहुल"})
    assert "Still needed: Phone number." in first.text
    second = save_details(call, "1.5", {"phone": "9845012345"})
    assert "Still needed" not in second.text
    assert values(call) == {"name": "राहुल", "phone": NUMBER}


def test_a_bad_value_is_asked_for_again_and_costs_the_others_nothing(agent: AgentProfile) -> None:
    call = live_call(agent)
    answer = save_details(call, "1.9", {**GOOD, "phone": "98450"})
    assert not answer.ok
    assert "ten digits" in answer.text
    assert "Still needed" not in answer.text, "it is asked for once"
    assert values(call) == {"name": GOOD["name"], "need": GOOD["need"]}
    save_details(call, "1.11", GOOD)
    save_details(call, "1.13", {"phone": "98450"})
    assert values(call)["phone"] == NUMBER, "a bad number does not wipe out a good one"


def test_a_second_time_corrects_the_same_lead_and_says_so_in_its_history(agent: AgentProfile) -> None:
    call = live_call(agent)
    save_details(call, "1.9", GOOD)
    save_details(call, "1.12", {**GOOD, "phone": "98450 54321"})
    assert values(call)["phone"] == "+919845054321"
    change = LeadChange.objects.get()
    assert (change.lead.call, change.old, change.new, change.who) == (call, NUMBER, "+919845054321", None)


# Reading back -----------------------------------------------------------------------------------


def test_a_number_is_to_be_read_back_in_words_of_the_language_and_never_in_figures(agent: AgentProfile) -> None:
    answer = save_details(live_call(agent), "1.9", GOOD)
    assert WORDS in answer.text
    assert not any(char.isdigit() for char in answer.text)
    tamil = live_call(agent, language="hi-IN")
    tamil.turns.create(
        item_id="1.1", attempt=1, seq=1, role="agent", text="வணக்கம்", language="ta-IN", started_at=tamil.created_at
    )
    assert "ஒன்பது எட்டு" in save_details(tamil, "1.9", GOOD).text, "the language that the agent speaks now"


def test_the_models_word_ends_the_asking_but_confirms_nothing(agent: AgentProfile) -> None:
    call = live_call(agent)
    store(call, "98450 12345")
    answer = save_details(call, "1.9", {**GOOD, "confirmed": True})
    assert WORDS not in answer.text
    assert state(call, "phone") == "heard"


def test_the_turns_confirm_it(agent: AgentProfile) -> None:
    call = live_call(agent)
    store(call, "98450 12345", READ_BACK, "हाँ जी")
    answer = save_details(call, "1.9", GOOD)
    assert WORDS not in answer.text
    assert state(call, "phone") == "confirmed"
    assert LeadValue.objects.get(key="phone").turns == ["1.1", "1.2", "1.3"]


def test_what_the_visitor_said_beats_what_the_model_understood(agent: AgentProfile) -> None:
    call = live_call(agent)
    store(call, "98450 12345")
    assert WORDS in save_details(call, "1.9", {"phone": "98450 12346"}).text
    value = LeadValue.objects.get(key="phone")
    assert (value.value, value.other, value.found) == (NUMBER, "+919845012346", NUMBER)


# Whose calls ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Call.Kind.TRIAL, Call.Kind.EXAMPLE])
def test_a_trial_is_checked_and_answered_but_never_kept(agent: AgentProfile, kind: Call.Kind) -> None:
    call = live_call(agent, kind=kind)
    answer = save_details(call, "1.9", GOOD)
    assert answer.ok
    assert WORDS in answer.text
    assert not save_details(call, "1.9", {**GOOD, "phone": "1"}).ok
    assert not Lead.objects.exists()


def test_what_staff_and_the_visitor_wrote_stays(agent: AgentProfile) -> None:
    call = live_call(agent)
    save_details(call, "1.9", GOOD)
    LeadValue.objects.filter(key="name").update(value="Rahul", state="staff", verdict="accepted")
    LeadValue.objects.filter(key="phone").update(value="+919000000001", state="typed")
    save_details(call, "1.12", {"name": "Ravi", "phone": "98450 54321"})
    assert values(call) == {"name": "Rahul", "phone": "+919000000001", "need": "2 BHK"}


def test_every_kind_is_checked_and_kept_in_one_form() -> None:
    kinds = ["name", "phone", "email", "number", "money", "date", "yes_no", "text"]
    fields: list[dict[str, Any]] = [{"key": kind, "label": kind, "kind": kind} for kind in kinds]
    call = live_call(
        make_agent(fields=[*fields, {"key": "city", "label": "City", "kind": "choice", "choices": ["Pune"]}])
    )
    told = {
        "name": "Rahul",
        "phone": 9845012345,
        "email": "ravi at gmail dot com",
        "number": "तीन",
        "money": "डेढ़ लाख",
        "date": "2026-11-30",
        "yes_no": "हाँ",
        "text": "a garden",
        "city": "pune",
    }
    assert save_details(call, "1.9", told).ok
    assert values(call) == told | {
        "phone": NUMBER,
        "email": "ravi@gmail.com",
        "number": "3",
        "money": "150000",
        "yes_no": "yes",
        "city": "Pune",
    }
    assert not save_details(call, "1.9", {"number": "many"}).ok


@pytest.mark.parametrize(
    "arguments", [{}, {"who": "x"}, {"name": ["a"], "phone": {}}, {"name": "\0"}, {"confirmed": "yes"}]
)
def test_arguments_of_any_kind_do_no_harm(agent: AgentProfile, arguments: dict[str, Any]) -> None:
    save_details(live_call(agent), "1.9", arguments)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [{}, {"name": "Ravi"}], ids=["the first", "one more"])
def test_the_same_call_at_once_makes_one_lead(known: dict[str, str]) -> None:
    call = live_call(make_agent())
    save_details(call, "1.5", known)
    together = Barrier(6, timeout=30)

    def save(_: int) -> bool:
        try:
            connection.ensure_connection()
            together.wait()
            return save_details(call, "1.9", GOOD).ok
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(save, range(6)))
    assert values(call) == {**GOOD, "phone": NUMBER}
    assert Lead.objects.count() == 1


def test_the_worker_reaches_it_by_the_tools_name(agent: AgentProfile, worker: Client) -> None:
    call = live_call(agent)
    answer = worker.post(
        f"/api/calls/{call.pk}/tools/save_details",
        {"item_id": "1.9", "arguments": GOOD},
        content_type="application/json",
    )
    assert answer.json()["ok"] is True
    assert Lead.objects.filter(call=call).exists()
