"""Claims: one job holds a call, and gets what it needs to speak."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from agents.contract import Claim, ClaimRequest, ToolAnswer
from agents.models import AgentProfile
from agents.services import draft_config, mark_refused
from calls import tools
from calls.models import Attempt, Call
from calls.services.claims import claim_call
from calls.services.endings import end_call
from calls.services.record import record
from tests.conftest import Beat, SetEnv
from tests.factories import happened, live_call, make_agent, make_call, over, said
from vaani.problems import Problem

pytestmark = pytest.mark.django_db


def claim(call: Call, job: str = "job-1", worker: str = "worker-1") -> Claim:
    return claim_call(call.pk, ClaimRequest(job_id=job, worker_id=worker))


def refused(call: Call, job: str = "job-2", worker: str = "worker-2") -> int:
    with pytest.raises(Problem) as problem:
        claim(call, job, worker)
    return problem.value.status


def claimed_long_ago() -> None:
    Attempt.objects.update(claimed_at=timezone.now() - timedelta(seconds=6))


# Who holds it -----------------------------------------------------------------------------------


def test_the_first_job_gets_the_call_and_all_it_needs(worker: Client, call: Call) -> None:
    answer = worker.post(
        f"/api/calls/{call.pk}/claim", {"job_id": "J", "worker_id": "w"}, content_type="application/json"
    )
    got = Claim.model_validate(answer.json())
    assert answer.status_code == 200
    assert (got.call_id, got.attempt, got.language, got.voice) == (call.pk, 1, "hi-IN", "arya")
    assert got.agent == draft_config(call.agent)
    assert (got.visitor_identity, got.turns, got.max_seconds) == ("visitor", [], 600)
    call.refresh_from_db()
    assert call.status == Call.Status.LIVE
    assert call.answered_at is not None
    assert call.joined_at is not None
    attempt = call.attempts.get()
    assert (attempt.number, attempt.job_id, attempt.worker_id) == (1, "J", "w")


def test_an_older_worker_is_not_told_of_settings_that_nobody_uses(worker: Client, call: Call) -> None:
    body = {"job_id": "J", "worker_id": "w"}
    told = worker.post(f"/api/calls/{call.pk}/claim", body, content_type="application/json").json()
    assert told["agent"]["name"] == "Asha"
    assert not {"recording", "record"} & {*told, *told["agent"]}


def test_the_same_job_asking_again_gets_the_same_attempt(call: Call) -> None:
    claim(call)
    call.refresh_from_db()
    assert claim(call).attempt == 1
    answered = call.answered_at
    call.refresh_from_db()
    assert (call.attempts.count(), call.answered_at) == (1, answered)


def test_another_job_is_turned_away_while_the_first_is_new(call: Call) -> None:
    claim(call)
    assert refused(call) == 409


def test_or_while_its_worker_says_that_it_lives(call: Call, heartbeat: Beat) -> None:
    claim(call)
    claimed_long_ago()
    heartbeat(1, [call.pk], worker_id="worker-1")
    assert refused(call) == 409


@pytest.mark.parametrize("beats", [[], [("worker-1", False)], [("worker-3", True)]], ids=["silent", "without", "other"])
def test_a_dead_attempt_is_followed_by_the_next_and_its_job_may_not_come_back(
    call: Call, heartbeat: Beat, redis: Any, beats: list[tuple[str, bool]]
) -> None:
    claim(call)
    claimed_long_ago()
    redis.flushdb()
    for name, holds in beats:
        heartbeat(1, [call.pk] if holds else [], worker_id=name)
    assert claim(call, "job-2", "worker-2").attempt == 2
    claimed_long_ago()
    assert refused(call, "job-1", "worker-1") == 409
    assert [(a.number, a.job_id) for a in call.attempts.all()] == [(1, "job-1"), (2, "job-2")]


def test_an_attempt_that_said_goodbye_is_followed_at_once(call: Call) -> None:
    claim(call)
    Attempt.objects.update(ended_at=timezone.now())
    assert claim(call, "job-2").attempt == 2


def test_a_call_that_has_ended_is_gone(worker: Client, call: Call) -> None:
    claim(call)
    end_call(call.pk, Call.EndReason.VISITOR_LEFT)
    assert refused(call, "job-1", "worker-1") == 410
    call.refresh_from_db()
    assert call.status == Call.Status.ENDED
    answer = worker.post(f"/api/calls/{call.pk}/claim", {"job_id": "J", "worker_id": "w"}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (410, "call_ended")


def test_a_call_there_never_was_is_unknown(worker: Client, db: None) -> None:
    for method, path in (("post", "claim"), ("get", "stored")):
        answer = getattr(worker, method)(
            f"/api/calls/{uuid4()}/{path}", {"job_id": "J", "worker_id": "w"}, content_type="application/json"
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_call")


@pytest.mark.django_db(transaction=True)
def test_jobs_that_claim_at_once_leave_one_holder() -> None:
    call = make_call(make_agent())

    def job(number: int) -> bool:
        try:
            return claim(call, f"job-{number}").attempt == 1
        except Problem as problem:
            if problem.status != 409:
                raise
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(job, range(6))) == 1
    assert Attempt.objects.count() == 1


# What it gets -----------------------------------------------------------------------------------


def test_a_job_that_takes_over_gets_what_was_said_and_the_time_that_is_left(call: Call) -> None:
    claim(call)
    record(said(call, 2, "हाँ"))
    record(said(call, 1, "नमस्ते", role="agent"))
    Call.objects.update(answered_at=timezone.now() - timedelta(seconds=590))
    claimed_long_ago()
    got = claim(call, "job-2")
    assert [(turn.item_id, turn.role, turn.text) for turn in got.turns] == [
        ("1.1", "agent", "नमस्ते"),
        ("1.2", "visitor", "हाँ"),
    ]
    assert 8 <= got.max_seconds <= 10
    Call.objects.update(answered_at=timezone.now() - timedelta(hours=1))
    assert claim(call, "job-2").max_seconds == 0


def test_retired_and_refused_models_are_already_replaced(agent: AgentProfile, set_env: SetEnv) -> None:
    set_env(groq_api_key="g", llm_model="llama-3.3-70b-versatile")
    mark_refused("bulbul:v2", "gone")
    got = claim(make_call(agent, voice="hitesh"))
    assert (got.stt_model, got.tts_model, got.voice) == ("saaras:v3", "bulbul:v3", "aditya")
    assert [(model.provider, model.model) for model in got.models] == [("groq", "openai/gpt-oss-120b")]


def test_a_call_keeps_the_version_it_began_with(agent: AgentProfile, call: Call) -> None:
    AgentProfile.objects.update(name="Draft")
    assert claim(call).agent.name == "Asha"


# What is stored, and tools ----------------------------------------------------------------------


def test_the_worker_is_told_what_is_stored(worker: Client, agent: AgentProfile) -> None:
    call = live_call(agent)
    for message in (said(call, 1), said(call, 2, final=False), happened(call, 3), over(call, 4)):
        record(message)
    assert worker.get(f"/api/calls/{call.pk}/stored").json() == {
        "turns": {"1.1": "final", "1.2": "draft"},
        "revisions": {"1.1": 0, "1.2": 0},
        "events": ["1.3"],
        "ended_attempts": [1],
    }


@pytest.fixture
def save_lead(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, str, dict[str, Any]]]:
    ran: list[tuple[UUID, str, dict[str, Any]]] = []

    def handler(call: Call, item_id: str, arguments: dict[str, Any]) -> ToolAnswer:
        ran.append((call.pk, item_id, arguments))
        return ToolAnswer(ok=True, text="Saved.")

    monkeypatch.setattr(tools, "_handlers", {})
    tools.register("save_lead", handler)
    return ran


def test_a_tool_runs_for_the_call_of_its_address(
    worker: Client, call: Call, save_lead: list[tuple[UUID, str, dict[str, Any]]]
) -> None:
    body = {"item_id": "1.4", "arguments": {"call_id": "another", "name": "रवि"}}
    answer = worker.post(f"/api/calls/{call.pk}/tools/save_lead", body, content_type="application/json")
    assert answer.json() == {"ok": True, "text": "Saved."}
    assert save_lead == [(call.pk, "1.4", {"call_id": "another", "name": "रवि"})]


def test_no_tool_runs_by_another_name_or_after_the_end(
    worker: Client, call: Call, save_lead: list[tuple[UUID, str, dict[str, Any]]]
) -> None:
    body = {"item_id": "1.4", "arguments": {}}
    unknown = worker.post(f"/api/calls/{call.pk}/tools/rm", body, content_type="application/json")
    assert (unknown.status_code, unknown.json()["errors"][0]["allowed"]) == (404, ["save_lead"])
    end_call(call.pk, Call.EndReason.VISITOR_LEFT)
    late = worker.post(f"/api/calls/{call.pk}/tools/save_lead", body, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (410, "call_ended")
    assert save_lead == []
