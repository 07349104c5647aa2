"""Celery: which queue a task goes to, and what a message may be."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from celery.contrib.testing.worker import start_worker
from celery.worker.request import Request
from kombu import Message
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads

from agents.contract import RECORD_QUEUE, RECORD_TASK
from tests.e2e.waiting import until
from vaani.celery import app
from vaani.counts import counted, last_times


def queue_of(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


def test_what_calls_say_goes_to_a_queue_of_its_own() -> None:
    app.loader.import_default_modules()
    assert {RECORD_TASK, "calls.settle"} <= app.tasks.keys()
    assert queue_of(RECORD_TASK) == queue_of("calls.settle") == RECORD_QUEUE == "live"
    assert queue_of("leads.extract") == queue_of("leads.extract_due") == "leads", "no chore holds up a lead"
    assert queue_of("agents.anything_else") == "chores"


def test_routes_and_the_timetable_name_only_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    assert set(app.conf.task_routes) <= app.tasks.keys()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()


def test_messages_are_json_and_nothing_else() -> None:
    assert app.conf.task_serializer == app.conf.event_serializer == "json"
    assert app.conf.accept_content == ["json"]
    _type, _encoding, evil = dumps({"call_id": "x"}, serializer="pickle")
    with pytest.raises(ContentDisallowed):
        loads(evil, "application/x-python-serialize", "binary", accept=app.conf.accept_content)


def test_a_message_is_never_lost_with_its_worker_nor_held_for_an_hour() -> None:
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert (conf.worker_prefetch_multiplier, conf.task_time_limit) == (1, 90)
    assert conf.broker_transport_options == {"visibility_timeout": 120, "unacked_restore_throttle": 1}
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit


def test_the_calls_id_travels_with_a_task_and_how_it_ended_is_counted() -> None:
    seen: list[dict[str, Any]] = []

    @app.task(name="tests.look")
    def look(breaks: bool) -> None:
        seen.append(structlog.contextvars.get_contextvars())
        if breaks:
            raise ValueError

    def sweep() -> None:
        seen.append(structlog.contextvars.get_contextvars())

    swept = app.tasks["leads.send_due"]
    try:
        with structlog.contextvars.bound_contextvars(call_id="c1", job_id="j1"), pytest.MonkeyPatch.context() as patch:
            patch.setattr(swept, "run", sweep)
            look.delay(breaks=False)
            swept.delay()
            with structlog.contextvars.bound_contextvars(call_id="c2"):
                look.delay(breaks=True)
            structlog.contextvars.clear_contextvars()
            with start_worker(app, perform_ping_check=False, queues=["chores"], shutdown_timeout=30):
                until(lambda: sum(counted("tasks").values()) == 3, 30, "all tasks to be done")
    finally:
        app.tasks.pop("tests.look")
    assert seen == [
        {"task": "tests.look", "call_id": "c1"},
        {"task": "leads.send_due"},
        {"task": "tests.look", "call_id": "c2"},
    ]
    counts = {"tests.look SUCCESS": 1, "tests.look FAILURE": 1, "leads.send_due SUCCESS": 1}
    assert counted("tasks") == counts
    assert last_times("tasks").keys() == counts.keys()


def test_a_task_that_is_killed_for_taking_too_long_is_counted_too() -> None:
    app.loader.import_default_modules()
    made = app.amqp.as_task_v2("a-task", "calls.settle", (), {})
    headers = {"id": "a-task", "task": "calls.settle", "argsrepr": "()", "kwargsrepr": "{}"} | made.headers
    message = Message(headers=headers, delivery_info={}, properties=made.properties)
    request = Request(message, app=app, headers=headers, body=made.body, decoded=True, on_ack=lambda *_: None)
    request.on_timeout(soft=False, timeout=90)  # what Celery does when it has killed the process that was at it
    assert counted("tasks") == {"calls.settle FAILURE": 1}
