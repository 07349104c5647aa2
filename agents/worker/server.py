"""The worker: LiveKit's AgentServer with a warm process a call, its heartbeat, and its journal's keeper."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from contextlib import suppress
from uuid import UUID

from livekit.agents import AgentServer

from agents.contract import AGENT_NAME
from agents.worker import job
from agents.worker.heartbeat import Heart
from agents.worker.keys import check_keys
from agents.worker.recording import send_recordings_forever
from agents.worker.replay import replay_forever
from vaani.env import Env, get_env
from vaani.logs import get_logger

log = get_logger(__name__)

DRAIN_SECONDS = 3600  # the longest call there can be


def run_worker() -> None:
    """Take calls until SIGTERM or SIGINT, then let those under way finish. A second signal stops at once."""
    # Jobs inherit the environment, and so know whose they are.
    os.environ["WORKER_ID"] = get_env().worker_id or f"{socket.gethostname()}-{os.getpid()}"
    get_env.cache_clear()
    asyncio.run(_run(get_env()))


def make_server(env: Env) -> AgentServer:
    """An AgentServer that counts calls, not processor load.

    By the framework's own measure a busy machine refuses jobs, and LiveKit never offers them again.
    """
    server = AgentServer(
        ws_url=env.livekit_url,
        api_key=env.livekit_api_key,
        api_secret=env.livekit_api_secret,
        host="127.0.0.1",
        port=0,
        setup_fnc=job.setup,
        num_idle_processes=1,
        drain_timeout=DRAIN_SECONDS,
        shutdown_process_timeout=30,
        initialize_process_timeout=60,
        load_fnc=lambda server: len(server.active_jobs) / env.worker_slots,
        load_threshold=0.99,
        preload_modules=["agents.worker.job"],
    )
    server.rtc_session(job.entrypoint, agent_name=AGENT_NAME, on_session_end=job.on_session_end)
    return server


def live_calls(server: AgentServer) -> list[UUID]:
    """Calls in the hands of this worker's jobs."""
    calls = []
    for running in server.active_jobs:
        with suppress(ValueError, KeyError):
            calls.append(UUID(json.loads(running.job.metadata)["call_id"]))
    return calls


async def _run(env: Env) -> None:
    server = make_server(env)
    registered = asyncio.Event()
    server.on("worker_registered", lambda *_: registered.set())
    heart = Heart(
        env.redis_url,
        env.worker_id,
        slots=lambda: env.worker_slots if registered.is_set() and not server.draining else 0,
        live_calls=lambda: live_calls(server),
    )
    told_to_stop = _on_signal()
    serving = asyncio.create_task(server.run(devmode=False))
    aside = [
        asyncio.create_task(heart.beat_forever()),
        asyncio.create_task(replay_forever(env, env.worker_id, heart.backlog)),
        asyncio.create_task(send_recordings_forever(env, env.worker_id)),
        asyncio.create_task(_tell_keys(env, heart)),
    ]
    log.info("worker_started", worker=env.worker_id, slots=env.worker_slots)
    await asyncio.wait({serving, asyncio.create_task(told_to_stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()  # raises why LiveKit could not be reached; whoever started us starts us again
    told_to_stop.clear()
    log.info("worker_draining", calls=len(server.active_jobs))
    await heart.beat()
    draining = asyncio.create_task(server.drain())
    await asyncio.wait({draining, asyncio.create_task(told_to_stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
    await server.aclose()
    for task in (*aside, draining):
        task.cancel()
    await heart.rest()
    with suppress(asyncio.CancelledError):
        await serving
    log.info("worker_stopped", worker=env.worker_id)


async def _tell_keys(env: Env, heart: Heart) -> None:
    heart.keys = {provider: check.state for provider, check in (await check_keys(env)).items()}


def _on_signal() -> asyncio.Event:
    event = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, event.set)
    return event
