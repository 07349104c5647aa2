"""Ports on this machine: which are free, and who holds the others."""

from __future__ import annotations

import os
import random
import socket
from contextlib import suppress
from pathlib import Path

from local import processes
from local.errors import LocalError

# Below the range the kernel takes outgoing ports from: a port remembered from here is not lost to somebody's
# outgoing connection while its process restarts.
QUIET = range(20000, 32000)
LISTENING = "0A"


def is_free(port: int) -> bool:
    """Whether a server could take `port` on loopback, for TCP and UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closing connections do not count
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def any_free() -> int:
    """Some free port."""
    for port in random.sample(QUIET, 200):  # any will do, and none is a secret  # nosec B311
        if is_free(port):
            return port
    raise LocalError("No free port was found on 127.0.0.1 between 20000 and 32000. Stop some servers and try again.")


def require_free(port: int, setting: str) -> None:
    """Raise a `LocalError` that names the holder and the setting when `port` is taken."""
    if not is_free(port):
        raise LocalError(
            f"Port {port} is already used by {holder(port)}. "
            f"Stop that program, or set {setting} in .env to another port and start again."
        )


def holder(port: int) -> str:
    """Program that listens on `port`, as far as this user may see."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                _number, local, _remote, state, *_queues_and_timers, _uid, _timeout, inode = line.split()[:10]
                if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{inode}]")
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(descriptor) in inodes:
                pid = int(descriptor.parts[2])
                return f"{processes.name_of(pid)} (process {pid})"
    return "another program"
