"""The worker's parent sends again what Postgres lacks: of live jobs, of dead ones, of the last run."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from celery import Celery

from agents.contract import CallEnded, Stored, TurnMessage
from agents.worker.client import WebClient, WebError
from agents.worker.journal import Recorded, drop_spooled, is_being_written, journals, read_journal
from agents.worker.outbox import make_producer, send
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

PERIOD_SECONDS = 5
PATIENCE_SECONDS = 5  # a journal written to more recently is still on its ordinary way


@dataclass
class Backlog:
    """What Postgres lacks of this machine's journals: lines `resent` so far, and `since` when there are any, if so."""

    resent: int = 0
    since: datetime | None = None


async def replay_forever(env: Env, worker_id: str, backlog: Backlog) -> None:
    """Look after every journal on this machine, each five seconds, until cancelled. Keeps `backlog` true."""
    producer = make_producer(env.redis_url)
    async with WebClient(env, worker_id) as web:
        while True:
            all_stored = True
            for call_id, path in journals(env.spool_path):
                try:
                    if time.time() - path.stat().st_mtime > PATIENCE_SECONDS:
                        all_stored &= await _replay(web, producer, call_id, path, backlog)
                except OSError as error:
                    all_stored = False
                    log.warning("journal_unreadable", path=str(path), error=str(error))
            backlog.since = None if all_stored else backlog.since or datetime.now(UTC)
            await asyncio.sleep(PERIOD_SECONDS)


async def _replay(web: WebClient, producer: Celery, call_id: UUID, path: Path, backlog: Backlog) -> bool:
    """Whether Postgres has every line of the journal. What it lacks is sent again."""
    try:
        stored = await web.stored(call_id)
    except WebError as error:
        if error.status == 404:
            log.warning("journal_without_call", call_id=str(call_id))
            drop_spooled(path)  # the call was erased, and so must be what was said in it
        return error.status == 404
    missing = [message for message in read_journal(path) if not is_stored(message, stored)]
    if not missing:
        if not is_being_written(path):
            drop_spooled(path)
        return True
    log.info("journal_replayed", call_id=str(call_id), missing=len(missing))
    for message in missing:
        if not await asyncio.to_thread(send, producer, message):
            break
        backlog.resent += 1
    return False


def is_stored(message: Recorded, stored: Stored) -> bool:
    """Whether Postgres holds `message`, or something later of the same item."""
    if isinstance(message, CallEnded):
        return message.attempt in stored.ended_attempts
    if isinstance(message, TurnMessage):
        state = stored.turns.get(message.item_id)
        newest = stored.revisions.get(message.item_id, 0)
        return state == "final" or (state == "draft" and not message.final and message.revision <= newest)
    return message.item_id in stored.events
