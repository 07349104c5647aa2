"""Ask n8n for an agent's profile, and check what it answers."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from pydantic import ValidationError
from pydantic_core import from_json

from agents.answers import TooLargeError, read_answer
from agents.catalogue import MODELS, VOICES, serving_voice
from agents.contract import AgentConfig
from agents.defaults import default_config
from agents.languages import LANGUAGES
from vaani.env import get_env

LIMIT_SECONDS = 5  # over the whole exchange
MAX_BYTES = 1_000_000  # an agent with all there is to fill in has a tenth of it


class N8nError(Exception):
    """n8n did not give a usable profile. The text says why."""


async def fetch_profile(agent_id: str, stored: AgentConfig | None) -> AgentConfig:
    """Ask n8n for a profile, for at most 5 s. Raises `N8nError`."""
    env = get_env()
    url = f"{env.n8n_base_url}{env.n8n_webhook_agent_config}"
    try:
        async with (
            asyncio.timeout(LIMIT_SECONDS),
            aiohttp.ClientSession() as session,
            session.get(url, params={"agent_id": agent_id}) as answer,
        ):
            if answer.status != 200:
                raise N8nError(f"n8n answered {answer.status}")
            body = from_json(await read_answer(answer, MAX_BYTES))
    except TooLargeError as error:
        raise N8nError(f"n8n's answer {error}") from error
    except TimeoutError as error:
        raise N8nError(f"n8n took longer than {LIMIT_SECONDS} s") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise N8nError(f"n8n could not be read: {error}") from error
    return parse_profile(body, agent_id, stored)


def parse_profile(body: Any, agent_id: str, stored: AgentConfig | None) -> AgentConfig:
    """Check n8n's answer against the profile's schema; parts it leaves out come from `stored`.

    n8n wraps a single item in a list, which is unwrapped. When n8n names languages or voices and not which comes
    first, the stored first one stays if it is among them, and else the first of n8n's list is taken. Raises `N8nError`.
    """
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict) or not body:
        raise N8nError("n8n's answer is not a profile")
    base = (stored or default_config(agent_id)).model_dump(mode="json", by_alias=True)
    parts = {**base, **body, "agentId": agent_id}
    for offered, first in (("languages", "defaultLanguage"), ("voices", "defaultVoice")):
        choices = parts[offered]
        if first not in body and isinstance(choices, list) and choices and parts[first] not in choices:
            parts[first] = choices[0]
    try:
        config = AgentConfig.model_validate(parts)
    except ValidationError as error:
        fault = error.errors()[0]
        raise N8nError(f"n8n's profile is wrong at {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    _check_choices("languages", config.languages, config.default_language, known=set(LANGUAGES))
    _check_choices("voices", config.voices, config.default_voice, known=_voices_for(config.tts_model))
    return config


def _check_choices(part: str, offered: list[str], first: str, *, known: set[str]) -> None:
    if unknown := [choice for choice in offered if choice not in known]:
        raise N8nError(f"n8n's profile is wrong at {part}: we have no {', '.join(unknown)}")
    if first not in offered:
        raise N8nError(f"n8n's profile is wrong at {part}: {first} comes first and is not among them")


def _voices_for(tts_model: str) -> set[str]:
    # A model we do not list is the operator's own business; of ours, a voice must be able to follow.
    if tts_model not in MODELS:
        return set(VOICES)
    return {voice for voice in VOICES if VOICES[serving_voice(voice, tts_model)].model == tts_model}
