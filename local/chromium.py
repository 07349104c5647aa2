"""The browsers that end-to-end tests drive."""

from __future__ import annotations

import os
import shutil
import subprocess

from local.errors import LocalError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
WINDOWLESS = "chromium-headless-shell"


def chromium() -> str | None:
    """Path of the browser as people have it, or None."""
    return next((path for program in PROGRAMS if (path := shutil.which(program))), None)


def windowless() -> str | None:
    """Path of one that draws no window of its own, by which a page costs a third of the work; else of any, or None.

    It asks nobody for permissions: it hears the microphone that tests give it, and no other.
    """
    return shutil.which(WINDOWLESS) or chromium()


def require_chromium() -> None:
    """Install what is missing of Debian's Chromium when we may. Raises LocalError when there is none then."""
    apt = shutil.which("apt-get")
    missing = [
        package for package, found in (("chromium", chromium()), (WINDOWLESS, shutil.which(WINDOWLESS))) if not found
    ]
    said = _install(apt, missing) if missing and apt and os.geteuid() == 0 else ""
    if not chromium():
        raise LocalError(
            "The end-to-end tests need Chromium. Install it (on Debian: sudo apt install chromium), "
            f"or leave them out with: make test E2E=skip\n{said}".strip()
        )


def _install(apt: str, packages: list[str]) -> str:
    """Install with apt; gives what it said when that failed."""
    print(f"Installing {' and '.join(packages)} with apt, for the end-to-end tests (1 to 3 minutes) ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update", "-qq"],
        *(["install", "-y", "-qq", "--no-install-recommends", each] for each in packages),
    ):
        done = subprocess.run([apt, *arguments], env=environment, capture_output=True, text=True)
        if done.returncode:
            return f"apt-get {' '.join(arguments)} said:\n{(done.stdout + done.stderr).strip()[-1000:]}"
    return ""
