"""`POST /api/callback`: a number left is a lead, once, whatever else is wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.models import AgentProfile
from agents.published import forget_published
from agents.services import allow_sites, pause
from calls.models import Call
from calls.services.endings import end_call, settle_call
from calls.visitor_key import visitor_key
from leads import callbacks
from leads.models import Lead
from leads.tool import save_details
from tests.conftest import SetEnv
from tests.factories import live_call, make_agent, make_call

pytestmark = pytest.mark.django_db

AGREED = {"version": "callback-1", "callback": True}
NUMBER = "+919845012345"


def ask(client: Client | None = None, **parts: Any) -> Any:
    body = {"agentId": "demo", "name": "Ravi", "phone": "98450 12345", "consent": AGREED, **parts}
    return (client or Client()).post("/api/callback", body, content_type="application/json")


def values(lead: Lead) -> dict[str, tuple[str, str]]:
    return {value.key: (value.value, value.state) for value in lead.values.all()}


# What is kept -----------------------------------------------------------------------------------


def test_a_number_left_is_a_new_lead(agent: AgentProfile) -> None:
    answer = ask(name=" रवि ", language="ta-IN")
    assert (answer.status_code, answer.json()) == (200, {"phone": NUMBER})
    lead = Lead.objects.get()
    assert (lead.agent, lead.call, lead.status) == (agent, None, "new")
    assert (lead.callback_language, lead.callback_consent) == ("ta-IN", {**AGREED, "recording": False})
    assert lead.callback_at is not None
    assert values(lead) == {"name": ("रवि", "typed"), "phone": (NUMBER, "typed")}


def test_without_a_language_it_is_the_agents_first(agent: AgentProfile) -> None:
    ask()
    assert Lead.objects.get().callback_language == agent.default_language


def test_values_go_by_the_agents_own_names_for_them(db: None) -> None:
    make_agent(fields=[{"key": "mobile", "label": "Mobile", "kind": "phone"}])
    ask()
    assert {value.key: value.label for value in Lead.objects.get().values.all()} == {"name": "Name", "mobile": "Mobile"}


def test_a_paused_agent_takes_call_backs(agent: AgentProfile) -> None:
    pause(agent)
    assert ask().status_code == 200
    assert Lead.objects.count() == 1


# Once -------------------------------------------------------------------------------------------


def test_sent_twice_it_is_one_lead_with_the_newer_words(agent: AgentProfile) -> None:
    ask(name="Ravy")
    ask(phone="+91 98450-12345", name="Ravi", language="en-IN")
    lead = Lead.objects.get()
    assert (str(lead), lead.callback_language) == ("Ravi", "en-IN")


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_it_is_one_lead() -> None:
    make_agent()

    def send(_: int) -> int:
        try:
            return int(ask().status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(send, range(8))) == {200}
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("why", ["another number", "another agent", "taken up by staff", "a day later"])
def test_another_wish_is_another_lead(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    make_agent(agent_id="other", name="Other")
    ask()
    if why == "taken up by staff":
        Lead.objects.update(status=Lead.Status.CONTACTED)
    if why == "a day later":
        Lead.objects.update(callback_at=Lead.objects.get().created_at - callbacks.SAME_FOR)
    second: dict[str, Any] = {"another number": {"phone": "98450 54321"}, "another agent": {"agentId": "other"}}.get(
        why, {}
    )
    assert ask(**second).status_code == 200
    assert Lead.objects.count() == 2


# Of a call --------------------------------------------------------------------------------------


def test_the_key_of_a_call_makes_it_that_calls_lead(agent: AgentProfile) -> None:
    call = make_call(agent)
    ask(visitorKey=visitor_key(call.pk))
    ask(visitorKey=visitor_key(call.pk), phone="98450 54321")
    lead = Lead.objects.get()
    assert (lead.call, values(lead)["phone"]) == (call, ("+919845054321", "typed"))


def test_what_was_typed_replaces_what_was_heard_and_settling_leaves_it(agent: AgentProfile) -> None:
    call = live_call(agent)
    save_details(call, "1.9", {"name": "Ravi", "phone": "98450 54321", "need": "2 BHK"})
    Lead.objects.update(status=Lead.Status.CONTACTED)
    ask(visitorKey=visitor_key(call.pk))
    call.attempts.update(ended_at=call.created_at, last_n=0)
    end_call(call.pk, "visitor_left")
    assert settle_call(call.pk)
    lead = Lead.objects.get()
    assert values(lead) == {"name": ("Ravi", "typed"), "phone": (NUMBER, "typed"), "need": ("2 BHK", "inferred")}
    assert lead.status == "new", "who asks again is to be seen again"


@pytest.mark.parametrize("whose", ["nobody's", "a trial's", "another agent's"])
def test_a_key_that_fits_no_call_of_a_visitor_costs_nothing(agent: AgentProfile, whose: str) -> None:
    other = make_agent(agent_id="other", name="Other")
    call = make_call(
        other if whose == "another agent's" else agent,
        kind=Call.Kind.TRIAL if whose == "a trial's" else Call.Kind.VISITOR,
    )
    assert ask(visitorKey="x:y:z" if whose == "nobody's" else visitor_key(call.pk)).status_code == 200
    assert Lead.objects.get().call is None


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "status", "code", "field"),
    [
        ({"phone": "98450"}, 422, "bad_phone", "phone"),
        ({"phone": "nine eight"}, 422, "bad_phone", "phone"),
        ({"agentId": "nobody"}, 404, "unknown_agent", "agentId"),
        ({"language": "fr-FR"}, 422, "unknown_language", "language"),
        ({"consent": {"version": "1"}}, 422, "consent_missing", "consent"),
        ({"name": "  "}, 422, "invalid_request", "name"),
        ({"name": "a\0b"}, 422, "invalid_request", "name"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_and_nothing_is_kept(
    agent: AgentProfile, parts: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = ask(**parts)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field
    assert not Lead.objects.exists()


def test_pages_of_other_sites_may_send_it_when_the_agent_names_them(agent: AgentProfile) -> None:
    site = Client(headers={"Origin": "https://www.example.in"})
    assert ask(site).json()["code"] == "origin_not_allowed"
    allow_sites(agent, ["https://www.example.in"])
    answer = ask(site)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "https://www.example.in")


def test_one_address_sends_so_many_a_minute(agent: AgentProfile, set_env: SetEnv) -> None:
    set_env(callbacks_per_minute="2")
    assert [ask().status_code for _ in range(3)] == [200, 200, 429]
    answer = ask(phone="98450 54321")
    assert (answer.json()["code"], answer.headers["Retry-After"]) == ("too_many_callbacks", "60")
    assert ask(Client(REMOTE_ADDR="127.0.0.2")).status_code == 200


def test_without_redis_no_number_is_lost(agent: AgentProfile, redis_down: None) -> None:
    forget_published()
    assert ask().status_code == 200
    assert Lead.objects.count() == 1


# Staff ------------------------------------------------------------------------------------------


def test_staff_see_who_asks_to_be_called_back(agent: AgentProfile, admin_client: Client) -> None:
    save_details(live_call(agent), "1.9", {"name": "Meena", "phone": "98450 54321", "need": "2 BHK"})
    ask(name="<b>Ravi</b>", language="ta-IN")
    lead = Lead.objects.get(call=None)
    page = reverse("admin:leads_lead_changelist")
    every, wishes = (admin_client.get(page, query).content.decode() for query in ({}, {"callback": "asked"}))
    assert "Meena" in every
    assert "Meena" not in wishes
    assert "&lt;b&gt;Ravi" in wishes
    shown = admin_client.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()
    assert "in Tamil" in shown
    assert "No call could begin" in shown
    assert "Typed by the visitor" in shown
