"""The product's own processes, as the Procfile names them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import redis

from local import probes
from local.errors import LocalError
from local.supervisor import Process
from vaani.env import ROOT, reached_at

# Two commands in one process: starting Django is most of what either costs, at every start.
PREPARATION = """
import os, django
from django.core.management import call_command
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaani.settings")
django.setup()
call_command("migrate", interactive=False)
call_command("first_run")
"""
VOICE = "worker"  # the process that nothing can be said without, and that needs LiveKit


def processes(environment: Mapping[str, str]) -> dict[str, Process]:
    """Every process of the Procfile, by name."""
    host = reached_at(environment.get("WEB_ADDRESS", "127.0.0.1"))
    ready = {
        "web": probes.http_ok(f"http://{host}:{environment['WEB_PORT']}/health/live"),
        VOICE: _free_worker(environment["REDIS_URL"]),
    }
    return {
        name: Process(
            name,
            ["/bin/sh", "-c", f"exec {command}"],  # the shell fills in $WEB_PORT and the like, and is gone
            environment,
            ready=ready.get(name, probes.running),
            folder=ROOT,
        )
        for name, command in procfile(ROOT / "Procfile").items()
    }


def procfile(path: Path) -> dict[str, str]:
    """Commands by process name, in the file's order."""
    lines = (re.fullmatch(r"(\w+):\s*(.+)", line) for line in path.read_text(encoding="utf-8").splitlines())
    return {line[1]: line[2] for line in lines if line}


def prepare(environment: Mapping[str, str]) -> None:
    """Bring the database up to date; make the first admin and the demo agent if there are none."""
    _python(environment, "Preparing the database", "-c", PREPARATION)


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a `manage.py` command; return what it printed."""
    return _python(environment, f"`manage.py {' '.join(arguments)}`", "manage.py", *arguments)


def _python(environment: Mapping[str, str], title: str, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise LocalError(f"{title} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout


def _free_worker(redis_url: str) -> probes.Probe:
    """Whether a worker's heartbeat says that it can take a call. Heartbeats of before, of a killed one say, do not count."""
    earlier = _heartbeats(redis_url).keys()

    def probe() -> bool:
        return any(slots > 0 for worker, slots in _heartbeats(redis_url).items() if worker not in earlier)

    return probe


def _heartbeats(redis_url: str) -> dict[str, int]:
    """Free slots by worker."""
    try:
        with redis.Redis.from_url(
            redis_url, socket_timeout=2, socket_connect_timeout=2, decode_responses=True
        ) as client:
            found = {str(key): client.get(key) for key in client.scan_iter("vaani:worker:*")}
    except redis.RedisError:
        return {}
    return {key: int(json.loads(str(value)).get("slots", 0)) for key, value in found.items() if value}
