"""Celery's side of calls: store what a job sent, settle what has ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from celery import shared_task

from agents.contract import EXAMPLE_TASK, MESSAGE, RECORD_TASK
from calls import recordings
from calls.services import endings
from calls.services import record as records


@shared_task(name=RECORD_TASK)
def record(message: dict[str, Any]) -> None:
    """Store one message of a job. Never retried: the worker sends again what Postgres lacks."""
    parsed = MESSAGE.validate_python(message, extra="ignore")  # of a newer worker, too
    with structlog.contextvars.bound_contextvars(call_id=str(parsed.call_id)):
        records.record(parsed)


@shared_task(name="calls.settle")
def settle() -> None:
    """Settle ended calls, should the watch be down."""
    endings.settle_due()


@shared_task(name="calls.erase_recordings")
def erase_recordings() -> None:
    """Delete the recordings whose time is over."""
    recordings.erase_due()


@shared_task(name=EXAMPLE_TASK)
def run_example(run_id: str) -> None:
    """Hold one run of an example conversation."""
    # The voice framework is large, and the workers that only store calls have no use for it.
    from calls.examples import run_example as hold_run

    with structlog.contextvars.bound_contextvars(call_id=run_id):
        hold_run(UUID(run_id))
