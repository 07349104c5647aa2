"""Who is asking: the visitor's own address and scheme, behind proxies too. The one place that reads forwarded headers.

`ProxiedApp` puts both into the ASGI scope, for requests and sockets alike. Whoever needs the address takes
`REMOTE_ADDR`, whoever counts by it `bucket_of` that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.http import HttpRequest

from vaani.env import get_env
from vaani.logs import get_logger

log = get_logger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Scope = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]

_HOUSEHOLD = 64  # bits of an IPv6 address that one customer of a provider keeps; the rest is theirs to choose


class ProxiedApp:
    """Gives `app` every request as if its sender had come without the proxies of `TRUSTED_PROXIES`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._proxies = get_env().proxies
        self._complained = False

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self._unwrapped(scope)
        await self._app(scope, receive, send)

    def _unwrapped(self, scope: Scope) -> Scope:
        peer = _address(scope["client"][0]) if scope.get("client") else None
        hops = _values(scope, b"x-forwarded-for")
        if peer is None or not _is_among(peer, self._proxies):
            if hops and peer is not None and peer.is_private:
                self._complain_once(str(peer))
            return scope
        scope = {**scope, "client": (str(_visitor(peer, hops, self._proxies)), 0)}
        if _values(scope, b"x-forwarded-proto")[-1:] == ["https"]:
            scope["scheme"] = "wss" if scope["type"] == "websocket" else "https"
        return scope

    def _complain_once(self, peer: str) -> None:
        # Behind a proxy that is not trusted all visitors are one address, and share one bucket.
        if not self._complained:
            log.warning("proxy_not_trusted", peer=peer, hint="If this is your proxy, name it in TRUSTED_PROXIES.")
        self._complained = True


def _visitor(peer: Address, hops: list[str], proxies: Iterable[Network]) -> Address:
    """The last hop that is none of our proxies: what stands before it in the header is the sender's own invention."""
    nearest = peer
    for hop in reversed(hops):
        address = _address(hop)
        if address is None:
            return nearest
        nearest = address
        if not _is_among(address, proxies):
            return nearest
    return nearest


def _values(scope: Scope, name: bytes) -> list[str]:
    """What the header says, in all its lines, oldest hop first."""
    lines = [value.decode("latin-1") for header, value in scope["headers"] if header == name]
    return [value.strip() for line in lines for value in line.split(",") if value.strip()]


def _address(text: str) -> Address | None:
    """An address in any of the ways that proxies write it: with a port, in brackets, IPv4 inside IPv6."""
    text = text.strip().split("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_among(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def bucket_of(request: HttpRequest) -> str:
    """The address under which a sender is counted: an IPv4 address as it is, an IPv6 address by its /64."""
    text: str = request.META.get("REMOTE_ADDR", "")
    address = _address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _HOUSEHOLD), strict=False).network_address)
    return text if address is None else str(address)
