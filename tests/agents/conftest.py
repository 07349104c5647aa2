"""A real HTTP server in n8n's place, well and unwell."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conftest import SetEnv

Respond = Callable[[BaseHTTPRequestHandler], None]


def answer(body: Any, status: int = 200) -> Respond:
    """Answer with `body`, as JSON unless it is bytes."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    return respond


class N8n:
    """An n8n with one webhook: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.respond = answer({"name": "Kaveri"})
        self.answered_late = False
        self.closing = threading.Event()  # frees whoever hangs
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                server.asked.append((url.path, dict(parse_qsl(url.query))))
                server.respond(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def hang(self, request: BaseHTTPRequestHandler) -> None:
        """Answer well, but six seconds late."""
        if not self.closing.wait(6):
            self.answered_late = True
            with suppress(OSError):  # the asker gave up
                answer({"name": "Kaveri"})(request)

    def trickle(self, request: BaseHTTPRequestHandler) -> None:
        """Begin at once and never come to the end, each byte within any limit between bytes."""
        request.send_response(200)
        request.end_headers()
        with suppress(OSError):
            while not self.closing.wait(0.02):
                request.wfile.write(b" ")
                request.wfile.flush()

    def flood(self, request: BaseHTTPRequestHandler) -> None:
        """More than any profile, and no end."""
        request.send_response(200)
        request.end_headers()
        with suppress(OSError):
            while not self.closing.is_set():
                request.wfile.write(b" " * 65536)


@pytest.fixture
def server(set_env: SetEnv) -> Iterator[N8n]:
    n8n = N8n()
    thread = threading.Thread(target=n8n.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    set_env(n8n_base_url=n8n.url + "/")
    yield n8n
    n8n.closing.set()
    n8n.http.shutdown()
    thread.join()
    n8n.http.server_close()
