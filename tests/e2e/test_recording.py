"""Visitors who refuse leave no sound; the sound of those who agree is heard beside their words, each on their own side."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy
import pytest
import requests
from playwright.sync_api import Page, expect

from agents.defaults import demo_config
from agents.files import dump_agent
from calls.wording import terms_version, wording
from local.stack import Stack
from tests.e2e.conftest import VisitorPage
from tests.e2e.waiting import until

HINDI = wording("hi-IN")
AGENT, OWN_WORDS = "recorded", "हमारी कंपनी यह नोट रखती है।"
HEARD = "मुझे दो कमरे का फ्लैट देखना है"
RATE = 48_000  # Hz, of an Opus file
LOUD, QUIET = 0.05, 0.01  # peaks, of 1

Rows = Callable[..., list[tuple[Any, ...]]]
Settled = Callable[[str], list[tuple[str, str]]]


@pytest.fixture(scope="session")
def agent(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One that offers its visitors to record the call."""
    file = tmp_path_factory.mktemp("recorded") / "agent.yaml"
    parts = {"agent_id": AGENT, "recording": True, "consent": OWN_WORDS}
    file.write_text(dump_agent(demo_config().model_copy(update=parts)))
    stack.run_manage("import_agent", str(file))
    publish = "from agents.models import AgentProfile; from agents.services import publish; "
    stack.run_manage(
        "shell", "-v0", "-c", f"{publish}publish(AgentProfile.objects.get(agent_id='{AGENT}'), author=None)"
    )
    return AGENT


def test_who_does_not_agree_leaves_no_sound(
    visitor: VisitorPage, agent: str, stack: Stack, settled: Settled, rows: Rows
) -> None:
    visitor.call(agent=agent)
    visitor.wait_for_lines(1)
    assert visitor.page.locator("#recorded").is_hidden()
    visitor.hang_up()
    settled(visitor.call_id)
    assert rows("SELECT consent FROM calls_call WHERE id = %s", visitor.call_id)[0][0]["recording"] is False
    assert sounds(stack.state.path, visitor.call_id) == []
    assert rows("SELECT kind FROM calls_callevent WHERE call_id = %s AND kind = 'recording'", visitor.call_id) == []


def test_who_agrees_is_heard_beside_the_words(
    visitor: VisitorPage, agent: str, stack: Stack, settled: Settled, rows: Rows, staff: Page
) -> None:
    visitor.page.goto(f"{stack.web_url}/a/{agent}")
    visitor.page.get_by_label(HINDI["agreeRecording"].replace("{recordingDays}", "30")).check()
    with visitor.page.expect_response("**/api/token") as answer:
        visitor.page.click("#call")
    visitor.call_id = answer.value.json()["callId"]
    shown = terms_version({"name": "Asha", "days": "", "recordingDays": "30"}, OWN_WORDS)
    expect(visitor.page.locator(".consent")).to_contain_text(OWN_WORDS)
    agreed = {"version": f"call-{HINDI['consentVersion']}-{shown}", "recording": True, "callback": False}
    assert rows("SELECT consent FROM calls_call WHERE id = %s", visitor.call_id) == [(agreed,)]
    requests.put(f"{stack.sandbox_url}/control/calls/{visitor.call_id}", json={"hear": [HEARD]}, timeout=5)
    expect(visitor.page.get_by_text(HINDI["recorded"])).to_be_visible()
    visitor.wait_for_lines(3)
    visitor.hang_up()
    settled(visitor.call_id)

    kept = "SELECT 1 FROM calls_recording WHERE call_id = %s"
    until(lambda: rows(kept, visitor.call_id), 60, "the worker to hand the recording over")

    def places() -> list[str]:
        return [path.parts[-3] for path in sounds(stack.state.path, visitor.call_id)]

    until(lambda: places() == ["recordings"], 30, "the worker to keep no copy")

    staff.goto(f"{stack.web_url}/admin/calls/call/{visitor.call_id}/change/")
    player = staff.locator("audio")
    staff.wait_for_function("document.querySelector('audio').readyState >= 1")
    turns = staff.locator(".call-turn[data-second]")
    seconds = [float(turn.get_attribute("data-second") or 0) for turn in turns.all()]
    assert len(seconds) == 3
    assert seconds == sorted(seconds)
    assert player.evaluate("player => player.duration") > seconds[-1]

    turns.nth(1).get_by_role("button", name="Play from").click()
    staff.wait_for_function("document.querySelectorAll('.call-turn')[1].hasAttribute('aria-current')")
    assert 0 <= player.evaluate("player => player.currentTime") - seconds[1] < 5

    cookies = {cookie["name"]: cookie["value"] for cookie in staff.context.cookies()}
    sound = requests.get(staff.evaluate("document.querySelector('audio').src"), cookies=cookies, timeout=5).content
    left, right = sides(sound)
    for second, speaker, other in ((seconds[0], right, left), (seconds[1], left, right)):
        piece = slice(int((second + 0.2) * RATE), int((second + 1.2) * RATE))
        assert peak(speaker[piece]) > LOUD
        assert peak(other[piece]) < QUIET


def sounds(folder: Path, call_id: str) -> list[Path]:
    return [path for path in folder.rglob("*.ogg") if call_id in path.parts]


def sides(ogg: bytes) -> tuple[numpy.ndarray[Any, Any], numpy.ndarray[Any, Any]]:
    """The visitor's side and the agent's."""
    with av.open(io.BytesIO(ogg), "r") as container:
        left, right = numpy.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    return left, right


def peak(sound: numpy.ndarray[Any, Any]) -> float:
    return float(numpy.abs(sound).max())
