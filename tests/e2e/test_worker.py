"""The real worker and its jobs: what they load, what they tell, and what happens when one is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from agents.languages import LANGUAGES
from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until
from tests.faults.inflict import busy_job

Rows = Callable[..., list[tuple[Any, ...]]]


def test_a_job_loads_no_django_tells_livekit_nothing_and_is_replaced_when_killed(
    visitor: VisitorPage, stack: Stack, rows: Rows, settled: Callable[[str], list[tuple[str, str]]], catcher: list[str]
) -> None:
    visitor.call(language="en-IN")
    visitor.mute()
    visitor.wait_for_lines(1)
    closed = "SELECT count(*) FROM calls_turn WHERE call_id = %s AND final"
    until(lambda: rows(closed, visitor.call_id) == [(1,)], 20, "the greeting to be stored whole")
    job = busy_job(stack.pid("worker"))
    loaded = modules_of(job, stack)
    assert "agents.worker.conversation" in loaded  # it is a job, and not some other process
    assert {"django.apps", "django.conf", "django.db"} & loaded == set()

    visitor.page.focus("#typed")
    os.kill(job, signal.SIGKILL)
    lines = visitor.wait_for_lines(2, 40)
    assert lines[1].text == LANGUAGES["en-IN"].resumed
    expect(visitor.page.locator("#state")).to_be_focused()  # the field that was typed in had gone meanwhile
    assert rows("SELECT count(*) FROM calls_attempt WHERE call_id = %s", visitor.call_id) == [(2,)]
    visitor.hang_up()
    assert [text for _role, text in settled(visitor.call_id)] == [line.text for line in lines]
    assert catcher == []


def modules_of(job: int, stack: Stack) -> set[str]:
    """What a job has loaded."""
    os.kill(job, signal.SIGUSR2)
    written = Path(stack.env["MODULES_FOLDER"]) / str(job)
    until(written.exists, 10, "the job to list its modules")
    return set(written.read_text().split())
