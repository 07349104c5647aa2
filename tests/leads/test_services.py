from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import AgentProfile
from calls.models import Call
from calls.services.endings import end_call, settle_call
from leads.models import Lead, LeadValue
from leads.services import save_details
from tests.factories import live_call

GOOD = {"name": "राहुल शर्मा", "phone": "98450 12345", "need": "2 BHK"}


def _say(call: Call, n: int, text: str) -> None:
    call.turns.create(
        item_id=f"1.{n}", attempt=1, seq=n, role="visitor", text=text, started_at=call.created_at, final=True
    )


def test_it_keeps_what_the_agent_found_out(agent: AgentProfile) -> None:
    call = live_call(agent)
    assert save_details(call, "1.9", GOOD).ok
    lead = Lead.objects.get(call=call)
    assert {value.key: value.value for value in lead.values.all()} == {**GOOD, "phone": "+919845012345"}
    assert str(lead) == "राहुल शर्मा?"


def test_a_second_time_corrects_the_same_lead(agent: AgentProfile) -> None:
    call = live_call(agent)
    save_details(call, "1.9", GOOD)
    save_details(call, "1.12", {**GOOD, "phone": "98450 54321"})
    assert LeadValue.objects.get(lead__call=call, key="phone").value == "+919845054321"
    assert Lead.objects.count() == 1


def test_a_bad_value_keeps_nothing_and_asks_again(agent: AgentProfile) -> None:
    answer = save_details(live_call(agent), "1.9", {**GOOD, "phone": "98450"})
    assert (answer.ok, Lead.objects.count()) == (False, 0)
    assert "ten digits" in answer.text


@pytest.mark.parametrize("kind", [Call.Kind.TRIAL, Call.Kind.EXAMPLE, Call.Kind.SAMPLE])
def test_a_trial_is_checked_but_never_kept(agent: AgentProfile, kind: Call.Kind) -> None:
    call = live_call(agent, kind=kind)
    assert save_details(call, "1.9", GOOD).ok
    assert not save_details(call, "1.9", {**GOOD, "phone": "1"}).ok
    assert Lead.objects.count() == 0


def test_a_settled_call_links_values_to_the_turns_they_were_heard_in(agent: AgentProfile) -> None:
    call = live_call(agent)
    _say(call, 1, "मेरा नाम राहुल शर्मा है।")
    _say(call, 2, "मेरा नंबर ९८४५० 12345 है")
    save_details(call, "1.9", GOOD)
    call.attempts.update(ended_at=call.created_at, last_n=2)
    end_call(call.pk, "visitor_left")
    assert settle_call(call.pk)
    found = {value.key: (value.state, value.turns) for value in LeadValue.objects.filter(lead__call=call)}
    assert found == {"name": ("heard", ["1.1"]), "phone": ("heard", ["1.2"]), "need": ("inferred", [])}


def test_the_worker_reaches_it_by_the_tools_name(agent: AgentProfile, worker: Client) -> None:
    call = live_call(agent)
    answer = worker.post(
        f"/api/calls/{call.pk}/tools/save_details",
        {"item_id": "1.9", "arguments": GOOD},
        content_type="application/json",
    )
    assert answer.json()["ok"] is True
    assert Lead.objects.filter(call=call).exists()


def test_staff_find_it_in_the_admin(agent: AgentProfile, admin_client: Client) -> None:
    call = live_call(agent)
    save_details(call, "1.9", {**GOOD, "name": "<b>Ravi</b>"})
    lead = Lead.objects.get()
    listed = admin_client.get(reverse("admin:leads_lead_changelist"), {"q": "98450"}).content.decode()
    assert "&lt;b&gt;Ravi" in listed
    shown = admin_client.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()
    assert reverse("admin:calls_call_change", args=[call.pk]) in shown
    assert "<b>Ravi" not in listed + shown
