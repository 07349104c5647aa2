"""Celery: which queue a task goes to, and what a message may be."""

from __future__ import annotations

import pytest
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads

from agents.contract import RECORD_QUEUE, RECORD_TASK
from vaani.celery import app


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
