"""Every fault, and what is promised of a call that it befalls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tests.faults import inflict
from tests.faults.caller import LINES
from tests.faults.inflict import Strike

LONGEST_WAIT = 12.0  # seconds, having spoken, without hearing the agent or seeing why
ENDED_WITHIN = 60.0  # seconds after its end in which no call is live any more
SPOKEN_WITHIN = 5.0  # seconds from a provider's failure to what is heard of it: 3 in the job, and the way of the sound

# What becomes of the call. `goes on`: with the same agent to its end; `resumed`: by another one that says so;
# `told`: it goes on, or the person is told; `answered`: it goes on, the person answered or told at once, and staff
# see why; `ended`: the person has left, and that is noticed.
Then = Literal["goes on", "resumed", "told", "answered", "ended"]


@dataclass(frozen=True)
class Fault:
    """A fault and its own promises, beside those of every call: nothing lost, no long wait, and an end.

    `within`: seconds to another agent's voice, or to the end of a call whose person left. `strike` runs beside the
    call, or between the person's own words when `by_caller`. `two_workers`: another worker is there to take calls.
    """

    name: str
    strike: Strike
    then: Then
    within: float = 0.0
    by_caller: bool = False
    two_workers: bool = False
    kills: bool = False  # a job, so that its attempt has no end of its own
    records: bool = True  # a provider's failure, on the call
    agent: str = "demo"
    lines: int = LINES  # the person says before hanging up; with all of them the agent takes leave
    latest: float = 20.0  # seconds after the agent's first word at which it strikes at the latest

    @property
    def promise(self) -> str:
        """The fault's own promise, in words."""
        return {
            "goes on": "the same agent goes on to the end",
            "resumed": f"another agent within {self.within:g} s, which says so",
            "told": "goes on, or says why",
            "answered": f"answered or told within {SPOKEN_WITHIN:g} s, and recorded",
            "ended": f"noticed within {self.within:g} s",
        }[self.then]


PROCESSES = [
    Fault("kill -9 job", inflict.kill_job, "resumed", 5, kills=True),
    Fault("kill -9 worker, of two", inflict.kill_worker, "resumed", 30, two_workers=True, kills=True),
    Fault("kill -9 worker, the only one", inflict.kill_worker, "told", kills=True),
    Fault("SIGTERM worker, of two", inflict.drain, "goes on", two_workers=True, by_caller=True, latest=8),
    Fault("kill -9 Celery before it commits", inflict.kill_celery_before_commit, "goes on", latest=8),
    Fault("Postgres restarted", inflict.restart("postgres"), "goes on"),
    Fault("Postgres killed", inflict.kill("postgres"), "goes on"),
    Fault("Redis restarted", inflict.restart("redis"), "goes on"),
    Fault("Redis flushed", inflict.flush_redis, "goes on"),
    Fault("LiveKit killed", inflict.kill("livekit"), "told"),
    Fault("LiveKit restarted", inflict.restart("livekit"), "told"),
    Fault("the job stops 30 s", inflict.pause(inflict.the_job), "told", kills=True),
    Fault("the worker stops 30 s", inflict.pause(inflict.part("worker")), "told", kills=True),
    Fault("Celery stops 30 s", inflict.pause(inflict.part("live")), "goes on"),
    Fault("Postgres stops 30 s", inflict.pause(inflict.part("postgres")), "goes on"),
    Fault("Redis stops 30 s", inflict.pause(inflict.part("redis")), "goes on"),
    Fault("LiveKit stops 30 s", inflict.pause(inflict.part("livekit")), "told"),
    Fault("the web server stops 30 s", inflict.pause(inflict.part("web")), "goes on"),
    Fault("the watch stops 30 s", inflict.pause(inflict.part("watch")), "goes on"),
]
PEOPLE = [
    Fault("tab closed", inflict.close_tab, "ended", 45, by_caller=True),
    Fault("network cut", inflict.cut_network, "ended", 60, by_caller=True),
    Fault("microphone muted 70 s", inflict.mute, "goes on", by_caller=True, agent="patient", latest=8),
]
_KINDS = {
    "refuses the key": {"kind": "refuse_key"},
    "answers 429": {"kind": "rate_limit"},
    "answers 429, Retry-After": {"kind": "rate_limit", "retry_after": 20},
    "answers 500": {"kind": "error"},
    "hangs": {"kind": "hang"},
    "drips": {"kind": "drip"},
    "resets": {"kind": "reset"},
    "talks garbage": {"kind": "garbage"},
    "closes politely": {"kind": "close"},
}
# Slow words are words, and a reply that ends with a whole sentence looks whole.
_UNNOTICED = [("STT", "drips"), ("LLM", "closes politely")]
PROVIDERS = [
    Fault(
        f"{part} {name}",
        inflict.provider(part.lower(), **fault),  # type: ignore[arg-type]
        "answered",
        records=(part, name) not in _UNNOTICED,
        latest=8,
        lines=3,
    )
    for part in ("STT", "LLM", "TTS")
    for name, fault in _KINDS.items()
]
MATRIX = [*PROCESSES, *PEOPLE, *PROVIDERS]

# For `make test`: much in few calls.
SHORT = [
    Fault(
        "Celery killed before it commits, then Postgres, then Redis flushed",
        inflict.several(inflict.kill_celery_before_commit, inflict.kill("postgres"), inflict.flush_redis),
        "goes on",
        latest=2,
        lines=2,
    ),
    Fault("LiveKit killed", inflict.kill("livekit"), "told", latest=4, lines=1),
    Fault("LLM hangs", inflict.provider("llm", "hang"), "answered", latest=2, lines=1),
    Fault("tab closed", inflict.close_tab, "ended", 45, by_caller=True, latest=4),
]
