"""Going on with a call that was cut off: in the same row, in a new one that names it, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from agents.contract import ClaimRequest
from agents.models import AgentProfile
from agents.services import pause
from calls.erasing import erase_call
from calls.models import Call
from calls.services.claims import claim_call
from calls.services.endings import end_call
from calls.services.record import record
from calls.visitor_key import visitor_key
from tests.conftest import Beat, Logged
from tests.factories import ago, live_call, make_agent, make_call, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somebody_is_free(heartbeat: Beat) -> None:
    heartbeat(9)


def ask(call: Call | None = None, **body: Any) -> Any:
    """Ask for a token, with the key of a call."""
    key = {"visitorKey": visitor_key(call.pk)} if call else {}
    return Client().post("/api/token", {"agentId": "demo", **key, **body}, content_type="application/json")


def continuing(call: Call, **body: Any) -> Call:
    """The call that one gets who asks with the key of another."""
    answer = ask(call, **body)
    assert answer.status_code == 200, answer.content
    return Call.objects.get(pk=answer.json()["callId"])


def cut_off(agent: AgentProfile, *lines: str, **values: Any) -> Call:
    call = live_call(agent, **values)
    for number, line in enumerate(lines, 1):
        record(said(call, number, line))
    end_call(call.pk, Call.EndReason.WORKER_LOST)
    call.refresh_from_db()
    return call


# The same row -----------------------------------------------------------------------------------


def test_a_call_that_has_not_ended_goes_on(agent: AgentProfile) -> None:
    call = live_call(agent)
    answer = ask(call, language="ta-IN")
    assert (answer.json()["callId"], answer.json()["room"]) == (str(call.pk), call.room)
    assert answer.json()["token"]
    assert Call.objects.get() == call  # in the language it is held in


def test_it_goes_on_though_all_lines_are_taken_and_the_agent_was_paused(agent: AgentProfile, heartbeat: Beat) -> None:
    call = live_call(agent)
    heartbeat(1, [call.pk])
    pause(agent)
    assert continuing(call) == call
    assert ask().status_code == 409


# A new row --------------------------------------------------------------------------------------


def test_soon_after_its_end_a_new_call_names_it_and_knows_what_was_said(agent: AgentProfile) -> None:
    consent = {"version": "call-1", "recording": True, "callback": False}
    old = cut_off(
        agent, "मेरा नाम रवि है", "दो कमरे", language="ta-IN", voice="karun", visitor_name="Ravi", consent=consent
    )
    new = continuing(old)
    assert (new.continues, new.language, new.voice, new.visitor_name) == (old, "ta-IN", "karun", "Ravi")
    assert new.consent == consent
    claim = claim_call(new.pk, ClaimRequest(job_id="job-2", worker_id="worker-1"))
    assert [turn.text for turn in claim.earlier] == ["मेरा नाम रवि है", "दो कमरे"]
    assert claim.turns == []


def test_other_choices_are_taken(agent: AgentProfile) -> None:
    new = continuing(cut_off(agent), language="ta-IN", voice="karun", userName="Meena")
    assert (new.language, new.voice, new.visitor_name) == ("ta-IN", "karun", "Meena")


def test_what_is_offered_no_more_is_not_asked_for(db: None) -> None:
    new = continuing(cut_off(make_agent(languages=["hi-IN"], voices=["arya"]), language="or-IN", voice="hitesh"))
    assert (new.language, new.voice) == ("hi-IN", "arya")


def test_the_whole_chain_is_told_and_the_last_of_it_is_meant(agent: AgentProfile) -> None:
    first = cut_off(agent, "एक")
    second = continuing(first)
    assert continuing(first) == second  # it has not ended
    claim_call(second.pk, ClaimRequest(job_id="job-2", worker_id="worker-1"))
    record(said(second, 1, "दो"))
    end_call(second.pk, Call.EndReason.FAILED)
    third = continuing(first)
    assert third.continues == second
    claim = claim_call(third.pk, ClaimRequest(job_id="job-3", worker_id="worker-1"))
    assert [turn.text for turn in claim.earlier] == ["एक", "दो"]
    assert third.chain() == second.chain() == [first, second, third]


def test_a_new_call_needs_all_that_any_call_needs(agent: AgentProfile, heartbeat: Beat) -> None:
    old = cut_off(agent)
    heartbeat(0)
    assert ask(old).json()["code"] == "no_capacity"
    pause(agent)
    assert ask(old).json()["code"] == "agent_paused"
    assert Call.objects.get() == old


# Neither ----------------------------------------------------------------------------------------


def test_after_a_quarter_of_an_hour_it_is_a_call_like_any(agent: AgentProfile) -> None:
    old = cut_off(agent, visitor_name="Ravi")
    ago(old.pk, "ended_at", minutes=14)
    assert continuing(old).continues == old
    Call.objects.exclude(pk=old.pk).delete()
    ago(old.pk, "ended_at", minutes=16)
    new = continuing(old)
    assert (new.continues, new.visitor_name) == (None, "")


@pytest.mark.parametrize("key", ["forged", "of another agent", "of a trial", "of an erased call"])
def test_a_key_that_fits_nothing_costs_nobody_the_call(agent: AgentProfile, logged: Logged, key: str) -> None:
    old = cut_off(make_agent(agent_id="other") if key == "of another agent" else agent)
    if key == "of a trial":
        Call.objects.update(kind=Call.Kind.TRIAL)
    if key == "of an erased call":
        ago(old.pk, "ended_at", minutes=1)
        assert erase_call(old.pk)
    given = f"{old.pk}:1x:{'f' * 43}" if key == "forged" else visitor_key(old.pk)
    answer = ask(visitorKey=given)
    assert answer.status_code == 200
    assert Call.objects.get(pk=answer.json()["callId"]).continues is None
    assert bool(logged("visitor_key_refused")) is (key == "forged")


def test_erasing_a_call_leaves_no_thread_to_the_others(agent: AgentProfile) -> None:
    first = cut_off(agent, "एक")
    second = continuing(first)
    claim_call(second.pk, ClaimRequest(job_id="job-2", worker_id="worker-1"))
    end_call(second.pk, Call.EndReason.FAILED)
    third = continuing(second)
    ago(second.pk, "ended_at", minutes=1)
    assert erase_call(second.pk)
    for call in (second, third):
        call.refresh_from_db()
        assert call.continues is None


# What is shown of it ----------------------------------------------------------------------------


def test_the_visitor_reads_the_whole_conversation_by_their_key(agent: AgentProfile) -> None:
    first = cut_off(agent, "एक")
    second = continuing(first)
    record(said(second, 1, "दो"))
    address = f"/api/calls/{second.pk}/transcript"

    def read(call: Call) -> Any:
        return Client().get(address, headers={"Authorization": f"Bearer {visitor_key(call.pk)}"})

    assert read(second).json() == {"lines": [{"role": "visitor", "text": text} for text in ("एक", "दो")]}
    assert read(first).status_code == 401
    assert Client().get(address).status_code == 401
    Call.objects.filter(pk=second.pk).update(erased_at=second.created_at)
    assert read(second).status_code == 404


def test_staff_go_from_one_call_to_the_other(agent: AgentProfile, admin_user: User) -> None:
    first = cut_off(agent)
    second = make_call(agent, continues=first)
    browser = Client()
    browser.force_login(admin_user)
    for call, other, words in ((first, second, "Continued by the call of"), (second, first, "Continues the call of")):
        page = browser.get(reverse("admin:calls_call_change", args=[call.pk])).content.decode()
        assert words in page
        assert reverse("admin:calls_call_change", args=[other.pk]) in page
