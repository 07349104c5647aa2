"""It speaks for real: every language, both genders, at a sane level and length."""

from __future__ import annotations

import io
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local.sandbox import sound
from local.sandbox.phrases import phrases
from local.sandbox.say import speech_wav
from local.sandbox.speaking import LANGUAGES, speech
from local.sandbox.voices import MODELS, find_voice

RATE = 22050


def spoken(language: str, speaker: str, text: str = "", pace: float = 1.0, rate: int = RATE) -> sound.Samples:
    voice = find_voice(speaker)
    assert voice is not None
    line = text or phrases(language).line(phrases(language).greet, voice.gender, name="")
    return sound.samples_of(speech(line, language, voice, rate, pace))


def pitch(samples: sound.Samples) -> float:
    """Median fundamental frequency of the voiced frames, by autocorrelation."""
    length = RATE // 25
    found = []
    for place in range(0, samples.size - length, length):
        frame: NDArray[np.float64] = samples[place : place + length].astype(np.float64)
        if frame.std() < 800:
            continue
        frame -= frame.mean()
        likeness = np.fft.irfft(np.abs(np.fft.rfft(frame, 2 * length)) ** 2)
        lags = likeness[RATE // 400 : RATE // 60]
        if lags.max() > likeness[0] / 2:
            found.append(RATE / (RATE // 400 + int(lags.argmax())))
    return float(np.median(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_spoken_at_the_same_level(language: str) -> None:
    samples = spoken(language, "arya")
    assert 1.5 < samples.size / RATE < 9
    assert abs(20 * np.log10(np.abs(samples.astype(int)).max() / 32768) + 6) < 0.3
    assert -30 < 20 * np.log10(samples.std() / 32768) < -12


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_woman_is_heard_as_a_woman_and_a_man_as_a_man(language: str) -> None:
    women = [pitch(spoken(language, speaker)) for speaker in ("anushka", "arya")]
    men = [pitch(spoken(language, speaker)) for speaker in ("abhilash", "hitesh")]
    assert min(women) > 150 > 135 > max(men), (women, men)


@pytest.mark.parametrize("model", MODELS)
def test_no_two_speakers_of_a_gender_sound_quite_alike(model: str) -> None:
    for gender in ("woman", "man"):
        sounds = [(each.timbre, each.pitch) for each in MODELS[model].values() if each.gender == gender]
        assert len(set(sounds)) == len(sounds)


def test_pace_changes_the_length() -> None:
    slow, plain, quick = (spoken("hi-IN", "arya", pace=pace).size for pace in (0.6, 1.0, 1.6))
    assert slow > plain * 1.3 > quick * 1.3 * 1.2


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
def test_any_rate_has_the_same_length_in_seconds(rate: int) -> None:
    assert spoken("ta-IN", "karun", rate=rate).size / rate == pytest.approx(spoken("ta-IN", "karun").size / RATE, 0.02)


@pytest.mark.parametrize("text", ["", "   ", "...", "।", "\0", "\u200d"])
def test_nothing_to_say_is_no_sound(text: str) -> None:
    voice = find_voice("arya")
    assert voice is not None
    assert speech(text, "hi-IN", voice, 24000) == b""


def test_mixed_scripts_and_strange_text_are_spoken() -> None:
    assert spoken("hi-IN", "arya", "OPD का time 9:30 है 😀 <b>\0₹500 \ud800").size > RATE


def test_a_wav_file_can_be_made_for_a_microphone(tmp_path: Path) -> None:
    with wave.open(io.BytesIO(speech_wav("ନମସ୍କାର", "od-IN", "karun", 48000))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48000, 1, 2)
        assert file.getnframes() > 12000
    out = tmp_path / "line.wav"
    command = [sys.executable, "-m", "local.sandbox.say", "नमस्ते", "--out", str(out), "--rate", "16000"]
    subprocess.run(command, check=True, timeout=20, capture_output=True)
    assert sound.read_wav(out.read_bytes())[1] == 16000
    with pytest.raises(ValueError, match="no speaker"):
        speech_wav("x", "hi-IN", "nobody")
    with pytest.raises(ValueError, match="not spoken"):
        speech_wav("x", "fr-FR", "arya")
