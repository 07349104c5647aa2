"""Are the providers' keys good? One cheap call each, when the worker starts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

import aiohttp

from agents.catalogue import TTS_MODEL, VOICES
from vaani.env import Env, Provider
from vaani.logs import get_logger

log = get_logger(__name__)

KeyState = Literal["ok", "refused", "unreachable", "missing"]
LIMIT_SECONDS = 10
_REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What a provider made of its key. `status` is the HTTP status of its answer, 0 without one.

    A fault that is not the key's (a quota, a retired model, a wrong address) leaves the key "ok", with a status from 400.
    """

    state: KeyState
    status: int = 0


async def check_keys(env: Env) -> dict[Provider, KeyCheck]:
    """Ask each provider. A language model provider without a key is left out unless it is the default.

    Costs one listing of models at Groq or OpenAI and the speech of one letter at Sarvam.
    """
    wanted: list[Provider] = ["sarvam"]
    wanted += [name for name in ("groq", "openai") if name == env.llm_provider or env.provider_key(name)]
    checks = await asyncio.gather(*(_check(env, provider) for provider in wanted))
    for provider, check in zip(wanted, checks, strict=True):
        if check.state != "ok":
            log.warning("provider_key_bad", provider=provider, state=check.state)
    return dict(zip(wanted, checks, strict=True))


async def _check(env: Env, provider: Provider) -> KeyCheck:
    key, base = env.provider_key(provider), env.provider_url(provider)
    if not key:
        return KeyCheck("missing")
    timeout = aiohttp.ClientTimeout(total=LIMIT_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            if provider == "sarvam":
                voice = next(voice for voice in VOICES.values() if voice.model == TTS_MODEL)
                body = {"text": "a", "target_language_code": "en-IN", "speaker": voice.id, "model": TTS_MODEL}
                request = session.post(f"{base}/text-to-speech", json=body, headers={"api-subscription-key": key})
            else:
                request = session.get(f"{base}/models", headers={"Authorization": f"Bearer {key}"})
            async with request as answer:
                return KeyCheck("refused" if answer.status in _REFUSED else "ok", answer.status)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return KeyCheck("unreachable")
