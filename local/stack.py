"""A stack: one state folder and everything that runs from it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Self

from local import livekit, ports, probes, processes, product, settings
from local.errors import LocalError
from local.livekit import LiveKit
from local.output import LogFiles, Output
from local.postgres import Postgres
from local.redis import Redis
from local.state import State
from local.supervisor import Process, Supervisor
from vaani.env import ROOT, reached_at

WEB_PORT = 3000
PARTS = frozenset({"postgres", "redis", "livekit", "sandbox", "product"})
LEFTOVER_PATIENCE = 5.0


class Stack:
    """Everything of `parts`, started on entering and stopped on leaving.

    `environment` is the operator's: what it sets replaces its embedded part. Nothing else is read, neither `.env`
    nor this process's settings. By default every port is a free one, providers without a key are the sandbox, and
    output goes to `<state>/logs/<name>.log`; `well_known` takes the usual ports and keeps data safe from power cuts.
    """

    def __init__(
        self,
        state: Path,
        *,
        environment: Mapping[str, str] | None = None,
        udp: bool = True,
        parts: Collection[str] = PARTS,
        well_known: bool = False,
        output: Output | None = None,
    ) -> None:
        self.state = State(state)
        self.operator = dict(environment or {})
        self.env: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.media_ports: tuple[int, ...] = ()  # LiveKit's, which a browser elsewhere needs a way to
        self.closing = False
        self._udp = udp
        self._parts = parts
        self._well_known = well_known
        self._output = output
        self._sandbox_port = 0
        self._supervisor: Supervisor | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def web_url(self) -> str:
        host = reached_at(self.settings.get("WEB_ADDRESS", "127.0.0.1"))
        return f"http://{host}:{self.settings['WEB_PORT']}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self._sandbox_port}"

    @property
    def livekit_url(self) -> str:
        return self.settings["LIVEKIT_URL"]

    @property
    def database_url(self) -> str:
        return self.settings["DATABASE_URL"]

    @property
    def redis_url(self) -> str:
        return self.settings["REDIS_URL"]

    @property
    def voice(self) -> bool:
        """Whether there is a LiveKit server for calls to go through."""
        return "livekit" in self._parts or "LIVEKIT_URL" in self.operator

    @property
    def sandboxed(self) -> list[str]:
        """Providers that the sandbox stands in for."""
        return settings.sandboxed(self.operator)

    def open(self) -> None:
        """Start everything; raises `LocalError` when something does not get ready, and leaves nothing running then."""
        self.closing = False
        settings.check(self.operator)
        if self._embeds("livekit", "LIVEKIT_URL"):
            livekit.require()
        self.state.open()
        try:
            mark = self.state.mark
            processes.end(lambda: processes.find(mark), LEFTOVER_PATIENCE)  # of a start whose guard was killed too
            self._output = self._output or LogFiles(self.state.path / "logs")
            self._start(self._output)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop everything, within 8 seconds."""
        self.closing = True
        if self._supervisor:
            self._supervisor.close()
            self._supervisor = None
        self.state.close()

    def hurry(self) -> None:
        """Stop at once, while stopping."""
        if self._supervisor:
            self._supervisor.hurry()

    def start(self, name: str) -> None:
        """Start a stopped process and wait until it is ready."""
        self._running.start(name)

    def stop(self, name: str) -> None:
        """Stop a process; it stays stopped until started."""
        self._running.stop(name)

    def restart(self, name: str) -> None:
        """Stop a process and start it again."""
        self._running.stop(name)
        self._running.start(name)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Signal a process behind the supervisor's back, which starts it again when it ends; see `wait`."""
        pid = self.pid(name)
        if not pid:
            raise LocalError(f"{name} is not running.")
        processes.send([pid], number)
        while number == signal.SIGKILL and self.pid(name) == pid:
            time.sleep(0.01)

    def wait(self, name: str) -> None:
        """Wait until a process runs and is ready, after a `kill` say."""
        self._running.wait(name)

    def pid(self, name: str) -> int:
        """Process id of `name`; 0 when it is not running."""
        return self._running.pid(name)

    def log(self, name: str) -> str:
        """What `name` has written so far."""
        return self._output.read(name) if isinstance(self._output, LogFiles) else ""

    def run_manage(self, *arguments: str) -> str:
        """Run a `manage.py` command in this stack; return what it printed."""
        return product.manage(self.env, *arguments)

    def _start(self, output: Output) -> None:
        operator, state = self.operator, self.state
        postgres = Postgres(state, durable=self._well_known)
        redis = Redis(state)
        server = LiveKit(state, well_known=self._well_known, udp=self._udp)
        self._sandbox_port = state.port("sandbox")
        made = {
            "WEB_PORT": str(self._web_port()),
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "LIVEKIT_URL": server.url,
            "LIVEKIT_API_KEY": server.key,
            "LIVEKIT_API_SECRET": server.secret,
            **settings.of_site(state),
            **(settings.of_providers(operator, self.sandbox_url) if "sandbox" in self._parts else {}),
        }
        made = {name: value for name, value in made.items() if name not in operator}
        state.write_env(made)
        self.settings = {**made, **operator}
        self.env = settings.child_environment(self.settings, state)
        self.media_ports = (server.port, server.tcp_port) if self._embeds("livekit", "LIVEKIT_URL") else ()

        self._supervisor = Supervisor(state.mark, output)
        infrastructure = []
        if self._embeds("postgres", "DATABASE_URL"):
            infrastructure.append(postgres.process())
        if self._embeds("redis", "REDIS_URL"):
            infrastructure.append(redis.process())
        if self._embeds("livekit", "LIVEKIT_URL"):
            key, secret = self.settings["LIVEKIT_API_KEY"], self.settings["LIVEKIT_API_SECRET"]
            infrastructure.append(server.process(key, secret, f"{self.web_url}/api/livekit/webhook"))
        if "sandbox" in self._parts and self.sandboxed:
            infrastructure.append(self._sandbox())
        self._supervisor.start_stage(*infrastructure)
        if self._embeds("postgres", "DATABASE_URL"):
            postgres.create_database()
        if "product" in self._parts:
            parts = product.processes(self.env)
            # The worker is the slowest to start, and wants nothing of the database.
            worker = [self._supervisor.launch(parts.pop(product.VOICE))] if self.voice else []
            parts.pop(product.VOICE, None)
            output.say("preparing the database")
            product.prepare(self.env)
            # What a visitor waits for comes first; whatever is said meanwhile waits in Redis for the rest.
            self._supervisor.start_stage(parts.pop("web"), launched=worker)
            self._supervisor.start_stage(*parts.values())

    def _web_port(self) -> int:
        """The operator's port or the usual one must be free, because people know it; a test's may be any."""
        if not (self._well_known or "WEB_PORT" in self.operator):
            return self.state.port("web")
        port = int(self.operator.get("WEB_PORT", WEB_PORT))
        ports.require_free(port, "WEB_PORT")
        return port

    def _sandbox(self) -> Process:
        command = [sys.executable, "-m", "local.sandbox", "--port", str(self._sandbox_port)]
        return Process("sandbox", command, self.env, ready=probes.http_ok(f"{self.sandbox_url}/health"), folder=ROOT)

    def _embeds(self, part: str, setting: str) -> bool:
        return part in self._parts and setting not in self.operator

    @property
    def _running(self) -> Supervisor:
        if self._supervisor is None:
            raise LocalError("This stack is not running.")
        return self._supervisor
