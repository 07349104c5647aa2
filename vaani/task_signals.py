"""What surrounds every Celery task: the call's id travels with it, and how it ended is counted."""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task, current_app
from celery.exceptions import TimeLimitExceeded
from celery.signals import before_task_publish, task_failure, task_postrun, task_prerun

from vaani.counts import count

_HEADER = "call_id"


@before_task_publish.connect
def send_call_id(sender: str, headers: dict[str, Any], **_: Any) -> None:
    """Give the task the id of the call in whose name it is sent. A sweep, whoever asks for it, is for every call."""
    call_id = structlog.contextvars.get_contextvars().get(_HEADER)
    sweeps = (entry["task"] for entry in current_app.conf.beat_schedule.values())
    if call_id is not None and sender not in sweeps:
        headers[_HEADER] = call_id


@task_prerun.connect
def take_call_id(task: Task[Any, Any], task_id: str, **_: Any) -> None:
    """Put the task's name and its call's id on every line that it logs."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name)
    call_id = getattr(task.request, _HEADER, None)
    if call_id is not None:
        structlog.contextvars.bind_contextvars(call_id=call_id)


@task_postrun.connect
def count_task(task: Task[Any, Any], state: str | None = None, **_: Any) -> None:
    """Count the task by its name and by how it ended."""
    count("tasks", f"{task.name} {state or 'UNKNOWN'}")
    structlog.contextvars.clear_contextvars()


@task_failure.connect
def count_killed_task(sender: Task[Any, Any], exception: BaseException, **_: Any) -> None:
    """Count the task that was killed for taking too long: its process is gone, and told nobody how it ended."""
    if isinstance(exception, TimeLimitExceeded):
        count("tasks", f"{sender.name} FAILURE")
