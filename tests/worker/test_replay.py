"""The worker's parent and the journals of this machine, with a real broker and a web server that says what is stored."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from agents.contract import CallEnded, EventMessage, Stored
from agents.worker import replay
from agents.worker.journal import JournalWriter, Recorded
from agents.worker.replay import Backlog, is_stored, replay_forever
from tests.worker.conftest import NOON, Carried, Web, make_env, turn, until

LONG_AGO = 1_000_000_000.0


def write(spool: Path, *messages: Recorded, age: float = LONG_AGO) -> Path:
    """A journal of one call that was last written to long ago."""
    call, attempt = messages[0].call_id, messages[0].attempt
    writer = JournalWriter(spool, call, attempt)
    for message in messages:
        writer.append(message)
    writer.close()
    path = spool / str(call) / f"{attempt}.jsonl"
    if age:
        os.utime(path, (age, age))
    return path


def ended(call: UUID, n: int) -> CallEnded:
    return CallEnded(call_id=call, attempt=1, n=n, reason="visitor_left", at=NOON)


def stored(
    *final: str, drafts: tuple[str, ...] = (), events: tuple[str, ...] = (), attempts: Any = (), **more: Any
) -> Stored:
    states: dict[str, Literal["draft", "final"]] = dict.fromkeys(final, "final")
    states |= dict.fromkeys(drafts, "draft")
    return Stored(turns=states, events=list(events), ended_attempts=list(attempts), **more)


Running = Callable[..., Any]


@pytest.fixture
def backlog() -> Backlog:
    """What the worker tells of its journals in its heartbeat."""
    return Backlog()


@pytest.fixture
def running(spool: Path, redis_url: str, website: Web, backlog: Backlog, monkeypatch: pytest.MonkeyPatch) -> Running:
    """Runs the keeper of journals in short rounds."""
    monkeypatch.setattr(replay, "PERIOD_SECONDS", 0.05)

    @asynccontextmanager
    async def run(**settings: Any) -> AsyncIterator[asyncio.Task[None]]:
        env = make_env(**{"spool_dir": spool, "redis_url": redis_url, "web_server_url": website.url, **settings})
        task = asyncio.create_task(replay_forever(env, "w1", backlog))
        yield task
        assert not task.done(), "it goes on whatever it meets"
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return run


def rounds(website: Web, number: int) -> Callable[[], bool]:
    return lambda: len(website.asked) >= number


async def gather_messages(broker: Carried, into: list[str], number: int = 1) -> bool:
    into += [f"{message['attempt']}.{message['n']}" for message in await asyncio.to_thread(broker.messages)]
    return len(into) >= number


@pytest.mark.asyncio
async def test_what_postgres_lacks_is_sent_again_and_nothing_else(
    spool: Path, website: Web, broker: Carried, running: Running, backlog: Backlog
) -> None:
    call = uuid4()
    path = write(spool, turn(call, 1), turn(call, 2), turn(call, 3), ended(call, 3))
    website.stored[call] = stored("1.1", "1.3")
    sent: list[str] = []
    async with running():
        await until(lambda: gather_messages(broker, sent, 4))
        assert set(sent) == {"1.2", "1.3"}, "the turn that is missing, and the end, which bears the last number"
        assert path.exists()
        assert backlog.resent >= 4
        assert backlog.since
        website.stored[call] = stored("1.1", "1.2", "1.3", attempts=[1])
        await until(lambda: backlog.since is None, "for nothing to be lacking")


@pytest.mark.asyncio
async def test_a_journal_goes_once_postgres_holds_all_of_it(spool: Path, website: Web, running: Running) -> None:
    call = uuid4()
    path = write(spool, turn(call, 1), ended(call, 1))
    website.stored[call] = stored("1.1", attempts=[1])
    async with running():
        await until(lambda: not path.parent.exists())


@pytest.mark.asyncio
async def test_the_journal_of_a_live_call_is_kept_and_replayed(
    spool: Path, website: Web, broker: Carried, running: Running
) -> None:
    call = uuid4()
    path = write(spool, turn(call, 1), turn(call, 2))
    job = JournalWriter(spool, call, 1)  # of this worker, or of one beside it
    website.stored[call] = stored("1.1")
    sent: list[str] = []
    async with running():
        await until(lambda: gather_messages(broker, sent))
        website.stored[call] = stored("1.1", "1.2")
        await until(rounds(website, len(website.asked) + 3))
        assert path.exists()
        job.close()
        await until(lambda: not path.exists())
    assert set(sent) == {"1.2"}


@pytest.mark.asyncio
async def test_a_journal_being_written_is_left_on_its_ordinary_way(spool: Path, website: Web, running: Running) -> None:
    fresh, old = uuid4(), uuid4()
    write(spool, turn(fresh, 1), age=0)
    write(spool, turn(old, 1))
    website.stored = {old: stored(), fresh: stored("1.1")}
    async with running():
        await until(rounds(website, 3))
    assert not any(str(fresh) in path for _, path, _ in website.asked)


@pytest.mark.asyncio
async def test_an_erased_call_takes_its_journal_with_it(
    spool: Path, website: Web, broker: Carried, running: Running
) -> None:
    call = uuid4()
    path = write(spool, turn(call, 1))
    website.stored[call] = 404
    async with running():
        await until(lambda: not path.exists())
    assert broker.messages() == []


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [401, 500, 503])
async def test_a_web_server_in_trouble_costs_no_journal(
    spool: Path, website: Web, broker: Carried, running: Running, status: int
) -> None:
    call = uuid4()
    path = write(spool, turn(call, 1))
    website.stored[call] = status
    async with running():
        await until(rounds(website, 3))
        assert path.exists()
        website.stored[call] = stored("1.1")
        await until(lambda: not path.exists())
    assert broker.messages() == []


@pytest.mark.asyncio
async def test_no_web_server_costs_no_journal(spool: Path, running: Running) -> None:
    path = write(spool, turn(uuid4(), 1))
    asked = 0

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as nobody:
        port = nobody.sockets[0].getsockname()[1]
        async with running(web_server_url=f"http://127.0.0.1:{port}"):
            await until(lambda: asked >= 3)
    assert path.exists()


@pytest.mark.asyncio
async def test_a_broker_that_is_away_costs_no_journal(
    spool: Path, website: Web, closed_port: int, running: Running
) -> None:
    call = uuid4()
    path = write(spool, turn(call, 1))
    website.stored[call] = stored()
    async with running(redis_url=f"redis://127.0.0.1:{closed_port}/0"):
        await until(rounds(website, 2))
    assert path.exists()


@pytest.mark.asyncio
async def test_a_journal_that_cannot_be_read_does_not_stop_the_others(
    spool: Path, website: Web, running: Running
) -> None:
    bad, good = sorted((uuid4(), uuid4()), key=str)
    folder = spool / str(bad) / "1.jsonl"
    folder.mkdir(parents=True)  # stands for whatever the disk may do to a file
    os.utime(folder, (LONG_AGO, LONG_AGO))
    path = write(spool, turn(good, 1))
    website.stored = {bad: stored(), good: stored("1.1")}
    async with running():
        await until(lambda: not path.exists())


CALL = uuid4()
EVENT = EventMessage(call_id=CALL, attempt=1, n=2, kind="llm_failed", at=NOON)


@pytest.mark.parametrize(
    ("message", "held", "verdict"),
    [
        (turn(CALL, 1), stored("1.1"), True),
        (turn(CALL, 1), stored(drafts=("1.1",)), False),
        (turn(CALL, 1), stored(), False),
        (turn(CALL, 1), stored("2.1", "1.11"), False),
        (turn(CALL, 1, final=False), stored("1.1"), True),
        (turn(CALL, 1, final=False), stored(drafts=("1.1",)), True),
        (turn(CALL, 1, final=False), stored(), False),
        (turn(CALL, 1, final=False, revision=2), stored(drafts=("1.1",), revisions={"1.1": 1}), False),
        (turn(CALL, 1, final=False, revision=2), stored(drafts=("1.1",), revisions={"1.1": 2}), True),
        (EVENT, stored(events=("1.2",)), True),
        (EVENT, stored("1.2"), False),
        (ended(CALL, 2), stored(attempts=[1]), True),
        (ended(CALL, 2), stored("1.2", attempts=[2]), False),
    ],
)
def test_it_knows_what_is_stored(message: Recorded, held: Stored, verdict: bool) -> None:
    assert is_stored(message, held) is verdict
