"""Reading what another server answers, however much it sends. Imports no Django."""

from __future__ import annotations

import aiohttp


class TooLargeError(Exception):
    """The answer is larger than it may be. The text goes on after "the answer"."""


async def read_answer(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole body. Raises `TooLargeError` as soon as it has more than `most` bytes."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > most:
            raise TooLargeError(f"is larger than {most} bytes")
    return bytes(body)
