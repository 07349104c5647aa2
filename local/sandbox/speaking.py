"""Real speech in eleven languages, from espeak-ng's library through ctypes.

espeak-ng is GPL-3 and holds its state in globals. So it lives in the sandbox's process only, behind one lock, and
is called from one thread of its own: a sentence takes about 10 ms, which would be felt on the event loop when many
calls speak at once.
"""

from __future__ import annotations

import asyncio
import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor

import espeakng_loader
import numpy as np

from local.sandbox import sound
from local.sandbox.voices import Voice, find_voice

LANGUAGES = {
    "hi-IN": "hi",
    "ta-IN": "ta",
    "te-IN": "te",
    "bn-IN": "bn",
    "mr-IN": "mr",
    "gu-IN": "gu",
    "kn-IN": "kn",
    "ml-IN": "ml",
    "pa-IN": "pa",
    "or-IN": "or",
    "en-IN": "en",
}
RATES = (8000, 16000, 22050, 24000, 32000, 44100, 48000)
MIN_PACE, MAX_PACE = 0.3, 3.0
LONGEST_TEXT = 2500  # characters in one request, as at the provider

_RETRIEVE_SYNCHRONOUSLY = 2
_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4  # espeak_PARAMETER
_WORDS_A_MINUTE = 165  # at pace 1: an unhurried receptionist
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def bcp47(code: str) -> str:
    """Our name of a language that Sarvam writes its own way (`od-IN` is Odia, `or-IN`)."""
    return "or-IN" if code.lower().startswith("od") else code


class _Espeak:
    """The library, opened on first use: importing the sandbox must not cost a process its voice data."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._library: ctypes.CDLL | None = None
        self._heard: list[bytes] = []
        self._callback = _Callback(self._take)  # kept: the library calls it for as long as the process lives
        self.rate = 22050

    def _take(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._heard.append(ctypes.string_at(samples, count * 2))
        return 0

    def _open(self) -> ctypes.CDLL:
        if self._library is None:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path().encode()
            self.rate = library.espeak_Initialize(_RETRIEVE_SYNCHRONOUSLY, 0, data, 0)
            if self.rate <= 0:
                raise RuntimeError(f"espeak-ng found no voice data in {data.decode()}")
            library.espeak_SetSynthCallback(self._callback)
            self._library = library
        return self._library

    def say(self, text: str, language: str, voice: Voice, pace: float) -> sound.Samples:
        """Speak `text` at the library's own rate. Blocks; safe from any thread."""
        with self._lock:
            library = self._open()
            name = f"{LANGUAGES[language]}+{voice.timbre}"
            if library.espeak_SetVoiceByName(name.encode()) != 0:
                raise RuntimeError(f"espeak-ng has no voice {name}")
            library.espeak_SetParameter(_RATE, round(_WORDS_A_MINUTE * pace), 0)
            library.espeak_SetParameter(_PITCH, voice.pitch, 0)
            library.espeak_SetParameter(_RANGE, 50, 0)
            self._heard.clear()
            words = text.replace("\0", " ").encode("utf-8", "ignore") + b"\0"
            library.espeak_Synth(words, len(words), 0, 1, 0, _UTF8, None, None)
            library.espeak_Synchronize()
            return np.frombuffer(b"".join(self._heard), dtype="<i2")


_espeak = _Espeak()
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="espeak")


def speech(text: str, language: str, voice: Voice, rate: int, pace: float = 1.0) -> bytes:
    """PCM of `text` spoken in `language` (BCP-47), levelled, at `rate`. Empty when there is nothing to say."""
    if not any(character.isalnum() for character in text):
        return b""
    spoken = sound.level(_espeak.say(text, language, voice, min(max(pace, MIN_PACE), MAX_PACE)))
    return sound.resample(spoken, _espeak.rate, rate).astype("<i2").tobytes()


async def speak(text: str, language: str, voice: Voice, rate: int, pace: float = 1.0) -> bytes:
    """Like `speech`, on espeak-ng's own thread."""
    return await asyncio.get_running_loop().run_in_executor(_thread, speech, text, language, voice, rate, pace)


def speech_wav(text: str, language: str = "hi-IN", speaker: str = "karun", rate: int = 48000) -> bytes:
    """A WAV file of `text`, for tests that need a visitor with a microphone. Raises `ValueError` for unknown names."""
    language = bcp47(language)
    voice = find_voice(speaker)
    if voice is None:
        raise ValueError(f"no speaker is called {speaker}")
    if language not in LANGUAGES:
        raise ValueError(f"{language} is not spoken here; choose one of {', '.join(LANGUAGES)}")
    return sound.wav(speech(text, language, voice, rate), rate)
