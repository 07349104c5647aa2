"""The outbox with a real Redis and a real Celery producer: journal first, and a broker in trouble is nobody's wait."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from celery import Celery

from agents.contract import CallEnded, EventMessage
from agents.worker import outbox
from agents.worker.journal import Recorded, read_journal
from agents.worker.outbox import Outbox, make_producer, send
from tests.worker.conftest import NOON, Carried, turn, until

MANY = 40


class MuteServer:
    """Takes connections and never says a word, as a hung machine does."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"
        self.taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                self.taken.append(self._listening.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        with suppress(OSError):  # closed before
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for connection in self.taken:
            connection.close()


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> Iterator[MuteServer]:
    monkeypatch.setitem(outbox._SOCKETS, "socket_timeout", 0.2)
    server = MuteServer()
    yield server
    server.close()


def open_outbox(spool: Path, url: str, call_id: UUID) -> Outbox:
    return Outbox(spool=spool, redis_url=url, call_id=call_id, attempt=1)


def journal(spool: Path, call_id: UUID) -> list[Recorded]:
    path = spool / str(call_id) / "1.jsonl"
    return read_journal(path) if path.exists() else []


@pytest.mark.asyncio
async def test_what_goes_on_the_wire_is_the_record_task_with_the_message_as_json(spool: Path, broker: Carried) -> None:
    call = uuid4()
    box = open_outbox(spool, broker._url, call)
    said: list[Recorded] = [
        turn(call, 1, "मेरा नाम रवि है", final=False),
        EventMessage(call_id=call, attempt=1, n=2, kind="tool_called", at=NOON, detail={"name": "save"}),
        CallEnded(call_id=call, attempt=1, n=2, reason="visitor_left", at=NOON),
    ]
    for message in said:
        box.put(message)
    await box.close()
    tasks = broker.tasks()
    assert [headers["task"] for headers, _, _ in tasks] == ["calls.record"] * 3
    assert {kind for _, _, kind in tasks} == {"application/json"}
    assert all(headers["ignore_result"] for headers, _, _ in tasks)
    assert [(args, kwargs) for _, (args, kwargs, _), _ in tasks] == [
        ([], {"message": message.model_dump(mode="json")}) for message in said
    ]


@pytest.mark.asyncio
async def test_a_line_is_on_disk_before_the_broker_is_asked(
    spool: Path, broker: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, seen = uuid4(), []

    def watched(producer: Celery, message: Recorded) -> bool:
        seen.append(message in journal(spool, call))
        return send(producer, message)

    monkeypatch.setattr(outbox, "send", watched)
    box = open_outbox(spool, broker._url, call)
    for n in range(1, 6):
        box.put(turn(call, n))
    await box.close()
    assert seen == [True] * 5
    assert len(broker.messages()) == 5


@pytest.mark.asyncio
async def test_journal_and_broker_keep_the_order_and_close_leaves_nothing_behind(spool: Path, broker: Carried) -> None:
    call = uuid4()
    box = open_outbox(spool, broker._url, call)
    for n in range(1, MANY + 1):
        box.put(turn(call, n))
    await box.close()
    assert [message.n for message in journal(spool, call)] == list(range(1, MANY + 1))
    assert [message["n"] for message in broker.messages()] == list(range(1, MANY + 1))


@pytest.mark.asyncio
async def test_nothing_is_lost_when_no_broker_listens(spool: Path, closed_port: int) -> None:
    call = uuid4()
    box = open_outbox(spool, f"redis://127.0.0.1:{closed_port}/0", call)
    for n in range(1, MANY + 1):
        box.put(turn(call, n))
    await box.close()
    assert [message.n for message in journal(spool, call)] == list(range(1, MANY + 1))


@pytest.mark.asyncio
async def test_a_broker_that_never_answers_delays_no_line_and_is_not_asked_for_every_message(
    spool: Path, mute: MuteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(outbox._SOCKETS, "socket_timeout", 60)
    monkeypatch.setattr(outbox, "AWAY_SECONDS", 600)
    outcomes = []

    def watched(producer: Celery, message: Recorded) -> bool:
        outcomes.append(send(producer, message))
        return outcomes[-1]

    monkeypatch.setattr(outbox, "send", watched)
    call = uuid4()
    box = open_outbox(spool, mute.url, call)
    box.put(turn(call, 1))
    await until(lambda: mute.taken)
    for n in range(2, MANY + 1):
        box.put(turn(call, n))
    await until(lambda: len(journal(spool, call)) == MANY)
    assert outcomes == [], "every line is on disk while the first message still waits for the broker"
    mute.close()  # or this test would wait as long as the producer
    await box.close()
    assert outcomes == [False], "one message found out, and the others did not try"
    assert [message.n for message in journal(spool, call)] == list(range(1, MANY + 1))


@pytest.mark.asyncio
async def test_a_broker_that_was_away_is_asked_again(
    spool: Path, broker: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "AWAY_SECONDS", 0)
    call = uuid4()
    box = open_outbox(spool, broker._url, call)
    good, box._producer = box._producer, make_producer("redis://127.0.0.1:1/0")
    box.put(turn(call, 1))
    await until(lambda: box._away_until)
    box._producer.close()
    box._producer = good
    box.put(turn(call, 2))
    await box.close()
    assert [message["n"] for message in broker.messages()] == [2]
    assert [message.n for message in journal(spool, call)] == [1, 2]


@pytest.mark.asyncio
async def test_a_full_disk_does_not_stop_what_the_broker_carries(spool: Path, broker: Carried) -> None:
    call = uuid4()
    (spool / str(call)).mkdir(parents=True)
    (spool / str(call) / "1.jsonl").symlink_to("/dev/full")
    box = open_outbox(spool, broker._url, call)
    for n in (1, 2):
        box.put(turn(call, n))
    await box.close()
    assert [message["n"] for message in broker.messages()] == [1, 2]


@pytest.mark.asyncio
async def test_a_disk_that_takes_no_new_file_does_not_stop_the_call(broker: Carried) -> None:
    call = uuid4()
    box = open_outbox(Path("/dev/null"), broker._url, call)  # as root, the only place that takes no folder
    box.put(turn(call, 1))
    await box.close()
    assert [message["n"] for message in broker.messages()] == [1]


def test_a_broker_that_refuses_is_no_exception(mute: MuteServer, closed_port: int) -> None:
    for url in (mute.url, f"redis://127.0.0.1:{closed_port}/0"):
        producer = make_producer(url)
        assert send(producer, turn(uuid4(), 1)) is False
        producer.close()
