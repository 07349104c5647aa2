"""The doctor and the real LiveKit server: its key, its webhook, and a tone through it; each broken on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from local.livekit import LiveKit
from local.output import LogFiles
from local.state import State
from local.supervisor import Supervisor
from tests.conftest import SetEnv
from vaani.doctor import tone, voice

pytestmark = pytest.mark.django_db(transaction=True)

Serve = Callable[..., None]


@pytest.fixture
def serve(tmp_path: Path, set_env: SetEnv) -> Iterator[Serve]:
    """Start a LiveKit server that tells its news to `webhook`, with `wrong` parts of its configuration."""
    supervisors = []

    def start(webhook: str, **wrong: Any) -> None:
        state = State(tmp_path / "livekit")
        state.open()
        server = LiveKit(state, well_known=False, udp=True)
        process = server.process(server.key, server.secret, f"{webhook}/api/livekit/webhook")
        config = tmp_path / "livekit" / "livekit.yaml"
        config.write_text(json.dumps(json.loads(config.read_text()) | wrong))
        supervisors.append((Supervisor(state.mark, LogFiles(tmp_path / "logs")), state))
        supervisors[-1][0].start_stage(process)
        set_env(livekit_url=server.url, livekit_api_key=server.key, livekit_api_secret=server.secret)

    yield start
    for supervisor, state in supervisors:
        supervisor.close()
        state.close()


def test_a_server_that_is_well_takes_the_key_tells_its_news_and_carries_a_tone(
    serve: Serve, live_server: LiveServer, set_env: SetEnv, closed_port: int
) -> None:
    serve(live_server.url)
    results = [voice.livekit(), voice.webhooks(), voice.media()]
    assert [result.state for result in results] == ["ok"] * 3, results
    set_env(livekit_public_url=f"wss://127.0.0.1:{closed_port}")
    assert voice.media().state == "warning", "sound gets through, but not by what browsers are told"
    set_env(livekit_api_secret="planted" * 6)
    refused = voice.livekit()
    assert (refused.state, "does not take our key" in refused.found) == ("failed", True)


def test_news_that_arrive_nowhere_and_sound_that_gets_lost_are_told(
    serve: Serve, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "WEBHOOK_SECONDS", 1)
    monkeypatch.setattr(voice, "TONE_SECONDS", 4)
    # Sound is to come over TCP alone, to an address that nobody has.
    lost = {"force_tcp": True, "tcp_port": closed_port, "node_ip": "192.0.2.1", "use_external_ip": False}
    serve(f"http://127.0.0.1:{closed_port}", rtc=lost)
    assert voice.livekit().state == "ok"
    silent = voice.webhooks()
    assert silent.state == "failed"
    assert "/api/livekit/webhook" in silent.remedy
    lost_sound = voice.media()
    assert lost_sound.state == "failed"
    assert "media ports" in lost_sound.remedy


def test_no_server_and_no_key_are_told(set_env: SetEnv, closed_port: int) -> None:
    set_env(livekit_url=f"ws://127.0.0.1:{closed_port}", livekit_api_key="key", livekit_api_secret="s" * 32)
    assert "does not answer" in voice.livekit().found
    set_env(livekit_api_key="")
    assert voice.livekit().found == "No LiveKit key is set."


def test_only_our_own_tone_counts() -> None:
    noise = [1000 if n % 3 else -2000 for n in range(tone.FRAME)]
    energy, ours = tone.loudness(noise)
    assert ours / energy < tone.PURE
    assert tone.loudness([]) == (0.0, 0.0)
