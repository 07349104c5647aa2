"""Small arithmetic on mono 16-bit sound: rate, level, and the WAV wrapper.

Written out because `audioop` left the standard library in Python 3.13.
"""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

PEAK = 16384  # -6 dBFS: loud enough for any microphone path, with room before clipping
_STREAM_SIZE = 0xFFFFFFFF - 36  # what WAV says for "length not known yet"


def samples_of(pcm: bytes) -> Samples:
    """Read little-endian PCM; an odd last byte, which a careless client may send, is dropped."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """Change the rate by linear interpolation: plain, and good enough for espeak-ng's narrow voice."""
    if rate == wanted or not samples.size:
        return samples
    count = max(1, round(samples.size * wanted / rate))
    places = np.linspace(0, samples.size - 1, count)
    return np.rint(np.interp(places, np.arange(samples.size), samples)).astype(np.int16)


def level(samples: Samples) -> Samples:
    """Scale to the common peak, so that languages and speakers are equally loud; silence becomes nothing."""
    peak = int(np.abs(samples.astype(np.int32)).max(initial=0))
    if peak < 64:
        return samples[:0]
    return (samples.astype(np.float64) * (PEAK / peak)).astype(np.int16)


def wav(pcm: bytes, rate: int) -> bytes:
    """Wrap PCM in a complete WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm)
    return file.getvalue()


def wav_stream_header(rate: int) -> bytes:
    """Head of a WAV whose length is not known yet, for sound that is sent as it is made."""
    riff = struct.pack("<4sI4s", b"RIFF", _STREAM_SIZE + 36, b"WAVE")
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return riff + form + struct.pack("<4sI", b"data", _STREAM_SIZE)


def read_wav(file: bytes) -> tuple[Samples, int]:
    """Samples and rate of a WAV file, its first channel. Raises `ValueError` for anything else."""
    try:
        with wave.open(io.BytesIO(file), "rb") as source:
            if source.getsampwidth() != 2:
                raise ValueError("only 16-bit WAV files are understood")
            samples = samples_of(source.readframes(source.getnframes()))
            return samples[:: source.getnchannels()], source.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a WAV file: {error}") from error
