"""LiveKit's server, reachable from this machine alone."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from pathlib import Path

from local import probes
from local.errors import LocalError
from local.state import State
from local.supervisor import Process

PORT, TCP_PORT, UDP_PORT = 7880, 7881, 7882


class LiveKit:
    """The server of one state folder. `well_known` asks for LiveKit's usual ports; `udp` off leaves media TCP only."""

    def __init__(self, state: State, *, well_known: bool, udp: bool) -> None:
        self._state = state
        self._udp = udp
        self.port, self.tcp_port, self.udp_port = (
            state.port(name, port if well_known else None)
            for name, port in (("livekit", PORT), ("livekit_tcp", TCP_PORT), ("livekit_udp", UDP_PORT))
        )
        self.key = state.remember("livekit_key", lambda: f"vaani{secrets.token_hex(4)}")
        self.secret = state.remember("livekit_secret", lambda: secrets.token_hex(32))

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def process(self, key: str, secret: str, webhook_url: str) -> Process:
        """Write the configuration; return how to run it."""
        settings = {
            "port": self.port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": {
                "tcp_port": self.tcp_port,
                "udp_port": self.udp_port,
                "force_tcp": not self._udp,
                "node_ip": "127.0.0.1",
                "use_external_ip": False,
                "enable_loopback_candidate": True,
                "ips": {"includes": ["127.0.0.1/32"]},  # no UDP socket on any other address
            },
            "keys": {key: secret},
            "webhook": {"api_key": key, "urls": [webhook_url]},
            # At the default of 0.7 of the machine's CPU the server silently drops jobs; admission counts slots instead.
            "agents": {"target_load": 1000},
            "logging": {"level": "warn", "pion_level": "error"},
        }
        path = self._state.write("livekit.yaml", json.dumps(settings, indent=1))  # JSON is YAML
        command = [binary() or "", "--config", str(path)]
        return Process("livekit", command, {"PATH": os.defpath}, ready=probes.http_ok(f"http://127.0.0.1:{self.port}/"))


def binary() -> str | None:
    """The server that set-up built, else the machine's own, else none."""
    ours = Path(sys.prefix, "bin", "livekit-server")
    return str(ours) if ours.exists() else shutil.which("livekit-server")


def require() -> None:
    """Raise a `LocalError` when the server is missing."""
    if not binary():
        raise LocalError(f"LiveKit's server is missing. {REMEDY}")


REMEDY = "Run `make setup` again; it builds the server and says what stopped it."
