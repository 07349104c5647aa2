"""Who is asking is not for the asker to say: forwarded headers count only from our own proxies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import RequestFactory

from tests.conftest import Logged, SetEnv
from vaani.addresses import ProxiedApp, bucket_of
from vaani.env import EnvError, get_env

VISITOR, LIAR, FRONT, INNER = "203.0.113.7", "198.51.100.9", "10.0.0.2", "10.0.0.3"


def seen(peer: str | None, *lines: str, proto: str = "", kind: str = "http") -> tuple[str | None, str]:
    """Address and scheme that the product sees of a request from `peer` with these lines of X-Forwarded-For."""
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    headers = [(b"x-forwarded-for", line.encode()) for line in lines]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    plain = {"type": kind, "headers": headers, "client": (peer, 5000) if peer else None}
    asyncio.run(ProxiedApp(app)({**plain, "scheme": "ws" if kind == "websocket" else "http"}, None, None))
    (scope,) = scopes
    return scope["client"] and scope["client"][0], scope["scheme"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        (VISITOR, [], VISITOR),
        (VISITOR, [LIAR], VISITOR),  # nobody's proxy
        (VISITOR, [f"{LIAR}, {FRONT}"], VISITOR),
        (FRONT, [VISITOR], VISITOR),
        (FRONT, [f"{LIAR}, {VISITOR}"], VISITOR),  # what the visitor wrote stands before what the proxy added
        (FRONT, [LIAR, VISITOR], VISITOR),
        (FRONT, [f"{LIAR}, {FRONT}, {VISITOR}, {INNER}"], VISITOR),
        (FRONT, [f"{FRONT}, {INNER}"], FRONT),
        (FRONT, [], FRONT),
        (FRONT, [""], FRONT),
        (FRONT, [f"{LIAR}, unknown"], FRONT),
        (FRONT, [f"{LIAR}, unknown, {INNER}"], INNER),
        (FRONT, [f"{VISITOR}:4711"], VISITOR),
        (FRONT, ["[2001:db8::7]:4711"], "2001:db8::7"),
        (FRONT, [f"::ffff:{VISITOR}"], VISITOR),
        (f"::ffff:{FRONT}", [VISITOR], VISITOR),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        (None, [VISITOR], None),
    ],
)
def test_the_last_hop_that_is_none_of_our_proxies_is_the_visitor(
    set_env: SetEnv, kind: str, peer: str | None, lines: list[str], address: str | None
) -> None:
    set_env(trusted_proxies="10.0.0.0/8, fd00::/8")
    assert seen(peer, *lines, kind=kind)[0] == address


@pytest.mark.parametrize(
    ("peer", "proto", "kind", "scheme"),
    [
        (FRONT, "https", "http", "https"),
        (FRONT, "https", "websocket", "wss"),
        (FRONT, "http", "http", "http"),
        (FRONT, "https, http", "http", "http"),
        (VISITOR, "https", "http", "http"),
        (VISITOR, "https", "websocket", "ws"),
    ],
)
def test_only_a_proxy_of_ours_makes_it_https(set_env: SetEnv, peer: str, proto: str, kind: str, scheme: str) -> None:
    set_env(trusted_proxies=FRONT)
    assert seen(peer, proto=proto, kind=kind)[1] == scheme


def test_unless_named_only_a_proxy_on_this_machine_is_ours_and_only_where_there_must_be_one(set_env: SetEnv) -> None:
    assert seen("127.0.0.1", VISITOR)[0] == "127.0.0.1"
    set_env(public_url="https://voice.example.in")
    assert seen("127.0.0.1", VISITOR)[0] == VISITOR
    assert seen("::1", VISITOR)[0] == VISITOR
    assert seen(FRONT, VISITOR)[0] == FRONT
    set_env(trusted_proxies=FRONT)
    assert seen("127.0.0.1", VISITOR)[0] == "127.0.0.1"


def test_a_proxy_that_nobody_named_is_complained_of_once(set_env: SetEnv, logged: Logged) -> None:
    seen("9.9.9.9", LIAR)  # a visitor who lies is not worth a line
    assert not logged("proxy_not_trusted")
    seen(FRONT, VISITOR)
    assert [line["peer"] for line in logged("proxy_not_trusted")] == [FRONT]


def test_a_network_that_is_none_is_refused(set_env: SetEnv) -> None:
    set_env(trusted_proxies="10.0.0.0/8, front")
    with pytest.raises(EnvError, match="TRUSTED_PROXIES"):
        get_env()


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
    ],
)
def test_an_ipv6_address_counts_by_its_network(address: str, bucket: str) -> None:
    assert bucket_of(RequestFactory().get("/", REMOTE_ADDR=address)) == bucket
