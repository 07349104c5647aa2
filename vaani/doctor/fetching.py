"""Asking an address over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

SECONDS = 5
_MOST_BYTES = 20_000


class FetchError(Exception):
    """Nobody answered. The text says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: its status, the beginning of its text, and the sender's clock when it told it."""

    status: int
    text: str
    date: datetime | None


def fetch(url: str, **parameters: str) -> Page:
    """Ask with GET, for 5 s at most. Raises `FetchError`."""
    return asyncio.run(_fetch(url, parameters))


async def _fetch(url: str, parameters: dict[str, str]) -> Page:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.get(url, params=parameters) as answer,
        ):
            text = (await answer.content.read(_MOST_BYTES)).decode(errors="replace")
            date = answer.headers.get("Date")
            return Page(answer.status, text, parsedate_to_datetime(date) if date else None)
    except TimeoutError as error:
        raise FetchError(f"no answer within {SECONDS} s") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise FetchError(str(error) or type(error).__name__) from error


def http_address(socket_address: str) -> str:
    """A `ws://` or `wss://` address as the `http` one of the same server."""
    parts = urlsplit(socket_address)
    return parts._replace(scheme="https" if parts.scheme == "wss" else "http").geturl()
