"""Post to an address that somebody typed, without letting it lead into our own network. No Django models.

The guard sits where the socket is opened, behind name resolution: the address it looks at is the one that is connected
to, so no name can show one address to the check and another to the connection. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from errno import EACCES
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import aiohttp
from django.utils.translation import gettext as _
from yarl import URL

from vaani.env import get_env

LIMIT_SECONDS = 15  # over the whole exchange
MAX_ANSWER = 2000  # characters that are kept

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_CLOUD_MACHINES = {ip_address("168.63.129.16")}  # Azure's own services: a public address that is none


class AddressError(ValueError):
    """This address must not be asked. The text says why, to people."""


class NoAnswerError(Exception):
    """There was no answer. The text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the beginning of the body, and the `Retry-After` header or nothing."""

    status: int
    text: str
    retry_after: str


def check_address(text: str) -> None:
    """Raise `AddressError` unless `text` is an address that deliveries may go to. Resolves its name once."""
    try:
        url = URL(text)
        host, port = url.raw_host, url.port  # as the client will ask for it
    except ValueError:
        host, port = None, None
    if not host or port is None or url.scheme not in ("http", "https"):
        raise AddressError(_("Write the whole address, such as https://crm.example.in/leads."))
    if url.user is not None or url.password is not None:
        raise AddressError(_("Put no user or password into the address. Use the extra header."))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressError(_("There is no such host: %(host)s.") % {"host": host}) from None
    for *_rest, sockaddr in found:
        _require_open(url.scheme, str(sockaddr[0]), port)


def post(url: str, body: bytes, headers: dict[str, str], *, trusted: bool) -> Answer:
    """Post, and read the beginning of the answer, in at most 15 s. `trusted` is for addresses of the environment.

    Raises `NoAnswerError`, also when the address is refused.
    """
    return asyncio.run(_post(url, body, headers, trusted))


async def _post(url: str, body: bytes, headers: dict[str, str], trusted: bool) -> Answer:
    try:
        opener = None if trusted else partial(_open, URL(url).scheme)
        async with (
            asyncio.timeout(LIMIT_SECONDS),
            # What is compressed could unpack to anything: asked not to be, and not unpacked.
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=opener), auto_decompress=False
            ) as session,
            session.post(
                url, data=body, headers={"Accept-Encoding": "identity", **headers}, allow_redirects=False
            ) as answer,
        ):
            return Answer(answer.status, await _beginning(answer), answer.headers.get("Retry-After", ""))
    except TimeoutError as error:
        raise NoAnswerError(f"No answer within {LIMIT_SECONDS} s") from error
    except aiohttp.ClientConnectorError as error:
        raise NoAnswerError(f"No connection to {error.host}: {error.os_error.strerror or error.os_error}") from error
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise NoAnswerError(str(error) or type(error).__name__) from error


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) >= 4 * MAX_ANSWER:
            break
    # Postgres stores no NUL.
    return body.decode(errors="replace")[:MAX_ANSWER].replace("\0", "\N{REPLACEMENT CHARACTER}")


def _open(scheme: str, address: Any) -> socket.socket:
    family, kind, protocol, _name, sockaddr = address
    try:
        _require_open(scheme, str(sockaddr[0]), int(sockaddr[1]))
    except AddressError as error:
        raise OSError(EACCES, str(error)) from error  # as if it could not be reached: another address may still be
    return socket.socket(family, kind, protocol)


def _require_open(scheme: str, host: str, port: int) -> None:
    """Raise `AddressError` unless a delivery may go to this very address."""
    address = _plain(ip_address(host.partition("%")[0]))
    if any(address in network for network in get_env().allowed_networks):
        return
    if not address.is_global or address.is_multicast or address in _CLOUD_MACHINES:
        raise AddressError(
            _("%(address)s is a private address. The operator can allow its network in OUTGOING_ALLOW.")
            % {"address": address}
        )
    if scheme != "https":
        raise AddressError(_("Use https: what is sent is personal."))
    if port < 1024 and port != 443:
        raise AddressError(_("Port %(port)d is not one for web addresses.") % {"port": port})


def _plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only wraps it."""
    if isinstance(address, IPv6Address):
        if inner := address.ipv4_mapped or address.sixtofour:
            return inner
        if address.teredo:
            return address.teredo[1]
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
