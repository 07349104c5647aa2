"""Rows and messages that tests begin with. Every value has a default; name only those the test is about."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from agents.contract import (
    WORKER_AUDIENCE,
    AgentConfig,
    CallEnded,
    ClaimRequest,
    EventMessage,
    TurnMessage,
)
from agents.defaults import demo_config
from agents.models import AgentProfile, Example, ExampleRun
from agents.services import create_profile, publish, trial_version
from calls.models import Call
from calls.services.claims import claim_call
from vaani.env import get_env

START = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)


def agent_config(**parts: Any) -> AgentConfig:
    """The demo agent's profile, with `parts` in place of its own."""
    return AgentConfig.model_validate(demo_config().model_dump() | parts)


def make_agent(
    *,
    published: bool = True,
    source: AgentProfile.Source = AgentProfile.Source.ADMIN,
    **parts: Any,
) -> AgentProfile:
    """The demo agent, or one that differs from it by `parts` of the profile."""
    profile = create_profile(agent_config(**parts), source=source)
    if published:
        publish(profile, author=None, author_name="test")
    return profile


def make_example(agent: AgentProfile, **values: Any) -> Example:
    """An example of an agent that asks for its language to be kept."""
    defaults = {"agent": agent, "name": "Hours", "language": "hi-IN", "lines": ["कब खुला है?"]}
    return Example.objects.create(**{**defaults, **values})


def run_results(example: Example, *statuses: ExampleRun.Status) -> None:
    """Runs of an example against its agent's draft that came out so."""
    version = trial_version(example.agent)
    for attempt, status in enumerate(statuses, 1):
        example.runs.create(version=version, attempt=attempt, status=status)


def make_call(agent: AgentProfile, **values: Any) -> Call:
    """A call of an agent that nobody had to admit."""
    defaults = {"agent": agent, "version": agent.published, "language": "hi-IN", "voice": "arya"}
    return Call.objects.create(**{**defaults, **values})


def live_call(agent: AgentProfile, **values: Any) -> Call:
    """A call in the hands of job `job-1` of worker `worker-1`."""
    call = make_call(agent, **values)
    claim_call(call.pk, ClaimRequest(job_id="job-1", worker_id="worker-1"))
    call.refresh_from_db()
    return call


def said(call: Call, n: int, text: str = "हाँ", **parts: Any) -> TurnMessage:
    """A turn as a job sends it; `parts` are fields of `TurnMessage`."""
    defaults = {"attempt": 1, "role": "visitor", "started_at": START + timedelta(seconds=n)}
    return TurnMessage.model_validate({"call_id": call.pk, "n": n, "text": text, **defaults, **parts})


def happened(call: Call, n: int, kind: str = "tool_called", **detail: Any) -> EventMessage:
    """An event as the first job of a call sends it."""
    at = START + timedelta(seconds=n)
    return EventMessage(call_id=call.pk, attempt=1, n=n, kind=kind, at=at, detail=detail)


def over(call: Call, n: int, reason: str = "agent_ended", *, attempt: int = 1, at: datetime | None = None) -> CallEnded:
    """A job's last message, of just now: its attempt is over after item `n`."""
    return CallEnded(call_id=call.pk, attempt=attempt, n=n, reason=reason, at=at or datetime.now(UTC))


def ago(call_id: UUID, field: str, **age: float) -> None:
    """Move a time of a call into the past, by `timedelta`'s arguments."""
    Call.objects.filter(pk=call_id).update(**{field: datetime.now(UTC) - timedelta(**age)})


def worker_bearer(**claims: Any) -> str:
    """A worker's token; `claims` replace its own, and None leaves one out."""
    env = get_env()
    own = {"iss": env.livekit_api_key, "sub": "worker-1", "aud": WORKER_AUDIENCE, "exp": int(time.time()) + 60}
    kept = {name: value for name, value in (own | claims).items() if value is not None}
    return jwt.encode(kept, env.livekit_api_secret, algorithm="HS256")
