"""The caller's browser: Chromium with a microphone that plays a recording."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy
from playwright.sync_api import Browser, Page, Playwright

from local.chromium import windowless
from local.sandbox.say import speech_wav
from local.stack import Stack

RATE = 48_000  # Hz


def launch(playwright: Playwright, microphone: Path | None = None) -> Browser:
    """Start Chromium; pages hear the recording, if there is one, whenever they open the microphone, over and over."""
    return playwright.chromium.launch(
        executable_path=windowless(),
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            *([f"--use-file-for-fake-audio-capture={microphone}"] if microphone else []),
            "--autoplay-policy=no-user-gesture-required",
            "--allow-loopback-in-peer-connection",
        ],
    )


def sign_in(page: Page, stack: Stack, name: str = "", password: str = "") -> None:
    """Open the admin and sign in: as the first admin, unless named."""
    page.goto(f"{stack.web_url}/admin/")
    page.get_by_label("Username").fill(name or stack.env["ADMIN_EMAIL"])
    page.get_by_label("Password").fill(password or stack.env["ADMIN_PASSWORD"])
    page.get_by_role("button", name="Log in").click()


def record_sentence(path: Path, text: str, *, silence: int) -> Path:
    """Write a recording: `silence` seconds, long enough for the agent to finish its own, then a Hindi sentence."""
    with wave.open(io.BytesIO(speech_wav(text, "hi-IN", "karun", RATE))) as speech:
        words = numpy.frombuffer(speech.readframes(speech.getnframes()), dtype="<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(numpy.concatenate([numpy.zeros(RATE * silence, dtype="<i2"), words]).tobytes())
    return path
