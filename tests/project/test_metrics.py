"""/metrics: what Prometheus reads, against what there is in Postgres and Redis."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX, Heartbeat, Latencies
from agents.models import AgentProfile
from calls.models import Call
from calls.services.record import record
from leads.models import Delivery, Endpoint, Extraction, Lead
from tests.conftest import Beat, Logged, SetEnv
from tests.factories import live_call, make_call, said
from vaani.counts import count

TOKEN = "t" * 24
pytestmark = pytest.mark.django_db

Numbers = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def token(set_env: SetEnv) -> None:
    set_env(metrics_token=TOKEN)


def read() -> Numbers:
    """Every number, by its name and the values of its labels."""
    answer = Client(headers={"Authorization": f"Bearer {TOKEN}"}).get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, *(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
def test_without_the_token_there_is_no_such_page(authorization: str) -> None:
    assert Client(headers={"Authorization": authorization}).get("/metrics").status_code == 404


def test_while_no_token_is_set_nobody_reads_it(set_env: SetEnv) -> None:
    set_env(metrics_token="")
    assert Client(headers={"Authorization": "Bearer "}).get("/metrics").status_code == 404


def test_an_empty_installation_has_numbers_too() -> None:
    numbers = read()
    assert numbers["vaani_up", "postgres"] == numbers["vaani_up", "redis"] == 1
    assert numbers["vaani_calls_now", "live"] == numbers["vaani_slots_free",] == numbers["vaani_workers",] == 0


def test_what_can_be_counted_is_there_with_nought_before_it_happens() -> None:
    numbers = read()
    expected = {("vaani_calls_total", "visitor"), ("vaani_calls_total", "trial"), ("vaani_greeting_seconds_count",)}
    expected |= {("vaani_calls_ended_total", reason) for reason in Call.EndReason.values}
    expected |= {("vaani_answer_seconds_count", part) for part in ("stt", "total", "heard")}
    expected |= {("vaani_refusals_total", code) for code in ("no_worker", "daily_limit", "invalid_json", "stale_page")}
    assert {name: numbers.get(name) for name in expected} == dict.fromkeys(expected, 0)


def test_calls_are_counted_by_kind_and_end_and_never_fewer(agent: AgentProfile) -> None:
    make_call(agent, status=Call.Status.SETTLED, end_reason=Call.EndReason.VISITOR_LEFT)
    make_call(agent, status=Call.Status.SETTLED, end_reason=Call.EndReason.NO_AGENT)
    make_call(agent, kind=Call.Kind.TRIAL, status=Call.Status.LIVE)
    old = make_call(agent, status=Call.Status.SETTLED, end_reason=Call.EndReason.NO_AGENT)
    Call.objects.filter(pk=old.pk).update(created_at=datetime.now(UTC) - timedelta(days=1, minutes=1))
    make_call(agent, kind=Call.Kind.SAMPLE, status=Call.Status.SETTLED, end_reason=Call.EndReason.NO_AGENT)
    numbers = read()
    assert numbers["vaani_calls_total", "visitor"] == 3, "midnight takes nothing away"
    assert numbers["vaani_calls_total", "trial"] == 1
    assert numbers["vaani_calls_ended_total", "no_agent"] == 2, "the sample may be removed, and is not in it"
    assert numbers["vaani_calls_now", "live"] == 1


def test_waits_fall_into_buckets_by_their_part(agent: AgentProfile) -> None:
    call = live_call(agent)
    for n, llm in enumerate([0.3, 0.6, 9.0], 1):
        record(said(call, n, role="agent", latencies=Latencies(llm=llm, total=llm + 1)))
    call.turns.filter(seq=1).update(heard_wait=1.6)
    numbers = read()
    assert [numbers["vaani_answer_seconds_bucket", edge, "llm"] for edge in ("0.25", "0.5", "0.75", "8.0", "+Inf")] == [
        0, 1, 2, 2, 3,
    ]  # fmt: skip
    assert numbers["vaani_answer_seconds_sum", "llm"] == pytest.approx(9.9)
    assert numbers["vaani_answer_seconds_count", "total"] == 3
    assert numbers["vaani_answer_seconds_count", "heard"] == 1
    assert numbers["vaani_answer_seconds_count", "stt"] == 0, "what was not measured is no wait of no seconds"


def test_the_wait_for_the_greeting_is_from_joining_to_the_agents_first_words(agent: AgentProfile) -> None:
    call = live_call(agent)
    Call.objects.update(joined_at=datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC))
    record(said(call, 2, role="agent"))  # two seconds later
    record(said(call, 9, role="agent"))
    numbers = read()
    assert numbers["vaani_greeting_seconds_count",] == 1
    assert numbers["vaani_greeting_seconds_sum",] == 2
    assert (numbers["vaani_greeting_seconds_bucket", "1.0"], numbers["vaani_greeting_seconds_bucket", "3.0"]) == (0, 1)


def test_what_waits_to_be_told_or_read_is_counted_with_its_age(agent: AgentProfile) -> None:
    call = make_call(agent, status=Call.Status.SETTLED, ended_at=datetime.now(UTC) - timedelta(seconds=90))
    Extraction.objects.create(call=call)
    lead = Lead.objects.create(agent=agent, call=call)
    Lead.objects.create(agent=agent, call=make_call(agent, kind=Call.Kind.SAMPLE))  # nobody's
    endpoint = Endpoint.objects.create(name="crm", url="https://crm.example.in")
    written = datetime.now(UTC) - timedelta(minutes=5)
    for event, status in (("captured", "waiting"), ("updated", "given_up"), ("updated", "delivered")):
        Delivery.objects.create(
            endpoint=endpoint, lead=lead, event=f"lead.{event}", body="{}", status=status, created_at=written
        )
    numbers = read()
    assert numbers["vaani_leads", "new"] == 1
    assert (numbers["vaani_deliveries", "waiting"], numbers["vaani_deliveries", "given_up"]) == (1, 1)
    assert 300 <= numbers["vaani_delivery_oldest_seconds",] < 360
    assert numbers["vaani_readings", "waiting"] == 1
    assert 90 <= numbers["vaani_reading_oldest_seconds",] < 150


def test_workers_tell_their_own_numbers(redis: Redis, heartbeat: Beat) -> None:
    heartbeat(3)
    now = datetime.now(UTC)
    beat = Heartbeat(
        worker_id="w2", host="h", slots=2, active=[], resent=7, lacking_since=now - timedelta(seconds=40), at=now,
        keys={"groq": "refused", "sarvam": "ok"},
    )  # fmt: skip
    redis.set(HEARTBEAT_PREFIX + "w2", beat.model_dump_json(), ex=60)
    numbers = read()
    assert (numbers["vaani_workers",], numbers["vaani_slots_free",]) == (2, 5)
    assert numbers["vaani_worker_lines_resent_total", "w2"] == 7
    assert numbers["vaani_worker_outbox_age_seconds", "w2"] == pytest.approx(40)
    assert numbers["vaani_worker_outbox_age_seconds", "worker-1"] == 0
    assert (numbers["vaani_worker_key_good", "groq", "w2"], numbers["vaani_worker_key_good", "sarvam", "w2"]) == (0, 1)


def test_every_refusal_is_counted_and_logged_by_its_code(agent: AgentProfile, call: Call, logged: Logged) -> None:
    anybody, staff = Client(), Client(enforce_csrf_checks=True)
    staff.force_login(User.objects.create_superuser("meera"))
    asked = {
        "invalid_json": anybody.post("/api/token", b"{", "application/json"),
        "invalid_request": anybody.post("/api/token", {"agentId": 3}, "application/json"),
        "agent_missing": anybody.post("/api/token", {}, "application/json"),
        "unknown_agent": anybody.post("/api/token", {"agentId": "nobody"}, "application/json"),
        "not_authorised": anybody.post("/api/livekit/webhook", b"{}", "application/webhook+json"),  # forged
        "stale_page": staff.post("/api/trials", {"agentId": "demo"}, "application/json"),
        "unknown_address": anybody.get("/api/nowhere"),
    }
    for path in (f"/api/calls/{call.pk}/claim", "/api/trials"):
        assert anybody.post(path, {}, "application/json").json()["code"] == "not_authorised"
    assert {name: answer.json()["code"] for name, answer in asked.items()} == {name: name for name in asked}
    numbers = read()
    counts = dict.fromkeys(asked, 1) | {"not_authorised": 3}
    assert {code: numbers["vaani_refusals_total", code] for code in asked} == counts
    lines = logged("request_refused")
    assert Counter(line["code"] for line in lines) == counts
    first = {line["code"]: line for line in reversed(lines)}
    assert (first["not_authorised"]["status"], first["not_authorised"]["path"]) == (401, "/api/livekit/webhook")
    assert first["unknown_agent"]["agent_id"] == "nobody"


def test_refusals_and_tasks_are_counted_wherever_they_happen(agent: AgentProfile, redis: Redis) -> None:
    for _again in range(2):
        assert Client().post("/api/token", {"agentId": "demo"}, "application/json").status_code == 503
    count("tasks", "calls.record SUCCESS")
    redis.rpush("chores", "a task", "another")
    numbers = read()
    assert numbers["vaani_refusals_total", "no_worker"] == 2
    assert numbers["vaani_tasks_total", "SUCCESS", "calls.record"] == 1
    assert numbers["vaani_task_last_seconds", "SUCCESS", "calls.record"] == pytest.approx(
        datetime.now(UTC).timestamp(), abs=60
    )
    assert (numbers["vaani_tasks_waiting", "chores"], numbers["vaani_tasks_waiting", "live"]) == (2, 0)


def test_without_redis_the_rest_is_told_and_redis_is_said_to_be_down(redis_down: None, agent: AgentProfile) -> None:
    make_call(agent)
    numbers = read()
    assert (numbers["vaani_up", "postgres"], numbers["vaani_up", "redis"]) == (1, 0)
    assert numbers["vaani_calls_total", "visitor"] == 1
    assert not any(name.startswith("vaani_worker") for name, *_labels in numbers)
