"""Hears when somebody speaks: an energy detector with a noise floor that follows the room.

It works on what a call's microphone sends (16-bit mono, any rate), in frames of 20 ms, and gives the two moments a
provider's voice detection gives. Quiet talkers in quiet rooms and loud talkers in loud rooms must both be heard, so
nothing here is an absolute level except the two ends of the floor's range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from local.sandbox.sound import samples_of

FRAME_MS = 20
_START_FRAMES = 5  # 100 ms above the start level begin a speech
_START_WINDOW = 7  # within this many frames, so that the gap in a stop consonant does not restart the count
_END_FRAMES = 25  # 500 ms below the end level end it
_STIR_FRAMES = 3  # that much sound (60 ms) cancels a silence; a click does not
_START_ABOVE, _END_ABOVE = 9.0, 5.0  # dB over the floor: the distance between them is the hysteresis
_FLOOR_MIN, _FLOOR_MAX = -62.0, -30.0  # dBFS: browsers send digital silence, and a fan is never louder than speech
_FALL, _RISE_QUIET, _RISE_SPEECH = 0.30, 0.05, 0.004  # share of the gap the floor closes in a frame
_SETTLING_FRAMES = 6  # the first 120 ms: the room is taken as it is, for nobody speaks that soon


@dataclass(frozen=True)
class Started:
    """Speech began, `at` seconds into the stream."""

    at: float


@dataclass(frozen=True)
class Ended:
    """Speech that began at `start` was over at `end` (its last sound; the detector knows half a second later)."""

    start: float
    end: float


class SpeechDetector:
    """Feed it sound in pieces of any size; it answers with what began and what ended."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._frame_bytes = max(1, sample_rate * FRAME_MS // 1000) * 2
        self._rest = b""
        self._frames = 0
        self._floor = -50.0
        self._recent: list[bool] = []
        self._start = 0.0
        self._last_sound = 0.0
        self._quiet = 0
        self._stir = 0
        self.speaking = False

    @property
    def heard(self) -> float:
        """Seconds of sound taken in so far."""
        return self._frames * FRAME_MS / 1000

    def feed(self, pcm: bytes) -> list[Started | Ended]:
        """Take in sound; return what happened in it, in order."""
        sound = self._rest + pcm
        whole = len(sound) // self._frame_bytes * self._frame_bytes
        self._rest = sound[whole:]
        happened = []
        for place in range(0, whole, self._frame_bytes):
            event = self._frame(_decibels(sound[place : place + self._frame_bytes]))
            if event is not None:
                happened.append(event)
        return happened

    def finish(self) -> Ended | None:
        """End what is being said, because the stream was flushed or ended."""
        if not self.speaking:
            return None
        self.speaking = False
        self._recent.clear()
        return Ended(self._start, max(self._last_sound, self._start))

    def _frame(self, loudness: float) -> Started | Ended | None:
        self._frames += 1
        self._follow_floor(loudness)
        return self._while_speaking(loudness) if self.speaking else self._while_quiet(loudness)

    def _follow_floor(self, loudness: float) -> None:
        """Drop to a quieter room at once, rise to a louder one slowly, and hardly at all while somebody speaks.

        "Hardly" and not "never": a fan switched on in the middle of a word would otherwise be speech for ever.
        """
        rise = _RISE_SPEECH if self.speaking or any(self._recent) else _RISE_QUIET
        share = _FALL if loudness < self._floor or self._frames <= _SETTLING_FRAMES else rise
        floor = self._floor + (loudness - self._floor) * share
        self._floor = min(max(floor, _FLOOR_MIN), _FLOOR_MAX)

    def _while_quiet(self, loudness: float) -> Started | None:
        self._recent = [*self._recent[1 - _START_WINDOW :], loudness > self._floor + _START_ABOVE]
        if sum(self._recent) < _START_FRAMES:
            return None
        first = self._recent.index(True)
        self._start = (self._frames - len(self._recent) + first) * FRAME_MS / 1000
        self._last_sound = self.heard
        self._quiet = self._stir = 0
        self._recent.clear()
        self.speaking = True
        return Started(self._start)

    def _while_speaking(self, loudness: float) -> Ended | None:
        if loudness > self._floor + _END_ABOVE:
            self._stir += 1
            if self._stir >= _STIR_FRAMES:
                self._quiet = 0
                self._last_sound = self.heard
        else:
            self._stir = 0
        self._quiet += 1
        return self.finish() if self._quiet > _END_FRAMES else None


def _decibels(frame: bytes) -> float:
    """Loudness of a frame in dBFS, its mean removed: a microphone's constant offset is not sound."""
    samples = samples_of(frame).astype(np.float64)
    power = float(np.var(samples))
    return 10 * math.log10(power / 32768.0**2) if power > 0 else -120.0
