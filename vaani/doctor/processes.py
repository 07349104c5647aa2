"""Our own processes: does each of them run?"""

from __future__ import annotations

import time

from redis.exceptions import RedisError

from calls.workers import free_slots, told_heartbeats, watch_was_here
from vaani.celery import app
from vaani.counts import last_times
from vaani.doctor.checkup import Result, failed, ok, warning
from vaani.doctor.fetching import FetchError, fetch
from vaani.env import get_env
from vaani.metrics import QUEUES

_ANSWER_SECONDS = 2.0
_BEAT_TASK = "leads.extract_due SUCCESS"  # sent by beat alone, every 15 s
_BEAT_PATIENCE = 90


def web() -> Result:
    """Does the web server answer where workers look for it?"""
    address = get_env().worker_web_url
    try:
        page = fetch(f"{address}/health")
    except FetchError as error:
        return failed(f"The web server does not answer at {address}: {error}", "Start it, or correct WEB_SERVER_URL.")
    if page.status == 200 and '"healthy"' in page.text:
        return ok(f"The web server answers at {address}.")
    if '"broken"' in page.text:
        return failed(f"The web server at {address} is not well: {page.text[:200]}", "Put right what it names.")
    return failed(f"Something else than Vaani answers at {address}, with {page.status}.", "Correct WEB_SERVER_URL.")


def workers() -> Result:
    """Is there a worker that takes calls, and do the providers take its keys?"""
    beats = told_heartbeats()
    if not beats:
        return failed("No worker is running, so nobody answers calls.", "Start one: manage.py run_worker")
    hosts = ", ".join(sorted({beat.host for beat in beats}))
    bad = sorted({f"{provider}: {state}" for beat in beats for provider, state in beat.keys.items() if state != "ok"})
    if not any(beat.slots for beat in beats):
        return failed(
            f"No worker on {hosts} takes calls: LiveKit has not taken them, or they drain.",
            "See a worker's log, and LIVEKIT_URL and the key there.",
        )
    if bad:
        return warning(
            f"A worker's key is not good ({', '.join(bad)}).",
            "Correct the key on that worker's machine, and restart it.",
        )
    if not free_slots(beats):
        return warning(
            "All workers are busy, so new visitors are turned away.", "Start another worker, or raise WORKER_SLOTS."
        )
    return ok(
        f"{len(beats)} workers on {hosts} can take {free_slots(beats)} calls."
        if len(beats) > 1
        else f"A worker on {hosts} can take {free_slots(beats)} calls."
    )


def queues() -> Result:
    """Does somebody work on each of Celery's queues?"""
    answers = app.control.inspect(timeout=_ANSWER_SECONDS).active_queues() or {}
    served = {queue["name"] for queues in answers.values() for queue in queues}
    if missing := [queue for queue in QUEUES if queue not in served]:
        return failed(
            f"Nobody works on: {', '.join(missing)}. What calls say, leads or deliveries wait there.",
            f"Start the Celery workers of the Procfile: {', '.join(missing)}.",
        )
    return ok(f"Each queue has its workers: {', '.join(QUEUES)}.")


def beat() -> Result:
    """Does Celery's clock go?"""
    at = last_times("tasks").get(_BEAT_TASK, 0)
    if time.time() - at > _BEAT_PATIENCE:
        return failed(
            f"Nothing that Celery's clock sends was done in the last {_BEAT_PATIENCE} s.",
            "Start beat, exactly one; just after a start, ask again in a minute.",
        )
    return ok("Celery's clock goes.")


def watch() -> Result:
    """Does the watch go its rounds?"""
    try:
        there = watch_was_here()
    except RedisError as error:
        return failed(f"Redis cannot be asked: {type(error).__name__}.", "Start Redis, or correct REDIS_URL.")
    if not there:
        return failed("No watch is running, so nobody notices a lost worker.", "Start one: manage.py run_watch")
    return ok("The watch goes its rounds.")
