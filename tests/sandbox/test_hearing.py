"""The detector hears where synthesized speech starts and ends, in quiet and in noise."""

from __future__ import annotations

import numpy as np
import pytest

from local.sandbox import sound
from local.sandbox.hearing import Ended, SpeechDetector, Started
from local.sandbox.say import speech_wav
from local.sandbox.script import SCRIPT

RATE = 16000


def line(language: str, number: int = 0, speaker: str = "karun") -> sound.Samples:
    return sound.read_wav(speech_wav(SCRIPT[language][number], language, speaker, RATE))[0]


def silence(seconds: float) -> sound.Samples:
    return np.zeros(int(RATE * seconds), dtype=np.int16)


def noisy(samples: sound.Samples, deviation: float) -> sound.Samples:
    noise = np.random.default_rng(7).normal(0, deviation, samples.size) if deviation else 0
    loud: sound.Samples = np.clip(samples + noise, -32768, 32767).astype(np.int16)
    return loud


def hear(samples: sound.Samples, piece: int = 1600) -> list[Started | Ended]:
    detector = SpeechDetector(RATE)
    pcm = samples.astype("<i2").tobytes()
    return [event for place in range(0, len(pcm), piece) for event in detector.feed(pcm[place : place + piece])]


@pytest.mark.parametrize("language", SCRIPT)
@pytest.mark.parametrize("deviation", [0, 30, 300])
def test_two_sentences_are_two_utterances(language: str, deviation: float) -> None:
    first, second = line(language, 0), line(language, 2, "arya")
    sounds = np.concatenate([silence(1), first, silence(1.5), second, silence(1)])
    events = hear(noisy(sounds, deviation))
    assert [type(event) for event in events] == [Started, Ended, Started, Ended], events
    starts = [event.start for event in events if isinstance(event, Ended)]
    ends = [event.end for event in events if isinstance(event, Ended)]
    seconds = first.size / RATE
    assert starts == pytest.approx([1.0, 1 + seconds + 1.5], abs=0.3)
    assert ends == pytest.approx([1 + seconds, 1 + seconds + 1.5 + second.size / RATE], abs=0.3)


def test_a_quiet_talker_is_heard() -> None:
    quiet = (line("hi-IN") * 0.05).astype(np.int16)
    assert len(hear(noisy(np.concatenate([silence(1), quiet, silence(1)]), 4))) == 2


def test_silence_noise_clicks_and_a_new_fan_are_not_speech_for_ever() -> None:
    assert hear(silence(3)) == []
    assert hear(noisy(silence(3), 200)) == []
    clicks = silence(3)
    clicks[::8000] = 20000
    assert hear(clicks) == []
    fan = np.concatenate([silence(1), noisy(silence(15), 500)])
    assert [type(event) for event in hear(fan)] in ([], [Started, Ended])


def test_pieces_of_any_size_give_the_same_events() -> None:
    sounds = np.concatenate([silence(0.5), line("en-IN"), silence(1)])
    assert hear(sounds, 7) == hear(sounds, 1600) == hear(sounds, 10**6)


def test_the_end_is_known_half_a_second_later_and_the_start_within_a_quarter() -> None:
    detector = SpeechDetector(RATE)
    pcm = np.concatenate([silence(1), line("en-IN"), silence(1)]).astype("<i2").tobytes()
    told = {}
    for place in range(0, len(pcm), 640):
        for event in detector.feed(pcm[place : place + 640]):
            told[type(event)] = (event, detector.heard)
    start, known = told[Started]
    assert isinstance(start, Started)
    assert known - start.at < 0.25
    end, known = told[Ended]
    assert isinstance(end, Ended)
    assert 0.45 < known - end.end < 0.65


def test_finish_ends_what_is_being_said() -> None:
    detector = SpeechDetector(RATE)
    detector.feed(np.concatenate([silence(0.5), line("en-IN")]).astype("<i2").tobytes())
    assert detector.speaking
    assert isinstance(detector.finish(), Ended)
    assert detector.finish() is None
