"""The outbox of a job: journal first, then Celery, never in the way of the conversation."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from celery import Celery
from kombu.exceptions import OperationalError

from agents.contract import RECORD_QUEUE, RECORD_TASK
from agents.worker.journal import JournalWriter, Recorded
from vaani.logs import get_logger

log = get_logger(__name__)

_SOCKETS = {"socket_timeout": 2, "socket_connect_timeout": 2}
AWAY_SECONDS = 2.0  # a broker that could not be reached is not asked again for so long


def make_producer(redis_url: str) -> Celery:
    """A Celery that only sends, without Django's fix-ups and without waiting for a broker that is away."""
    app = Celery("vaani-worker", broker=redis_url, fixups=[], set_as_current=False)
    app.conf.update(
        task_serializer="json", broker_transport_options={**_SOCKETS, "max_retries": 1, "interval_start": 0}
    )
    return app


def send(producer: Celery, message: Recorded) -> bool:
    """Hand one message to the broker. False when it cannot be reached, which takes up to 4 s to find out."""
    try:
        producer.send_task(
            RECORD_TASK,
            kwargs={"message": message.model_dump(mode="json")},
            queue=RECORD_QUEUE,
            ignore_result=True,
            retry=False,
        )
    except (OperationalError, OSError) as error:
        log.warning("message_not_sent", item_id=message.item_id, error=type(error).__name__)
        return False
    return True


class Outbox:
    """Takes a job's messages in order. Writing and sending have a thread each, so a broker that is

    away delays no line of the journal. What is not sent here the worker's parent sends later: a broker
    found away is left alone for a while, or a long call would wait minutes for it at its end.
    """

    def __init__(self, *, spool: Path, redis_url: str, call_id: UUID, attempt: int) -> None:
        self._journal: JournalWriter | None = None
        try:
            self._journal = JournalWriter(spool, call_id, attempt)
        except OSError as error:
            log.error("journal_not_opened", error=str(error))
        self._away_until = 0.0
        self._producer = make_producer(redis_url)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._sending = ThreadPoolExecutor(1, thread_name_prefix="sender")

    def put(self, message: Recorded) -> None:
        """Record a message. Returns at once."""
        self._writing.submit(self._write, message)

    def _write(self, message: Recorded) -> None:
        # A full disk must not end the conversation; the broker may still carry the line.
        if self._journal is not None:
            try:
                self._journal.append(message)
            except OSError as error:
                log.error("journal_write_failed", item_id=message.item_id, error=str(error))
        self._sending.submit(self._send, message)

    def _send(self, message: Recorded) -> None:
        if time.monotonic() >= self._away_until and not send(self._producer, message):
            self._away_until = time.monotonic() + AWAY_SECONDS

    async def close(self) -> None:
        """Wait until all is written and offered to the broker."""
        await asyncio.to_thread(self._writing.shutdown)
        await asyncio.to_thread(self._sending.shutdown)
        if self._journal is not None:
            self._journal.close()
        self._producer.close()
