"""The sample callers' manners: they let the agent finish, and say plainly why there was no call."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from livekit import rtc

from local import demo, product
from local.errors import LocalError


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "POLITE", 0.05)


def is_now(room: rtc.Room, state: str) -> None:
    room.emit("participant_attributes_changed", {demo.STATE: state}, SimpleNamespace())


async def waits(agent: demo.Agent) -> bool:
    """Whether the agent has not finished yet, well after a polite silence."""
    finishing = asyncio.create_task(agent.finishes())
    done, _ = await asyncio.wait([finishing], timeout=4 * demo.POLITE)
    finishing.cancel()
    return not done


@pytest.mark.asyncio
async def test_the_agent_has_finished_when_it_spoke_and_then_listens() -> None:
    room, answers = rtc.Room(), asyncio.Event()  # never connected: the test tells what happens in it
    agent = demo.Agent(room, answers)
    for state in ("initializing", "listening"):
        is_now(room, state)
        assert await waits(agent), "it has said nothing yet"
        assert not answers.is_set()
    for state in ("thinking", "speaking", "thinking"):
        is_now(room, state)
        assert await waits(agent), "more is to come"
    assert answers.is_set()
    is_now(room, "listening")
    assert not await waits(agent)
    agent.asked()
    assert await waits(agent), "it has not answered this"
    is_now(room, "speaking")
    is_now(room, "listening")
    assert not await waits(agent)


@pytest.mark.asyncio
async def test_a_pause_between_two_sentences_is_no_end() -> None:
    room, answers = rtc.Room(), asyncio.Event()  # never connected: the test tells what happens in it
    agent = demo.Agent(room, answers)
    is_now(room, "speaking")
    finishing = asyncio.create_task(agent.finishes())
    for state in ("listening", "speaking") * 5:
        is_now(room, state)
        await asyncio.sleep(0)
    assert not finishing.done()
    room.emit("disconnected", rtc.DisconnectReason.ROOM_DELETED)
    await finishing
    assert agent.hung_up


@pytest.mark.asyncio
async def test_an_agent_that_never_speaks_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PATIENCE", 0.05)
    with pytest.raises(TimeoutError):
        await demo.Agent(rtc.Room(), asyncio.Event()).finishes()


def test_callers_who_are_not_admitted_say_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> str:
        raise LocalError("`manage.py` failed:\nA line of a log\nCommandError: Nobody can take calls at the moment.")

    monkeypatch.setattr(product, "manage", refused)
    assert demo.main() == 1
    told = capsys.readouterr().out
    for name in ("Hindi", "Marathi", "Tamil"):
        assert f"{name}: no call. Nobody can take calls at the moment.\n" in told
    assert "doctor" in told
