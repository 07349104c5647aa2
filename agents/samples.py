"""Short texts spoken outside calls: a greeting, to hear a voice before it is chosen, and what a page must say."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import suppress

import aiohttp
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from agents.catalogue import VOICES, serving, serving_voice
from agents.grammar import choose
from agents.languages import LANGUAGES, Language
from agents.prompt import substitute
from agents.services import refused_models
from vaani.env import get_env
from vaani.logs import get_logger
from vaani.problems import Problem

log = get_logger(__name__)

LIMIT_SECONDS = 5  # over the whole exchange
KEPT_SECONDS = 24 * 60 * 60
ASK_AGAIN_SECONDS = 60
SAMPLE_RATE = 24_000  # Hz, as calls are spoken


class _SilentError(Exception):
    """The provider gave no sound. The text says why."""


def voice_sample(voice: str, language: str, *, may_ask: bool = True) -> bytes:
    """WAV of a voice saying the language's greeting, as calls would sound today. Kept for a day.

    Raises `Problem`: 404 for a voice, 422 for a language we lack, 502 when the provider gives no sound, or would have
    to be asked and `may_ask` forbids it.
    """
    if voice not in VOICES:
        raise Problem(404, "unknown_voice", _("There is no voice of this name."), field="voice", allowed=VOICES)
    if language not in LANGUAGES:
        message = _("No voice speaks this language.")
        raise Problem(422, "unknown_language", message, field="language", allowed=LANGUAGES)
    speaker, model = _serving(voice)
    return _clip(_greeting(speaker, LANGUAGES[language]), speaker, model, language, may_ask=may_ask)


def may_ask_again(what: str) -> bool:
    """Whether the provider may be asked for a clip that anybody may want: once a minute for each, if at all."""
    try:
        return cache.add(f"clip-asked:{what}", "1", ASK_AGAIN_SECONDS)
    except RedisError:
        return False  # without its memory every request would ask


def clip(text: str, voice: str, language: str, *, may_ask: bool) -> bytes:
    """WAV of a voice, or its successor, saying `text`. Kept for a day.

    Raises `Problem` 502 when the provider gives no sound, or would have to be asked and `may_ask` forbids it.
    """
    return _clip(text, *_serving(voice), language, may_ask=may_ask)


def _serving(voice: str) -> tuple[str, str]:
    """Who speaks in a voice's place today, and by which model."""
    model = serving(VOICES[voice].model, timezone.localdate(), refused_models())
    return serving_voice(voice, model), model


def _clip(text: str, speaker: str, model: str, language: str, *, may_ask: bool = True) -> bytes:
    key = f"clip:{speaker}:{model}:{language}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    # Without Redis the provider is only asked again.
    with suppress(RedisError):
        if (kept := cache.get(key)) is not None:
            return bytes(kept)
    try:
        if not may_ask:
            raise _SilentError(_("it was asked for a moment ago"))
        sound = async_to_sync(_speak)(text, speaker, model, LANGUAGES[language])
    except _SilentError as error:
        log.warning("voice_sample_failed", voice=speaker, model=model, language=language, why=str(error))
        message = _("The voice can't be heard just now: %(why)s.") % {"why": error}
        raise Problem(502, "voice_unavailable", message) from error
    with suppress(RedisError):
        cache.set(key, sound, KEPT_SECONDS)
    return sound


async def _speak(text: str, speaker: str, model: str, language: Language) -> bytes:
    env = get_env()
    body = {
        "text": text,
        "target_language_code": language.sarvam_code,
        "speaker": speaker,
        "model": model,
        "speech_sample_rate": SAMPLE_RATE,
        "output_audio_codec": "wav",
    }
    try:
        async with (
            asyncio.timeout(LIMIT_SECONDS),
            aiohttp.ClientSession() as session,
            session.post(
                f"{env.provider_url('sarvam')}/text-to-speech",
                json=body,
                headers={"api-subscription-key": env.sarvam_api_key},
            ) as answer,
        ):
            if answer.status in (401, 403):
                raise _SilentError(_("Sarvam refuses its key"))
            if answer.status != 200:
                raise _SilentError(_("Sarvam answered %(status)s") % {"status": answer.status})
            told = await answer.json(content_type=None)
        sound = base64.b64decode(told["audios"][0], validate=True)
    except TimeoutError as error:
        raise _SilentError(_("Sarvam took longer than %(limit)s s") % {"limit": LIMIT_SECONDS}) from error
    except aiohttp.ClientError as error:
        raise _SilentError(_("Sarvam can't be reached")) from error
    except (ValueError, TypeError, LookupError) as error:
        raise _SilentError(_("Sarvam's answer could not be read")) from error
    if not sound.startswith(b"RIFF"):
        raise _SilentError(_("Sarvam's answer holds no sound"))
    return sound


def _greeting(speaker: str, language: Language) -> str:
    voice = VOICES[speaker]
    said = substitute(choose(language.greeting, voice.gender), {"agent_name": voice.name, "disclosure": ""})
    return " ".join(said.split())
