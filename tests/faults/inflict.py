"""How each fault is done: by process id to this stack's own processes, by orders to the sandbox, or by the caller."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psutil
import psycopg
import requests
from playwright.sync_api import Browser
from redis import Redis
from redis.exceptions import RedisError

from agents.contract import HEARTBEAT_PREFIX, Heartbeat
from local import processes
from local.stack import Stack
from tests.e2e.waiting import until
from tests.faults.caller import Caller
from tests.faults.ledger import provided, stored
from vaani.env import ROOT

PAUSE_SECONDS = 30.0
MUTED_SECONDS = 70.0
SECOND = "second"  # id of the second worker
EXIT_SECONDS = 30.0  # in which a worker that drains is gone after its last call


@dataclass
class Scene:
    """A call that a fault befalls, and what its promises are judged by. `began` and `over` are Unix times."""

    stack: Stack
    browser: Browser
    caller: Caller
    second: subprocess.Popen[bytes] | None = None  # another worker beside the stack's
    began: float = 0.0
    over: float = 0.0
    broken: list[str] = field(default_factory=list)  # promises of this fault alone that were seen broken

    @property
    def call_id(self) -> str:
        return self.caller.call_id


Strike = Callable[[Scene], None]


# Processes ------------------------------------------------------------------------------------


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    top = psutil.Process(pid)
    return [pid, *(child.pid for child in top.children(recursive=True))]


def busy_job(worker: int) -> int:
    """The process of a worker that holds a call: of all, the one with the most threads."""
    return max(psutil.Process(worker).children(recursive=True), key=lambda child: child.num_threads()).pid


def the_worker(scene: Scene) -> int:
    """The worker that holds the call."""
    if scene.second is not None:
        second = [beat for beat in heartbeats(scene.stack) if beat.worker_id == SECOND]
        if second and UUID(scene.call_id) in second[0].active:
            return scene.second.pid
    return scene.stack.pid("worker")


def the_job(scene: Scene) -> int:
    """The process that holds the call."""
    return busy_job(the_worker(scene))


def part(name: str) -> Callable[[Scene], int]:
    """The stack's process of that name."""
    return lambda scene: scene.stack.pid(name)


def kill_job(scene: Scene) -> None:
    os.kill(the_job(scene), signal.SIGKILL)


def kill_worker(scene: Scene) -> None:
    """The parent and every job at the same moment, as a host that is lost."""
    processes.send(tree(the_worker(scene)), signal.SIGKILL)


def kill(name: str) -> Strike:
    """End a process by force; the supervisor starts it again."""

    def strike(scene: Scene) -> None:
        scene.stack.kill(name)
        scene.stack.wait(name)

    return strike


def restart(name: str) -> Strike:
    """Stop a process as an operator does, and start it again."""
    return lambda scene: scene.stack.restart(name)


def pause(find: Callable[[Scene], int], seconds: float = PAUSE_SECONDS) -> Strike:
    """Stop a process and all below it for a while: as a machine that swaps, or a virtual one that is moved."""

    def strike(scene: Scene) -> None:
        stopped = tree(find(scene))
        processes.send(stopped, signal.SIGSTOP)
        try:
            threading.Event().wait(seconds)
        finally:
            processes.send(stopped, signal.SIGCONT)

    return strike


def several(*strikes: Strike) -> Strike:
    """One after another, in one call."""

    def strike(scene: Scene) -> None:
        for each in strikes:
            each(scene)

    return strike


def flush_redis(scene: Scene) -> None:
    with Redis.from_url(scene.stack.redis_url) as redis:
        redis.flushall()


def kill_celery_before_commit(scene: Scene) -> None:
    """Kill Celery while it stores what finishes a turn: a lock on the turn's draft holds it up, the message in hand."""
    draft = "SELECT 1 FROM calls_turn WHERE call_id = %s AND NOT final FOR UPDATE"
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE%calls_turn%'"
    with psycopg.connect(scene.stack.database_url) as lock:
        until(lambda: lock.execute(draft, [scene.call_id]).fetchone(), 60, "a turn that is being spoken")
        with psycopg.connect(scene.stack.database_url, autocommit=True) as look:
            until(lambda: look.execute(waiting).fetchone(), 60, "Celery to be about to finish it")
        scene.began = time.time()
        processes.send(tree(scene.stack.pid("live")), signal.SIGKILL)
    scene.stack.wait("live")


