"""The agent's ears and mouth: Sarvam's speech-to-text and text-to-speech, set up for one call."""

from __future__ import annotations

from typing import Any

from livekit.agents import inference
from livekit.agents.voice.turn import TurnHandlingOptions
from livekit.plugins import sarvam
from livekit.plugins.sarvam import stt as sarvam_stt

from agents.contract import Claim
from agents.languages import Language
from vaani.env import Env

OUTPUT_RATE = 24_000  # Hz, what WebRTC carries without resampling twice


def make_ears(env: Env, claim: Claim, language: Language) -> sarvam.STT:
    """Speech-to-text for the call, pinned to its language.

    The plugin ignores its own `base_url` when streaming; it reads these module globals each time it
    connects, and a job process serves one call, so setting them is safe.
    """
    base = env.provider_url("sarvam", str(claim.call_id))
    module: Any = sarvam_stt
    module.SARVAM_STT_BASE_URL = f"{base}/speech-to-text"
    module.SARVAM_STT_STREAMING_URL = f"{_socket(base)}/speech-to-text/ws"
    return sarvam.STT(
        language=language.sarvam_code, model=claim.stt_model, mode="transcribe", api_key=env.sarvam_api_key
    )


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


def make_vad(language: Language) -> inference.VAD:
    """Voice activity detection. Its silence is the largest part of every wait: shorter where a detector judges too."""
    return inference.VAD(model="silero", min_silence_duration=0.3 if language.semantic_turns else 0.45)


def turn_handling(language: Language) -> TurnHandlingOptions:
    """When the visitor has finished, and what interrupts the agent.

    LiveKit's local detector is calibrated for Hindi and English only; the other languages wait a
    little longer for silence instead. Versions are named: the defaults may ask LiveKit's cloud.
    """
    options: TurnHandlingOptions = {
        "interruption": {"mode": "vad", "resume_false_interruption": True, "false_interruption_timeout": 1.0},
    }
    if language.semantic_turns:
        options["turn_detection"] = inference.TurnDetector(version="v1-mini")
        options["endpointing"] = {"mode": "fixed", "min_delay": 0.3, "max_delay": 2.5}
    else:
        options["turn_detection"] = "vad"
        options["endpointing"] = {"mode": "fixed", "min_delay": 0.5, "max_delay": 3.0}
    return options


def _socket(url: str) -> str:
    return url.replace("http", "ws", 1)
