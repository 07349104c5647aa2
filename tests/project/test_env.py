"""The typed environment: what it reads, what it refuses, and what follows from what."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.conftest import SetEnv
from vaani.env import ROOT, Env, EnvError, env_example, get_env


def read(**values: str) -> Env:
    return Env(_env_file=None, **values)  # type: ignore[arg-type]  # every value of an environment is text


def test_every_wrong_setting_is_named_at_once(set_env: SetEnv) -> None:
    set_env(web_port="eighty", livekit_api_secret="short", livekit_url="http://x", public_url="x.in", llm_provider="x")
    with pytest.raises(EnvError) as error:
        get_env()
    for name in ("WEB_PORT", "LIVEKIT_API_SECRET", "LIVEKIT_URL", "PUBLIC_URL", "LLM_PROVIDER"):
        assert f"\n  {name}: " in str(error.value)
    assert "openssl rand -hex 32" in str(error.value)


def test_a_program_with_a_wrong_setting_ends_with_status_1_and_no_traceback() -> None:
    env = {**os.environ, "WEB_PORT": "0"}
    ended = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "WEB_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_empty_value_counts_as_unset(set_env: SetEnv) -> None:
    set_env(web_port="", default_voice="", worker_slots="")
    assert (get_env().web_port, get_env().default_voice, get_env().worker_slots) == (3000, "arya", 8)


def test_the_later_file_wins_and_the_environment_beats_both(set_env: SetEnv, tmp_path: Path) -> None:
    made, written = tmp_path / "made", tmp_path / "written"
    made.write_text("DEFAULT_VOICE=karun\nDEFAULT_LANGUAGE=ta-IN\nN8N_BASE_URL=http://made\n")
    written.write_text("DEFAULT_LANGUAGE=te-IN\nN8N_BASE_URL=http://written\n")
    set_env(env_files=f"{made}:{written}:{tmp_path / 'absent'}", n8n_base_url="http://process")
    env = get_env()
    assert (env.default_voice, env.default_language, env.n8n_base_url) == ("karun", "te-IN", "http://process")


def test_addresses_follow_from_one_another() -> None:
    plain = read(web_port="3100", livekit_url="ws://lk:7880/")
    assert (plain.site_url, plain.worker_web_url) == ("http://localhost:3100", "http://127.0.0.1:3100")
    assert plain.browser_livekit_url == "ws://lk:7880"
    told = read(public_url="https://v.in/", web_server_url="http://web:3000/", livekit_public_url="wss://lk.v.in")
    assert (told.site_url, told.worker_web_url) == ("https://v.in", "http://web:3000")
    assert told.browser_livekit_url == "wss://lk.v.in"


def test_the_web_server_listens_where_it_is_told_and_is_reached_there() -> None:
    assert read(web_address="10.0.0.5", web_port="3000").worker_web_url == "http://10.0.0.5:3000"
    assert read(web_address="0.0.0.0", web_port="3000").worker_web_url == "http://127.0.0.1:3000"
    with pytest.raises(ValidationError, match="web_address"):
        read(web_address="localhost")


def test_who_thinks_is_whoever_has_a_key_unless_it_is_said() -> None:
    one, both = {"openai_api_key": "k", "groq_api_key": ""}, {"openai_api_key": "k", "groq_api_key": "k"}
    assert [read(**keys).llm_provider for keys in (one, both)] == ["openai", "groq"]
    assert read(openai_api_key="", groq_api_key="").llm_provider == "groq"
    assert read(**one, llm_provider="groq").llm_provider == "groq"


def test_a_relative_journal_folder_is_the_products_own() -> None:
    assert read(spool_dir="spool").spool_path == ROOT / "spool"
    assert read(spool_dir="/var/spool").spool_path == Path("/var/spool")


def test_providers_have_their_own_key_and_address() -> None:
    env = read(sarvam_api_key="s", groq_api_key="sandbox", openai_base_url="http://gate/{call_id}/v1")
    assert [env.provider_key(name) for name in ("sarvam", "groq", "openai")] == ["s", "sandbox", ""]
    assert env.provider_url("sarvam", "c1") == "https://api.sarvam.ai"
    assert env.provider_url("openai", "c1") == "http://gate/c1/v1"
    assert env.provider_url("openai") == "http://gate/none/v1"
    assert env.sandboxed == ["groq"]


def test_the_example_file_is_as_the_code_says() -> None:
    written = (ROOT / ".env.example").read_text()
    assert written == env_example(), "Settings have changed. Write the file anew: make env-example"
