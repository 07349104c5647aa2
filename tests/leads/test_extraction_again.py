"""Reading a call again, announcing what is new, and the tasks that do it: killed, twice, late, at once."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from redis import Redis

from agents.models import AgentProfile
from calls.services.record import record
from leads import extraction, review
from leads.extraction import MOST_TRIES, TAKEN_FOR, extract, send_due
from leads.models import Delivery, Extraction, Lead, LeadValue
from leads.review import value_stamp
from tests.conftest import SetEnv
from tests.factories import live_call, said
from tests.leads.receiver import Receiver
from tests.leads.talk import NUMBER, TALK, answer, due_again, hang_up, read, row, store, talked, values
from vaani.celery import app

pytestmark = pytest.mark.django_db

Status = Extraction.Status
Order = Callable[..., None]


# Again ------------------------------------------------------------------------------------------


def test_a_turn_that_comes_late_has_the_same_lead_read_again(agent: AgentProfile, order: Order) -> None:
    call = talked(agent)
    read(call)
    record(said(call, 9, "नहीं, सॉरी, 98450 54321"))
    assert row(call).status == Status.WAITING
    read(call)
    lead = Lead.objects.get()
    assert values(call)["phone"] == ("+919845054321", "heard", ["1.9"])
    assert [(c.field, c.old, c.new) for c in lead.changes.all()] == [("Phone number", NUMBER, "+919845054321")]
    record(said(call, 9, "नहीं, सॉरी, 98450 54321"))
    assert row(call).status == Status.DONE, "told twice, it is nothing new"


def test_what_staff_said_outlives_a_repetition(agent: AgentProfile, order: Order, admin_user: User) -> None:
    call = talked(agent)
    read(call)
    held = {value.key: value for value in Lead.objects.get().values.all()}
    review.correct_value(held["name"], "Rahul S", who=admin_user, seen=value_stamp(held["name"]))
    review.reject_value(held["phone"], who=admin_user, seen=value_stamp(held["phone"]))
    review.accept_value(held["need"], who=admin_user, seen=value_stamp(held["need"]))
    record(said(call, 9, "नहीं, सॉरी, 98450 54321"))
    order(call, data=[answer(name={"value": "Ravi"}, need={"value": "a garden"}, latin_name="Rahul Sharma")])
    read(call)
    after = {value.key: value for value in Lead.objects.get().values.all()}
    assert (after["name"].value, after["name"].found) == ("Rahul S", "राहुल शर्मा")
    assert (after["phone"].value, after["phone"].verdict, after["phone"].other) == (NUMBER, "rejected", "+919845054321")
    assert after["need"].value == held["need"].value
    assert Lead.objects.get().latin_name == "", "that was the name that staff put right"


def test_a_doubt_stays_when_the_next_try_brings_no_model(agent: AgentProfile, order: Order) -> None:
    call = talked(agent)
    order(call, data=[answer(phone={"value": "90000 00001"})])
    read(call)
    record(said(call, 9, "धन्यवाद"))
    order(call, faults={"data": {"kind": "error", "times": 0}})
    read(call)
    assert LeadValue.objects.get(key="phone").other == "+919000000001"


def test_a_locked_lead_is_left_alone_and_no_model_hears_of_it(agent: AgentProfile, order: Order, asked: Any) -> None:
    call = talked(agent)
    Lead.objects.create(agent=agent, call=call, locked_at=timezone.now())
    assert read(call).status == Status.DONE
    assert values(call) == {}
    assert asked(call) == []


# Announcing -------------------------------------------------------------------------------------


def events() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("event", flat=True))


def test_it_is_announced_once_and_again_when_more_is_known(agent: AgentProfile, order: Order, n8n: Receiver) -> None:
    call = talked(agent)
    order(call, faults={"data": {"kind": "error", "times": 2}})
    read(call)
    assert events() == ["lead.captured"], "who can be called is told of, whatever else there is to know"
    due_again(call)
    read(call)
    assert events() == ["lead.captured", "lead.updated"]
    extraction.want_extraction(call_id=call.pk)
    read(call)
    assert events() == ["lead.captured", "lead.updated"], "nothing new"


def test_killed_before_it_was_announced_it_is_announced_by_the_next(
    agent: AgentProfile, order: Order, n8n: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = talked(agent)

    def die(*_: Any, **__: Any) -> None:
        raise SystemExit

    for step in ("_ask", "_finish"):
        with monkeypatch.context() as patch:
            patch.setattr(extraction, step, die)
            with pytest.raises(SystemExit):
                extract(row(call).pk)
        assert (row(call).status, events()) == (Status.RUNNING, [])
        extract(row(call).pk)
        assert row(call).status == Status.RUNNING, "its task may still live"
        Extraction.objects.update(taken_at=timezone.now() - TAKEN_FOR - timedelta(seconds=1))
    assert read(call).status == Status.DONE
    assert (events(), Lead.objects.count()) == (["lead.captured"], 1)


# The row and its tasks --------------------------------------------------------------------------


def test_it_is_wanted_in_the_transaction_that_settles_and_nudged_once_that_commits(
    agent: AgentProfile, redis: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    call = live_call(agent)
    store(call, *TALK)
    with django_capture_on_commit_callbacks(execute=True):
        hang_up(call)
        assert row(call).status == Status.WAITING
        assert redis.llen("leads") == 0
    assert redis.llen("leads") == 1


def test_the_sweep_sends_what_is_due_and_nothing_else(agent: AgentProfile, redis: Redis) -> None:
    waiting, later, running, lost, done = (talked(agent) for _ in range(5))
    now = timezone.now()
    for call, columns in (
        (later, {"next_at": now + timedelta(seconds=9)}),
        (running, {"status": Status.RUNNING, "taken_at": now}),
        (lost, {"status": Status.RUNNING, "taken_at": now - TAKEN_FOR - timedelta(seconds=1)}),
        (done, {"status": Status.DONE}),
    ):
        Extraction.objects.filter(call=call).update(**columns)
    send_due()
    sent = [json.loads(message)["body"] for message in redis.lrange("leads", 0, -1)]
    assert len(sent) == 2
    assert {json.loads(base64.b64decode(body))[0][0] for body in sent} == {row(waiting).pk, row(lost).pk}


def test_without_a_broker_the_call_settles_and_the_row_waits(agent: AgentProfile, redis_down: None, db: None) -> None:
    call = talked(agent)
    assert row(call).status == Status.WAITING


def test_a_broker_that_hangs_does_not_hold_up_who_settles(
    agent: AgentProfile, set_env: SetEnv, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    call = live_call(agent)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        started = time.monotonic()
        with django_capture_on_commit_callbacks(execute=True):
            hang_up(call)
        assert time.monotonic() - started < 15
    assert row(call).status == Status.WAITING


def test_a_call_that_breaks_the_reading_itself_is_tried_again_and_given_up(
    agent: AgentProfile, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any) -> None:
        raise ZeroDivisionError

    call = talked(agent)
    monkeypatch.setattr(extraction, "_ask", break_down)
    for _ in range(MOST_TRIES):
        due_again(call)
        with pytest.raises(ZeroDivisionError):
            extract(row(call).pk)
    assert (row(call).status, row(call).error) == (Status.FAILED, "ZeroDivisionError")
    assert values(call)["phone"][0] == NUMBER


def test_one_whose_task_is_killed_each_time_is_given_up(agent: AgentProfile, order: Order) -> None:
    call = talked(agent)
    long_ago = timezone.now() - TAKEN_FOR - timedelta(seconds=1)
    Extraction.objects.update(status=Status.RUNNING, taken_at=long_ago, tries=MOST_TRIES)
    assert read(call).status == Status.FAILED


def test_one_that_took_too_long_changes_nothing_any_more(agent: AgentProfile, order: Order) -> None:
    call = talked(agent)
    asked_once = extraction._ask

    def slow(*arguments: Any) -> Any:
        found = asked_once(*arguments)
        record(said(call, 9, "नहीं, सॉरी, 98450 54321"))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "_ask", slow)
        extract(row(call).pk)
    assert row(call).status == Status.WAITING, "more was said meanwhile"
    assert "name" not in values(call)
    read(call)
    assert values(call)["phone"][0] == "+919845054321"


def test_duplicate_tasks_read_once(agent: AgentProfile, order: Order, asked: Any) -> None:
    call = talked(agent)
    for _ in range(3):
        extract(row(call).pk)
    extract(10**9)
    assert len(asked(call)) == 1
    assert row(call).tries == 1


def test_of_two_tasks_at_once_one_takes_it(agent: AgentProfile, monkeypatch: pytest.MonkeyPatch) -> None:
    pk = row(talked(agent)).pk
    others, looks, now = [], iter([False, True]), timezone.now

    def clock() -> Any:
        if next(looks, False):  # the first has looked, and has not taken it yet
            others.append(extraction._take(pk))
        return now()

    monkeypatch.setattr(timezone, "now", clock)
    assert extraction._take(pk) is None
    assert [other.pk for other in others if other] == [pk]
    assert Extraction.objects.get().tries == 1