# Two workers ----------------------------------------------------------------------------------


def heartbeats(stack: Stack) -> list[Heartbeat]:
    """What the workers tell; nothing while Redis is away."""
    try:
        with Redis.from_url(stack.redis_url, socket_timeout=2) as redis:
            told = [redis.get(key) for key in redis.scan_iter(f"{HEARTBEAT_PREFIX}*")]
    except RedisError:
        return []
    return [Heartbeat.model_validate_json(beat) for beat in told if beat]


@contextmanager
def second_worker(stack: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """Another worker on this machine, once it may take calls. Killed on leaving, if it still runs."""
    environment = {**stack.env, "WORKER_ID": SECOND, processes.MARK: f"{stack.state.mark}{SECOND}"}
    with (stack.state.path / "logs" / "second-worker.log").open("ab") as output:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "run_worker"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: any(beat.worker_id == SECOND and beat.slots for beat in heartbeats(stack)), 90, "a second worker")
        yield worker
    finally:
        if worker.poll() is None:
            processes.send(tree(worker.pid), signal.SIGKILL)
        worker.wait()


def drain(scene: Scene) -> None:
    """Ask the worker in the call to stop: a new call goes to the other one, and the worker leaves after its own."""
    draining = psutil.Process(the_worker(scene))
    draining.terminate()
    scene.over = time.time()
    other = Caller(scene.browser, scene.stack)
    other.dial()
    other.talk(lambda: other.heard_after(0) is not None, 30)
    other.hang_up()
    other.leave()
    here, there = (stored(scene.stack, call).attempts for call in (scene.call_id, other.call_id))
    if not there or there[0][2] == here[0][2]:
        scene.broken.append(f"the new call went to {there}, the old one is with {here}")
    if not draining.is_running():
        scene.broken.append("the worker left before its call was over")
    if not scene.caller.talk(lambda: False, 120):
        scene.broken.append("the call did not come to its natural end")
    gone, _alive = psutil.wait_procs([draining], EXIT_SECONDS)
    if not gone:
        scene.broken.append(f"the worker is still there {EXIT_SECONDS:.0f} s after its call")


# Providers ------------------------------------------------------------------------------------


def provider(part: str, kind: str, **more: Any) -> Strike:
    """Let a provider fail at the next thing it is asked."""

    def strike(scene: Scene) -> None:
        order = {"faults": {part: {"kind": kind, **more}}}
        url = f"{scene.stack.sandbox_url}/control/calls/{scene.call_id}"
        requests.put(url, json=order, timeout=5).raise_for_status()
        until(lambda: provided(scene.stack, scene.call_id).failed or scene.caller.gone_at, 60, f"{part} to be asked")

    return strike


# The caller -----------------------------------------------------------------------------------


def mute(scene: Scene) -> None:
    """Say nothing for so long that the ear's connection idles out."""
    scene.caller.mute()
    unmute_at = time.time() + MUTED_SECONDS
    scene.caller.talk(lambda: time.time() >= unmute_at, MUTED_SECONDS + 5)
    if not scene.caller.gone_at:
        scene.caller.mute()


def close_tab(scene: Scene) -> None:
    scene.caller.close_tab()


def cut_network(scene: Scene) -> None:
    """Stop the browser's process that all its traffic goes through, until the end."""
    caller = scene.caller
    caller.attend()
    stopped = network_of(os.getpid())
    processes.send([stopped], signal.SIGSTOP)
    try:
        cut_at = time.time()
        caller.talk(lambda: time.time() > cut_at + 40, 60)
    finally:
        caller.gone_at = cut_at
        processes.send([stopped], signal.SIGCONT)


def network_of(above: int) -> int:
    """The network process of the one browser below a process."""
    for child in psutil.Process(above).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # others come and go meanwhile
            if "--utility-sub-type=network.mojom.NetworkService" in child.cmdline():
                return child.pid
    raise AssertionError("the browser has no network process")
