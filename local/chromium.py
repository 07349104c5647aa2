"""The browser that end-to-end tests drive."""

from __future__ import annotations

import os
import shutil
import subprocess

from local.errors import LocalError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Path of the browser, or None."""
    return next((path for program in PROGRAMS if (path := shutil.which(program))), None)


def require_chromium() -> None:
    """Install Debian's Chromium when it is missing and we may; otherwise say what to do."""
    if chromium():
        return
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or not apt:
        raise LocalError(
            "The end-to-end tests need Chromium. Install it (on Debian: sudo apt install chromium), "
            "or leave them out with: make test E2E=skip"
        )
    print("Installing Chromium with apt, for the end-to-end tests (1 to 3 minutes) ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run([apt, *arguments], env=environment, capture_output=True, text=True)
        if done.returncode:
            said = (done.stdout + done.stderr).strip()[-1000:]
            raise LocalError(f"Chromium could not be installed; apt-get {' '.join(arguments)} said:\n{said}")
