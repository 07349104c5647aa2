"""Speak a line into a WAV file: `python -m local.sandbox.say TEXT --language hi-IN --speaker karun --out file.wav`.

Handy for making the recordings that a browser's fake microphone plays.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from local.sandbox.speaking import LANGUAGES, speech_wav
from local.sandbox.voices import MODELS

__all__ = ["speech_wav"]


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(prog="python -m local.sandbox.say", description="Speak a line into a WAV file.")
    parser.add_argument("text")
    parser.add_argument("--language", default="hi-IN", choices=[*LANGUAGES, "od-IN"])
    parser.add_argument(
        "--speaker", default="karun", choices=sorted({name for each in MODELS.values() for name in each})
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rate", type=int, default=48000)
    asked = parser.parse_args()
    if not 4000 <= asked.rate <= 192000:
        parser.error("--rate must be between 4000 and 192000")
    asked.out.write_bytes(speech_wav(asked.text, asked.language, asked.speaker, asked.rate))
    print(f"{asked.out}: {asked.text}")


if __name__ == "__main__":
    main()
