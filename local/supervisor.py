"""The supervisor: starts processes in order, restarts what ends, stops everything, and leaves nothing behind.

PyPI's `supervisor` starts by priority without asking whether anything is ready, and its children outlive a
`kill -9` of it; those are the two promises that matter here, hence this one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import probes, processes
from local.errors import LocalError
from local.guard import Guard
from local.output import Output

FIRST_DELAY, LONGEST_DELAY = 0.5, 10.0  # seconds before a restart; doubles while a process keeps ending
STEADY = 10.0  # seconds a process must run for its delay to be forgotten
STOP_ALL = 8.0  # seconds within which everything is stopped
STOP_ONE = 5.0
RESERVE = 1.0  # seconds of STOP_ALL kept for each stage that is stopped later, and for killing at the end
TICK = 0.1


@dataclass(frozen=True)
class Process:
    """What to run, and how to tell that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: probes.Probe = probes.running
    folder: Path = Path("/")
    patience: float = 180.0  # seconds it may take to be ready
    stop_signal: signal.Signals = signal.SIGTERM
    user: int | None = None  # whom to run as, when root starts it


class Child:
    """One process under supervision, through all its restarts."""

    def __init__(self, process: Process, mark: str, output: Output, guard: Guard) -> None:
        self.process = process
        self.supervised = False  # whether it is restarted when it ends
        self._mark = f"{mark}{process.name}\0"
        self._output = output
        self._guard = guard
        self._running: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._delay = FIRST_DELAY
        self._restart_at: float | None = None

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's; 0 when it is not running."""
        return self._running.pid if self.alive and self._running else 0

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def exit_text(self) -> str:
        code = self._running.returncode if self._running else None
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def spawn(self) -> None:
        """Start it, in a session of its own: a terminal's Ctrl-C is for the supervisor to pass on, in order."""
        process = self.process
        output = self._output.attach(process.name)
        try:
            self._running = subprocess.Popen(
                process.command,
                env={**process.environment, processes.MARK: self._mark.rstrip("\0")},
                cwd=process.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=process.user,
                group=process.user,
                extra_groups=None if process.user is None else [],
            )
        except OSError as error:
            raise LocalError(
                f"{process.name} could not be started: {error.strerror} ({process.command[0]})."
            ) from error
        finally:
            os.close(output)
        self._guard.watch(self._running.pid, process.stop_signal)
        self._started = time.monotonic()
        self._restart_at = None

    def tend(self) -> None:
        """Restart it if it has ended, once its delay is over."""
        now = time.monotonic()
        if not self.supervised or self.alive:
            return
        if self._restart_at is None:
            self.kill()  # what the dead one left running would get in the new one's way
            if now - self._started > STEADY:
                self._delay = FIRST_DELAY
            self._output.say(f"{self.process.name} ended ({self.exit_text}); it starts again in {self._delay:g} s")
            self._restart_at = now + self._delay
            self._delay = min(self._delay * 2, LONGEST_DELAY)
        elif now >= self._restart_at:
            self._restart_at = now + self._delay  # stands when it cannot even be started
            self.spawn()

    def ask_to_stop(self) -> None:
        """Send its stop signal to the process itself; its descendants are its own to stop."""
        self.supervised = False
        if pid := self.pid:
            processes.send([pid], self.process.stop_signal)

    def kill(self) -> None:
        """End by force whatever is left of it: the process, its group, and descendants that left the group."""
        if self._running is None:
            return
        group = self._running.pid
        while pids := processes.find(self._mark, [group]):
            processes.send(pids, signal.SIGKILL)
            self._running.poll()  # reap it, so that it does not stay a zombie
            time.sleep(0.01)
        self._running.wait()
        self._guard.forget(group)


