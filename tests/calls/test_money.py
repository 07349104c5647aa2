"""Usage is stored once however often it is told, priced by its day, and stops a day's calls at the cap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.contract import USAGE_EVENT, ClaimRequest, EventMessage
from agents.models import AgentProfile
from calls.models import Call, DailyCap, Price, UsageLine
from calls.money import call_cost, daily, usage_words
from calls.services.admission import start_call, start_trial
from calls.services.caps import seconds_left
from calls.services.claims import claim_call
from calls.services.record import record
from tests.conftest import Beat
from tests.factories import ago, live_call, make_agent, make_call
from vaani.problems import Problem

pytestmark = pytest.mark.django_db

HOUR = {"provider": "sarvam", "model": "ear", "unit": "stt_seconds"}


@pytest.fixture(autouse=True)
def prices() -> None:
    Price.objects.all().delete()
    for model, unit, rupees in (
        ("ear", "stt_seconds", 36),
        ("mouth", "tts_characters", 15),
        ("mind", "llm_input", 100),
    ):
        Price.objects.create(model=model, unit=unit, rupees=rupees, since=date(2026, 1, 1))


def used(call: Call, n: int, *lines: dict[str, Any], attempt: int = 1) -> EventMessage:
    detail = {"lines": list(lines)}
    return EventMessage(call_id=call.pk, attempt=attempt, n=n, kind=USAGE_EVENT, at=datetime.now(UTC), detail=detail)


def spend(call: Call, **amounts: float) -> None:
    for name, amount in amounts.items():
        model, unit = {"heard": ("ear", "stt_seconds"), "said": ("mouth", "tts_characters"),
                       "read": ("mind", "llm_input"), "cached": ("mind", "llm_cached_input"),
                       "wrote": ("mind", "llm_output")}[name]  # fmt: skip
        UsageLine.objects.create(call=call, attempt=1, provider="p", model=model, unit=unit, amount=amount)


def amounts(call: Call) -> list[tuple[int, str, float]]:
    return list(call.usage.order_by("attempt", "model").values_list("attempt", "model", "amount"))


# Stored -----------------------------------------------------------------------------------------


def test_the_last_sums_of_each_attempt_are_kept_in_whatever_order_they_come(agent: AgentProfile) -> None:
    call = live_call(agent)
    late, early = used(call, 5, HOUR | {"amount": 90}), used(call, 3, HOUR | {"amount": 30})
    for message in (late, early, late, used(call, 2, HOUR | {"amount": 7}, attempt=2)):
        record(message)
    assert amounts(call) == [(1, "ear", 90), (2, "ear", 7)]
    assert usage_words(call) == "ear: 97 seconds heard"


@pytest.mark.parametrize("line", [HOUR, HOUR | {"amount": -1}, HOUR | {"amount": 1, "unit": "cups"}])
def test_garbled_usage_is_logged_and_the_call_goes_on(agent: AgentProfile, line: dict[str, Any]) -> None:
    call = live_call(agent)
    record(used(call, 1, line))
    assert amounts(call) == []
    assert call.events.count() == 1


# Priced -----------------------------------------------------------------------------------------


def test_a_call_costs_what_its_parts_do(agent: AgentProfile) -> None:
    call = make_call(agent)
    spend(call, heard=100, said=1000, read=5000)
    assert str(call_cost(call)) == "₹3.00"  # 1 and 1.50 and 0.50


def test_a_model_without_a_price_is_named_and_not_free(agent: AgentProfile) -> None:
    call = make_call(agent)
    spend(call, wrote=10)
    assert str(call_cost(call)) == "no price for mind"
    spend(call, heard=100)
    assert str(call_cost(call)) == "₹1.00, and no price for mind"


def test_a_cache_without_a_price_of_its_own_costs_what_reading_does(agent: AgentProfile) -> None:
    call = make_call(agent)
    spend(call, cached=10_000)
    assert call_cost(call).rupees == 1


def test_the_price_of_the_calls_day_counts(agent: AgentProfile) -> None:
    call = make_call(agent)
    spend(call, heard=100)
    Price.objects.create(model="ear", unit="stt_seconds", rupees=360, since=timezone.localdate())
    Price.objects.create(model="ear", unit="stt_seconds", rupees=1, since=timezone.localdate() + timedelta(days=1))
    assert call_cost(call).rupees == 10
    ago(call.pk, "created_at", days=2)
    call.refresh_from_db()
    assert call_cost(call).rupees == 1


def test_staff_see_the_cost_on_the_calls_page_and_by_day_and_agent(admin_client: Client, agent: AgentProfile) -> None:
    other = make_agent(agent_id="other", name="Bela")
    for each, heard in ((agent, 100), (agent, 300), (other, 50)):
        spend(make_call(each), heard=heard)
    old = make_call(agent)
    ago(old.pk, "created_at", days=1)
    today = timezone.localdate()
    rows = [(row.day, row.agent, row.calls, row.cost.rupees) for row in daily(today - timedelta(days=1))]
    assert rows == [
        (today, "Asha", 2, Decimal(4)),
        (today, "Bela", 1, Decimal("0.5")),
        (today - timedelta(days=1), "Asha", 1, Decimal(0)),
    ]
    assert "₹4.00" in admin_client.get("/admin/calls/price/spending/").content.decode()
    page = admin_client.get(f"/admin/calls/call/{agent.calls.filter(usage__amount=300).get().pk}/change/")
    assert "₹3.00" in page.content.decode()
    assert "ear: 300 seconds heard" in page.content.decode()


# Capped -----------------------------------------------------------------------------------------


def talked(agent: AgentProfile, seconds: int, **values: Any) -> Call:
    """A call of today that lasted so long."""
    now = timezone.now()
    return make_call(agent, answered_at=now - timedelta(seconds=seconds), ended_at=now, status="settled", **values)


def test_without_a_cap_the_day_has_no_end(agent: AgentProfile) -> None:
    talked(agent, 9000)
    assert seconds_left(agent.pk) is None


def test_the_nearer_of_the_agents_and_the_sites_cap_counts(agent: AgentProfile) -> None:
    other = make_agent(agent_id="other")
    DailyCap.objects.create(agent=agent, minutes=10)
    talked(agent, 120)
    talked(other, 300)
    talked(agent, 9000, kind=Call.Kind.TRIAL)
    yesterday = talked(agent, 9000)
    ago(yesterday.pk, "created_at", days=1)
    assert seconds_left(agent.pk) == 480
    assert seconds_left(other.pk) is None
    site = DailyCap.objects.create(minutes=8)
    assert seconds_left(agent.pk) == seconds_left(other.pk) == 60
    DailyCap.objects.filter(pk=site.pk).update(minutes=20)
    assert seconds_left(agent.pk) == 480


def test_a_cap_in_rupees_is_told_in_seconds_by_what_a_second_has_cost(agent: AgentProfile) -> None:
    DailyCap.objects.create(agent=agent, rupees=4)
    assert seconds_left(agent.pk) is None, "nothing is known of what a second costs"
    spend(talked(agent, 100), heard=100)  # a rupee
    assert seconds_left(agent.pk) == 300
    spend(talked(agent, 100), heard=300)
    assert seconds_left(agent.pk) == 0


def test_a_capped_out_agent_admits_nobody_until_midnight_but_staff(agent: AgentProfile, heartbeat: Beat) -> None:
    heartbeat(5)
    DailyCap.objects.create(minutes=10)
    talked(agent, 569)
    assert start_call(agent_id="demo")
    talked(agent, 2)
    with pytest.raises(Problem) as refusal:
        start_call(agent_id="demo")
    problem = refusal.value
    assert (problem.status, problem.code) == (503, "daily_limit")
    assert problem.retry_after is not None
    again = timezone.localtime() + timedelta(seconds=problem.retry_after)
    assert (again.date(), again.hour, again.minute) == (timezone.localdate() + timedelta(days=1), 0, 0)
    assert start_trial(agent, typed=True, staff="meera")


def test_a_call_is_given_no_more_than_is_left_of_the_day(agent: AgentProfile) -> None:
    DailyCap.objects.create(agent=agent, minutes=10)
    talked(agent, 540)
    claim = claim_call(make_call(agent).pk, ClaimRequest(job_id="a", worker_id="w"))
    assert 55 <= claim.max_seconds <= 60
    trial = claim_call(make_call(agent, kind=Call.Kind.TRIAL).pk, ClaimRequest(job_id="b", worker_id="w"))
    assert trial.max_seconds >= 590


def test_the_site_has_one_cap(admin_client: Client) -> None:
    for _ in range(2):
        page = admin_client.post("/admin/calls/dailycap/add/", {"agent": "", "minutes": "60", "rupees": ""})
    assert "There is a cap for this already." in page.content.decode()
    assert DailyCap.objects.count() == 1
