"""The agent's ears and mouth: Sarvam's speech-to-text and text-to-speech, set up for one call."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

from livekit.agents import APIStatusError, inference
from livekit.agents.voice.turn import EndpointingOptions, TurnHandlingOptions
from livekit.plugins import sarvam
from livekit.plugins.sarvam import stt as sarvam_stt

from agents.contract import Claim, TurnTaking
from agents.languages import Language
from vaani.env import Env

OUTPUT_RATE = 24_000  # Hz, what WebRTC carries without resampling twice
RESUME_SECONDS = 0.95  # after a sound that was no speech the agent goes on this soon
_REFUSED_AT_DOOR = re.compile(r"failed: (400|404|410), message='Invalid response status'")
ANY_LANGUAGE = "unknown"  # by this name Sarvam finds out for itself which language it hears


def make_ears(env: Env, claim: Claim, language: Language) -> sarvam.STT:
    """Speech-to-text for the call: pinned to its language, or open to all when the agent speaks several.

    A live stream cannot be moved to another language: it goes deaf.

    The plugin ignores its own `base_url` when streaming; it reads these module globals each time it
    connects, and a job process serves one call, so setting them is safe.
    """
    base = env.provider_url("sarvam", str(claim.call_id))
    module: Any = sarvam_stt
    module.SARVAM_STT_BASE_URL = f"{base}/speech-to-text"
    module.SARVAM_STT_STREAMING_URL = f"{_socket(base)}/speech-to-text/ws"
    heard = ANY_LANGUAGE if len(claim.agent.languages) > 1 else language.sarvam_code
    return sarvam.STT(language=heard, model=claim.stt_model, mode="transcribe", api_key=env.sarvam_api_key)


def make_mouth(env: Env, claim: Claim, language: Language) -> sarvam.TTS:
    """Text-to-speech for the call, as raw samples at 24 kHz."""
    base = env.provider_url("sarvam", str(claim.call_id))
    return sarvam.TTS(
        target_language_code=language.sarvam_code,
        model=claim.tts_model,
        speaker=claim.voice,
        pace=claim.agent.pace,
        speech_sample_rate=OUTPUT_RATE,
        output_audio_codec="linear16",
        api_key=env.sarvam_api_key,
        base_url=f"{base}/text-to-speech",
        ws_url=f"{_socket(base)}/text-to-speech/ws",
    )


def refuses_model(error: Exception) -> bool:
    """Whether Sarvam says that it does not know the model it was asked for.

    At the door that is any 400, 404 or 410, for little else than the model is named there; later only the last two.
    """
    if isinstance(error, APIStatusError) and error.status_code in (404, 410):
        return True
    return _REFUSED_AT_DOOR.search(str(error)) is not None


def change_ears(ears: sarvam.STT, model: str) -> None:
    """Listen with another model from the next connection on. The plugin has no way to say so."""
    ears._opts = replace(ears._opts, model=model)


def make_vad(language: Language) -> inference.VAD:
    """Voice activity detection, whose silence is the largest part of every wait."""
    return inference.VAD(model="silero", min_silence_duration=vad_silence(language))


def vad_silence(language: Language) -> float:
    """Seconds without a voice that end an utterance: fewer where a detector judges too."""
    return 0.3 if language.semantic_turns else 0.45


def turn_detection(language: Language) -> inference.TurnDetector | Literal["vad"]:
    """What decides that the visitor has finished.

    LiveKit's local detector is calibrated for Hindi and English only; the other languages wait a
    little longer for silence instead. Its version is named: the default may ask LiveKit's cloud.
    """
    return inference.TurnDetector(version="v1-mini") if language.semantic_turns else "vad"


def endpointing(language: Language, turn_taking: TurnTaking, more: float = 0.0) -> EndpointingOptions:
    """How long a pause must be before the agent answers: `more` seconds are added to what the agent is set to."""
    shortest, longest = (0.1, 2.3) if language.semantic_turns else (0.3, 2.8)
    extra = turn_taking.extra_wait + more
    return {"mode": "fixed", "min_delay": shortest + extra, "max_delay": longest + extra}


def turn_handling(language: Language, turn_taking: TurnTaking) -> TurnHandlingOptions:
    """When the visitor has finished, and what interrupts the agent.

    A sound stops the agent's voice; if no words come of it the voice goes on where it stopped, less
    than a second after the sound has ended.
    """
    return {
        "turn_detection": turn_detection(language),
        "endpointing": endpointing(language, turn_taking),
        "interruption": {
            "mode": "vad",
            "min_duration": turn_taking.stop_after,
            "resume_false_interruption": True,
            "false_interruption_timeout": RESUME_SECONDS - vad_silence(language),
        },
    }


def _socket(url: str) -> str:
    return url.replace("http", "ws", 1)
