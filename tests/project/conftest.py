"""A server that is not ours, for what is looked at from outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Elsewhere:
    """Answers every request with `status`, `text` and a clock that is `ahead` of ours."""

    def __init__(self) -> None:
        self.status, self.text, self.ahead = 200, "hello", timedelta()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_HEAD()
                self.wfile.write(server.text.encode())

            def do_HEAD(self) -> None:
                self.send_response_only(server.status)
                self.send_header("Date", format_datetime(datetime.now(UTC) + server.ahead, usegmt=True))
                self.send_header("Content-Length", str(len(server.text)))
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=[0.01])
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """A server that is not ours."""
    server = Elsewhere()
    yield server
    server.close()
