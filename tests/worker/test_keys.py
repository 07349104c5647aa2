"""Are the keys good: against the sandbox, which takes one key, and a port at which nobody is."""

from __future__ import annotations

from typing import Any

import pytest

from agents.worker import keys
from agents.worker.keys import KeyCheck, KeyState, check_keys
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import make_env, sandbox_settings
from vaani.env import Env, Provider

pytestmark = pytest.mark.asyncio


async def states(env: Env) -> dict[Provider, KeyState]:
    return {provider: check.state for provider, check in (await check_keys(env)).items()}


async def test_good_keys_are_ok(sandbox: Sandbox) -> None:
    env = make_env(**sandbox_settings(sandbox))
    assert await states(env) == {"sarvam": "ok", "groq": "ok", "openai": "ok"}


@pytest.mark.parametrize("provider", ["sarvam", "groq", "openai"])
async def test_a_wrong_key_is_refused(sandbox: Sandbox, provider: str) -> None:
    env = make_env(**{**sandbox_settings(sandbox), f"{provider}_api_key": "wrong"})
    expected: dict[str, Any] = {"sarvam": "ok", "groq": "ok", "openai": "ok", provider: "refused"}
    assert await states(env) == expected


async def test_a_provider_that_is_away_is_unreachable(sandbox: Sandbox, closed_port: int) -> None:
    env = make_env(**{**sandbox_settings(sandbox), "groq_base_url": f"http://127.0.0.1:{closed_port}/v1"})
    assert await states(env) == {"sarvam": "ok", "groq": "unreachable", "openai": "ok"}


async def test_a_provider_that_hangs_is_unreachable(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "LIMIT_SECONDS", 0.3)
    await sandbox.order("none", faults={"tts": {"kind": "hang"}})
    assert (await states(make_env(**sandbox_settings(sandbox))))["sarvam"] == "unreachable"


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("error", 500)])
async def test_a_quota_or_a_fault_is_not_the_keys(sandbox: Sandbox, kind: str, status: int) -> None:
    await sandbox.order("none", faults={"tts": {"kind": kind}})
    assert (await check_keys(make_env(**sandbox_settings(sandbox))))["sarvam"] == KeyCheck("ok", status)


async def test_a_key_that_is_not_set_is_missing_and_one_that_is_not_needed_is_left_out(sandbox: Sandbox) -> None:
    unset = {**sandbox_settings(sandbox), "groq_api_key": "", "openai_api_key": "", "sarvam_api_key": ""}
    assert await states(make_env(**unset)) == {"sarvam": "missing", "groq": "missing"}
    assert await states(make_env(**unset, llm_provider="openai")) == {"sarvam": "missing", "openai": "missing"}
    only_openai = {**sandbox_settings(sandbox), "groq_api_key": ""}
    assert await states(make_env(**only_openai)) == {"sarvam": "ok", "openai": "ok"}
