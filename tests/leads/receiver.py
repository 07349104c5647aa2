"""A real HTTP server that deliveries are sent to, well and unwell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from leads.models import Endpoint
from leads.signing import shown_to_libraries

Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, endpoint: Endpoint) -> Any:
        """What it says, if the library of Standard Webhooks takes its signature; it raises otherwise."""
        return Webhook(shown_to_libraries(endpoint.key)).verify(self.body, self.headers)


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Respond:
    """Answer with this; header names have `_` for `-`."""

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        with suppress(OSError):  # the sender needs only the beginning
            request.wfile.write(body)

    return respond


class Receiver:
    """What came, in `received`; the next answers, in `plan`, and `respond` when there is none."""

    def __init__(self, address: str) -> None:
        self.received: list[Received] = []
        self.plan: list[Respond] = []
        self.respond: Respond = answer()
        self.closing = threading.Event()  # frees whoever hangs
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.path, headers, body))
                (receiver.plan.pop(0) if receiver.plan else receiver.respond)(self)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer((address, 0), Handler)
        self.port = self.http.server_port
        self.url = f"http://{address}:{self.port}"

    def hang(self, request: BaseHTTPRequestHandler) -> None:
        """Say nothing, for as long as the test lasts."""
        self.closing.wait(60)

    def trickle(self, request: BaseHTTPRequestHandler) -> None:
        """Begin at once and never come to the end, each byte within any limit between bytes."""
        request.send_response(200)
        request.end_headers()
        with suppress(OSError):
            while not self.closing.wait(0.02):
                request.wfile.write(b" ")
                request.wfile.flush()


@contextmanager
def receiving(address: str = "127.0.0.1") -> Iterator[Receiver]:
    """A receiver that listens on an address of this machine."""
    receiver = Receiver(address)
    thread = threading.Thread(target=receiver.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        receiver.http.shutdown()
        thread.join()
        receiver.http.server_close()
