"""One run: a live call, one fault at a random moment of it, and each promise beside what was observed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from subprocess import Popen

from playwright.sync_api import Browser

from agents.languages import LANGUAGES
from local.stack import Stack
from tests.e2e.waiting import until
from tests.faults.caller import AFTER_ANSWER, AFTER_LAST, LINES, Caller, longest_wait
from tests.faults.inflict import Scene, heartbeats, second_worker
from tests.faults.ledger import UNCERTAIN, Books, Provided, Stored, Witness, provided, stored
from tests.faults.matrix import ENDED_WITHIN, LONGEST_WAIT, SPOKEN_WITHIN, Fault

EARLIEST = 0.5  # seconds after the agent's first word
LONGEST_CALL = 150.0
SETTLED_WITHIN = 60.0  # seconds after a call ended: what does not come is waited for 30 s
PATIENT = """
from agents.contract import TurnTaking
from agents.defaults import demo_config
from agents.models import AgentProfile
from agents.services import create_profile, publish
patience = {"agent_id": "patient", "turn_taking": TurnTaking(ask_after=120, leave_after=120)}
if not AgentProfile.objects.filter(agent_id="patient").exists():
    patient = create_profile(demo_config().model_copy(update=patience), source="admin")
    publish(patient, author=None, author_name="faults")
"""


@dataclass(frozen=True)
class Check:
    """One promise: what was promised and what was observed, as printed. `seconds` is set where it was measured in them."""

    name: str
    promised: str
    observed: str
    kept: bool
    seconds: float | None = None


@dataclass
class Run:
    """What came of one call."""

    fault: Fault
    seed: int
    call_id: str = ""
    struck_at: float = 0.0  # seconds after the agent's first word
    checks: list[Check] = field(default_factory=list)
    counted: str = ""

    @property
    def kept(self) -> bool:
        return all(check.kept for check in self.checks)

    def promise(self, name: str, limit: float, seconds: float | None) -> None:
        """Check a time."""
        observed = "never" if seconds is None else f"{seconds:.1f} s"
        kept = seconds is not None and seconds <= limit
        self.checks.append(Check(name, f"within {limit:g} s", observed, kept, seconds))

    def expect(self, name: str, promised: str, broken: list[str]) -> None:
        """Check something that holds or does not: `broken` says how it does not."""
        self.checks.append(Check(name, promised, "; ".join(broken) or "so", not broken))


def hold(fault: Fault, seed: int, stack: Stack, browser: Browser) -> Run:
    """Hold a call, let the fault strike, and judge. The stack is whole again afterwards."""
    run = Run(fault, seed)
    await_well(stack)
    around: AbstractContextManager[Popen[bytes] | None] = second_worker(stack) if fault.two_workers else nullcontext()
    with around as second:
        caller = Caller(browser, stack)
        scene = Scene(stack, browser, caller, second)
        try:
            caller.dial(fault.agent)
            run.call_id = caller.call_id
            with Witness(stack, caller.call_id) as witness:
                _converse(run, scene)
                caller.leave()
                _judge(run, scene, witness)
        finally:
            caller.leave()
    await_well(stack)
    return run


def prepare(stack: Stack) -> None:
    """Publish the agent who lets a silent caller be, beside the demo agent."""
    stack.run_manage("shell", "-v0", "-c", PATIENT)


def await_well(stack: Stack) -> None:
    """Wait until everything runs, and the stack's worker, and no ghost of another, says that it has a free slot."""
    for name in ("postgres", "redis", "livekit", "web", "live", "watch", "worker"):
        stack.wait(name)

    def well() -> bool:
        beats = heartbeats(stack)
        own = [beat for beat in beats if beat.worker_id.endswith(f"-{stack.pid('worker')}")]
        return len(beats) == len(own) == 1 and own[0].slots > len(own[0].active)

    until(well, 90, "a free worker")


def _converse(run: Run, scene: Scene) -> None:
    """From the agent's first word to the end of the call for its caller."""
    fault, caller = run.fault, scene.caller
    run.struck_at = round(random.Random(run.seed).uniform(EARLIEST, fault.latest), 1)
    caller.talk(lambda: caller.heard_after(0) is not None, 60)
    first = caller.heard_after(0)
    assert first is not None, "no agent came to a call that nothing had befallen"
    if fault.by_caller:
        caller.talk(lambda: time.time() >= first + run.struck_at, LONGEST_CALL)
        _strike(fault, scene)
    else:
        striking = threading.Timer(first + run.struck_at - time.time(), _strike, [fault, scene])
        striking.start()
        caller.talk(lambda: _said_all(fault, scene), LONGEST_CALL)
        striking.join()
    caller.talk(lambda: _said_all(fault, scene), LONGEST_CALL)
    caller.hang_up()


