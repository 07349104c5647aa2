"""The one server: every provider's paths under `/{call_id}/`, the control endpoint and `/health`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal

from aiohttp import web

from local.sandbox import control, llm, speaking, stt, tts
from local.sandbox.ledger import Book

log = logging.getLogger(__name__)

HOST = "127.0.0.1"


async def health(_request: web.Request) -> web.Response:
    """Say that the server runs."""
    return web.json_response({"status": "healthy"})


def make_app() -> web.Application:
    """The application, with an empty book of calls."""
    app = web.Application(client_max_size=32 * 1024**2)
    app[control.BOOK] = Book()
    app.add_routes(
        [
            web.get("/health", health),
            web.put("/control/calls/{call_id}", control.put_call),
            web.get("/control/calls/{call_id}", control.get_call, allow_head=False),
            web.delete("/control/calls/{call_id}", control.delete_call),
            web.get("/control/calls/{call_id}/ledger", control.get_ledger),
            web.get("/{call_id}/sarvam/speech-to-text/ws", stt.socket),
            web.post("/{call_id}/sarvam/speech-to-text", stt.recognize),
            web.get("/{call_id}/sarvam/text-to-speech/ws", tts.socket),
            web.post("/{call_id}/sarvam/text-to-speech", tts.synthesize),
            web.get("/{call_id}/{provider:groq|openai}/v1/models", llm.models),
            web.post("/{call_id}/{provider:groq|openai}/v1/chat/completions", llm.complete),
        ]
    )
    return app


async def start(port: int, app: web.Application | None = None) -> web.AppRunner:
    """Serve on loopback and return the runner, whose `cleanup` ends it. Port 0 takes a free one."""
    # Cancelling a handler when its client has gone is what lets a hanging answer end.
    runner = web.AppRunner(app or make_app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    return runner


def address(runner: web.AppRunner) -> str:
    """`host:port` at which a runner serves."""
    host, port = runner.addresses[0][:2]
    return f"{host}:{port}"


async def serve(port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    await asyncio.to_thread(speaking.speech_wav, "जी")  # the voices are loaded, or found missing, before anybody waits
    runner = await start(port)
    log.info("sandbox ready on http://%s", address(runner))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    try:
        await stop.wait()
    finally:
        await runner.cleanup()
