"""A visitor whose line drops: the agent falls silent, waits, and goes on when they are back."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import CloseEvent, CloseReason

from agents.contract import StoredTurn
from agents.languages import LANGUAGES
from agents.worker.absence import Absence
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import Web, make_claim, make_env, sandbox_settings, until
from tests.worker.stage import Loudspeaker, Microphone, conversing
from vaani.env import Env

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("plugins")]

RESUMED = LANGUAGES["hi-IN"].resumed


@pytest.fixture
def env(sandbox: Sandbox, website: Web, redis_url: str, spool: Path) -> Env:
    return make_env(**sandbox_settings(sandbox), web_server_url=website.url, redis_url=redis_url, spool_dir=spool)


class Line:
    """The visitor's line into a room, which drops and comes back."""

    def __init__(self, absence: Absence, identity: str = "visitor") -> None:
        self._room = rtc.Room()
        self._identity = identity
        absence.watch(self._room)

    def drops(self, reason: str = "SIGNAL_CLOSE") -> None:
        who = SimpleNamespace(identity=self._identity, disconnect_reason=rtc.DisconnectReason.Value(reason))
        self._room.emit("participant_disconnected", who)

    def is_back(self) -> None:
        self._room.emit("participant_active", SimpleNamespace(identity=self._identity))


def absence(told: list[str]) -> Absence:
    return Absence("visitor", leaves=lambda: told.append("left"), returns=lambda: told.append("back"))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("SIGNAL_CLOSE", ["left", "back"]),
        ("DUPLICATE_IDENTITY", ["left", "back"]),  # a page loaded anew, before LiveKit missed the old one
        ("CONNECTION_TIMEOUT", ["left", "back"]),
        ("CLIENT_INITIATED", []),  # hung up
    ],
)
async def test_who_drops_out_is_waited_for_and_who_hangs_up_is_not(reason: str, expected: list[str]) -> None:
    told: list[str] = []
    line = Line(absence(told))
    line.drops(reason)
    line.is_back()
    line.is_back()
    assert told == expected


async def test_nobody_else_counts() -> None:
    told: list[str] = []
    line = Line(absence(told), "agent-1")
    line.drops()
    line.is_back()
    assert told == []


async def test_the_agent_stops_asks_nobody_whether_they_are_there_and_goes_on(env: Env, sandbox: Sandbox) -> None:
    claim = make_claim()
    turn_taking: Any = claim.agent.turn_taking.model_copy(update={"ask_after": 0.05, "leave_after": 0.05})
    claim = claim.model_copy(update={"agent": claim.agent.model_copy(update={"turn_taking": turn_taking})})
    speaker = Loudspeaker(slow=True)
    async with conversing(env, claim, sandbox, microphone=Microphone(), loudspeaker=speaker) as stage:
        line = Line(stage.conversation._absence)
        await until(lambda: stage.session.agent_state == "speaking")
        line.drops()
        await until(lambda: stage.session.agent_state == "listening")
        assert stage.conversation._silence._timer is None
        line.is_back()
        await until(lambda: stage.session.agent_state == "speaking")
        speaker.let_go()
        await until(lambda: stage.turn(RESUMED) is not None)
    assert stage.turns()[1] == ("agent", RESUMED)


@pytest.mark.parametrize(("seconds", "told"), [(45, ["time_left"]), (600, [])])
async def test_who_comes_back_in_the_last_minute_is_told_what_is_left(
    env: Env, sandbox: Sandbox, seconds: int, told: list[str]
) -> None:
    async with conversing(env, make_claim(max_seconds=seconds), sandbox) as stage:
        line = Line(stage.conversation._absence)
        line.drops()
        line.is_back()
        await until(lambda: stage.turn(RESUMED) is not None)
    assert [notice["code"] for notice in stage.page.told] == told
    assert all(seconds - 10 <= notice["seconds"] <= seconds for notice in stage.page.told)


async def test_who_does_not_come_back_has_left(env: Env, sandbox: Sandbox) -> None:
    async with conversing(env, make_claim(), sandbox) as stage:
        Line(stage.conversation._absence).drops()
        stage.conversation._on_close(CloseEvent(reason=CloseReason.USER_INITIATED))  # LiveKit gave the room up
    assert stage.ended().reason == "visitor_left"


async def test_an_agent_of_a_call_that_continues_another_knows_it(env: Env, sandbox: Sandbox) -> None:
    earlier = [StoredTurn(item_id="1.1", role="visitor", text="मेरा नाम रवि है।")]
    claim = make_claim(earlier=earlier)
    await sandbox.order(str(claim.call_id), replies=["जी, रवि जी।"])
    async with conversing(env, claim, sandbox) as stage:
        await until(lambda: stage.turn(RESUMED) is not None)
        await stage.types("आगे?")
        await until(lambda: stage.turn("जी, रवि जी।") is not None)
        (request,) = await stage.asked("llm")
    assert [row["content"] for row in request["messages"][1:]] == ["मेरा नाम रवि है।", RESUMED, "आगे?"]
    assert "मेरा नाम रवि है।" not in [text for _role, text in stage.turns()], "it is of the other call"
