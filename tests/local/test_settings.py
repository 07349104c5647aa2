"""Which settings win, and what is said of wrong ones."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

import vaani.env
from local import ports, settings
from local.errors import LocalError

SANDBOX = "http://127.0.0.1:1"


@pytest.fixture
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.env` of the test's own, and no setting in the process."""
    for name in set(os.environ) & settings.KNOWN:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ENV_FILES", "")  # so that the change is undone afterwards
    monkeypatch.setattr(vaani.env, "ROOT", tmp_path)
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    return tmp_path / ".env"


def test_the_process_wins_over_dotenv_and_empty_is_unset(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_text("REDIS_URL=redis://theirs/0\nWEB_PORT=3001\nSARVAM_API_KEY=\nCOMPOSE_FILE=x\n")
    monkeypatch.setenv("WEB_PORT", "3002")
    assert settings.of_operator() == {"REDIS_URL": "redis://theirs/0", "WEB_PORT": "3002"}


def test_what_the_last_start_wrote_is_not_the_operators(dotenv: Path) -> None:
    (dotenv.parent / ".data").mkdir()
    (dotenv.parent / ".data" / "env").write_text("SARVAM_API_KEY=sandbox\n")
    assert settings.of_operator() == {}


def test_a_wrong_value_is_named(dotenv: Path) -> None:
    dotenv.write_text("WEB_PORT=eighty\nLIVEKIT_API_SECRET=short\n")
    with pytest.raises(vaani.env.EnvError, match=r"(?s)WEB_PORT.*LIVEKIT_API_SECRET.*32 characters"):
        settings.of_operator()


def test_a_name_that_is_nearly_a_setting_is_asked_about(dotenv: Path) -> None:
    dotenv.write_text("SARVAM_APIKEY=x\nCOMPOSE_FILE=y\n")
    assert settings.misspelt() == [".env sets SARVAM_APIKEY, which is no setting. Is SARVAM_API_KEY meant?"]


def test_a_livekit_address_without_its_keys_is_refused() -> None:
    with pytest.raises(LocalError, match="LIVEKIT_API_SECRET must be set"):
        settings.check({"LIVEKIT_URL": "ws://theirs", "LIVEKIT_API_KEY": "key"})


def test_without_keys_everybody_is_the_sandbox() -> None:
    assert settings.of_providers({}, SANDBOX) == {
        "SARVAM_API_KEY": "sandbox",
        "SARVAM_BASE_URL": f"{SANDBOX}/{{call_id}}/sarvam",
        "GROQ_API_KEY": "sandbox",
        "GROQ_BASE_URL": f"{SANDBOX}/{{call_id}}/groq/v1",
        "OPENAI_API_KEY": "sandbox",
        "OPENAI_BASE_URL": f"{SANDBOX}/{{call_id}}/openai/v1",
    }


def test_one_language_model_is_enough() -> None:
    assert settings.of_providers({"SARVAM_API_KEY": "real", "OPENAI_API_KEY": "real"}, SANDBOX) == {}


def test_a_model_of_ones_own_needs_no_key() -> None:
    made = settings.of_providers({"SARVAM_API_KEY": "real", "OPENAI_BASE_URL": "http://127.0.0.1:9"}, SANDBOX)
    assert made == {"OPENAI_API_KEY": "none"}


def test_a_taken_port_is_named_with_its_holder_and_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LocalError, match=rf"Port {port} is already used by .*process {os.getpid()}.*WEB_PORT"):
            ports.require_free(port, "WEB_PORT")
    ports.require_free(port, "WEB_PORT")