def _strike(fault: Fault, scene: Scene) -> None:
    scene.began = time.time()
    try:
        fault.strike(scene)
    except Exception as error:
        scene.broken.append(f"{type(error).__name__}: {error}")
    scene.over = scene.over or time.time()


def _said_all(fault: Fault, scene: Scene) -> bool:
    """Whether the person has nothing more to say, and the agent has had its time to take leave."""
    caller = scene.caller
    if not scene.over:
        return False
    patience = AFTER_LAST if fault.lines == LINES else AFTER_ANSWER
    return caller.still_for() > patience and provided(scene.stack, caller.call_id).lines >= fault.lines


def _judge(run: Run, scene: Scene, witness: Witness) -> None:
    fault, caller, stack = run.fault, scene.caller, scene.stack
    run.promise("call ended", ENDED_WITHIN, _seconds_until(witness, {"ended", "settled"}, caller.gone_at))
    run.promise("call settled", ENDED_WITHIN + SETTLED_WITHIN, _seconds_until(witness, {"settled"}, caller.gone_at))
    run.expect("final stays", "final", witness.changes)
    run.promise("longest wait", LONGEST_WAIT, longest_wait(caller.diary, caller.gone_at))
    outside, inside = provided(stack, caller.call_id), stored(stack, caller.call_id)
    uncertain = [(scene.began - UNCERTAIN, scene.over)] if fault.kills else []
    before = scene.began - UNCERTAIN if fault.kills else scene.began
    books = Books(outside, inside, caller.lines, caller.lines_at(before), fault.kills, uncertain)
    run.counted = books.counted
    run.expect("nothing lost", "no difference", books.differences())
    run.expect("its own", fault.promise, [*scene.broken, *_own(run, scene, outside, inside)])


def _seconds_until(witness: Witness, statuses: set[str], since: float) -> float | None:
    """Seconds from `since` until the call was seen in one of the statuses, which is waited for."""
    while not (seen := [witness.seen[status] for status in statuses & witness.seen.keys()]):
        if time.time() > since + ENDED_WITHIN + SETTLED_WITHIN:
            return None
        time.sleep(0.1)
    return max(0.0, min(seen) - since)


def _own(run: Run, scene: Scene, outside: Provided, inside: Stored) -> Iterator[str]:
    """How the fault's own promise was broken."""
    fault, caller = run.fault, scene.caller
    if fault.then == "goes on":
        if len(inside.attempts) != 1:
            yield f"{len(inside.attempts)} agents had the call"
        if inside.reason not in ("agent_ended", "visitor_left"):
            yield f"it ended because: {inside.reason}"
        if inside.reason != "agent_ended" and not caller.heard_after(scene.over):
            yield "the agent was not heard again"
    elif fault.then == "resumed":
        heard = caller.heard_after(scene.began + 1)
        words = LANGUAGES["en-IN"].resumed
        # The person may interrupt it.
        if not any(words.startswith(line.text) for line in caller.lines if line.text):
            yield "no other agent said that it goes on"
        elif heard is None or heard - scene.began > fault.within:
            yield f"it was heard after {(heard or 0) - scene.began:.1f} s"
    elif fault.then == "answered":
        yield from _answered(run, scene, outside, inside)
    elif fault.then == "ended":
        ended = next(check for check in run.checks if check.name == "call ended").seconds
        if ended is None or ended > fault.within:
            yield f"noticed after {ended} s"


def _answered(run: Run, scene: Scene, outside: Provided, inside: Stored) -> Iterator[str]:
    caller = scene.caller
    if not outside.failed:
        yield "the provider was never asked"
        return
    failed_at, _kind = outside.failed[0]
    waited = caller.told_after(failed_at)
    run.promise("told", SPOKEN_WITHIN, waited)
    kinds = {kind for _attempt, _seq, kind in inside.events}
    if run.fault.records and not kinds & {"provider_failed", "llm_failed"}:
        yield f"staff are not told: {sorted(kinds)}"
    if len(inside.attempts) != 1:
        yield f"{len(inside.attempts)} agents had the call"
