"""The real LiveKit server, as this machine alone reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.stack import Stack

LISTENING = "0A"


@pytest.mark.parametrize("udp", [True, False])
def test_it_listens_on_loopback_only(tmp_path: Path, udp: bool) -> None:
    with Stack(tmp_path, parts=("livekit",), udp=udp) as stack:
        sockets = {link.readlink().name for link in Path(f"/proc/{stack.pid('livekit')}/fd").iterdir()}
        kinds = {kind: addresses(kind, sockets) for kind in ("tcp", "tcp6", "udp", "udp6")}
        assert {port for _address, port in kinds["tcp"]} == set(stack.media_ports)
        assert len(kinds["udp"]) == udp
        assert not kinds["tcp6"] | kinds["udp6"]
        assert {address for address, _port in kinds["tcp"] | kinds["udp"]} == {"0100007F"}


def addresses(kind: str, sockets: set[str]) -> set[tuple[str, int]]:
    """Local addresses of those of `sockets` that listen."""
    found = set()
    for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]:
        fields = line.split()
        if f"socket:[{fields[9]}]" in sockets and (kind.startswith("udp") or fields[3] == LISTENING):
            address, port = fields[1].split(":")
            found.add((address, int(port, 16)))
    return found