class Supervisor:
    """Processes in stages: a stage is started together once the one before it is ready, and stopped before it."""

    def __init__(self, mark: str, output: Output) -> None:
        self._mark = mark
        self._output = output
        self._guard = Guard(mark)
        self._stages: list[list[Child]] = []
        self._lock = threading.RLock()  # held to start, restart or stop a process
        self._closing = threading.Event()
        self._hurry = threading.Event()
        self._tender = threading.Thread(target=self._tend, name="supervisor", daemon=True)
        self._tender.start()

    def launch(self, process: Process) -> Child:
        """Start a process of the stage to come, and do not wait for it: a slow one gains that time."""
        child = Child(process, self._mark, self._output, self._guard)
        with self._lock:
            child.spawn()
        return child

    def start_stage(self, *stage: Process, launched: Sequence[Child] = ()) -> None:
        """Start `stage` together and wait until every one is ready, those of it that are `launched` too."""
        children = [*launched, *(Child(process, self._mark, self._output, self._guard) for process in stage)]
        with self._lock:
            self._stages.append(children)
            for child in children[len(launched) :]:
                child.spawn()
        self._wait_until_ready(children)

    def start(self, name: str) -> None:
        """Start a process that was stopped, and wait until it is ready."""
        child = self._child(name)
        with self._lock:
            if not child.alive:
                child.spawn()
        self._wait_until_ready([child])

    def stop(self, name: str) -> None:
        """Stop a process and what it started; it stays stopped."""
        self._stop([self._child(name)], time.monotonic() + STOP_ONE)

    def wait(self, name: str) -> None:
        """Wait until a supervised process runs and is ready, through restarts."""
        child = self._child(name)
        deadline = time.monotonic() + child.process.patience
        while not (child.alive and child.process.ready()):
            if time.monotonic() > deadline:
                raise LocalError(f"{name} did not come back. Its last lines:\n{self._output.tail(name)}")
            time.sleep(TICK)

    def pid(self, name: str) -> int:
        """Process id of `name`; 0 when it is not running."""
        return self._child(name).pid

    def hurry(self) -> None:
        """Stop being patient with processes that are stopping."""
        self._hurry.set()

    def close(self) -> None:
        """Stop every stage, last first, within STOP_ALL seconds; then make sure that nothing is left."""
        self._closing.set()
        self._tender.join()
        end = time.monotonic() + STOP_ALL
        while self._stages:
            self._stop(self._stages[-1], end - RESERVE * len(self._stages))
            self._stages.pop()
        processes.end(lambda: processes.find(self._mark), 0)
        self._guard.dismiss()

    def _stop(self, children: Sequence[Child], deadline: float) -> None:
        with self._lock:
            for child in children:
                child.ask_to_stop()
            while any(child.alive for child in children) and time.monotonic() < deadline and not self._hurry.is_set():
                time.sleep(TICK / 4)
            for child in children:
                child.kill()

    def _tend(self) -> None:
        while not self._closing.wait(TICK):
            with self._lock:
                for stage in self._stages:
                    for child in stage:
                        try:
                            child.tend()
                        except LocalError as error:  # its program was removed, say: try again later
                            self._output.say(str(error))

    def _wait_until_ready(self, children: Sequence[Child]) -> None:
        began = time.monotonic()
        waiting = list(children)
        while waiting:
            for child in list(waiting):
                name, waited = child.process.name, time.monotonic() - began
                if child.process.ready() and child.alive:
                    child.supervised = True
                    waiting.remove(child)
                    self._output.say(f"{name} is ready ({waited:.1f} s)")
                elif not child.alive:
                    raise LocalError(
                        f"{name} ended ({child.exit_text}) instead of getting ready." + self._last_lines(name)
                    )
                elif waited > child.process.patience:
                    raise LocalError(f"{name} was not ready after {waited:.0f} s." + self._last_lines(name))
            time.sleep(TICK / 2)

    def _last_lines(self, name: str) -> str:
        tail = self._output.tail(name)
        return f" Its last lines:\n{tail}" if tail else " It wrote nothing."

    def _child(self, name: str) -> Child:
        for stage in self._stages:
            for child in stage:
                if child.process.name == name:
                    return child
        names = ", ".join(child.process.name for stage in self._stages for child in stage)
        raise LocalError(f"This stack runs no {name!r}. It runs: {names}.")
