"""May a call start? If so, write it down; if not, say why before any room exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from pydantic import ValidationError

from agents.contract import AgentConfig
from agents.models import AgentProfile
from agents.services import trial_version
from agents.sources import find_agent
from calls.models import Call
from calls.workers import free_slots, heartbeats, held_calls
from vaani.logs import get_logger
from vaani.problems import Problem

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

log = get_logger(__name__)

_ADMISSION_LOCK = 0x7661616E  # one admission at a time, so that two visitors never get one slot
RETRY_SECONDS = 10


def start_call(
    *,
    agent_id: str,
    language: str = "",
    voice: str = "",
    visitor_name: str = "",
    consent: dict[str, Any] | None = None,
    source: dict[str, str] | None = None,
    origin: str = "",
) -> Call:
    """Admit a visitor: a `Call` pinned to the agent's published version.

    `origin` is the site whose page asks, empty when none but ours does.

    Raises `Problem`: 404 unknown agent, 403 a site that the agent does not allow, 422 unoffered language
    or voice, 409 paused agent, 503 when no worker has a free slot. Leaves no row behind when it raises.
    Asks Postgres and Redis only, and n8n for an agent that n8n feeds.
    """
    agent = find_agent(agent_id)
    if origin and origin not in agent.origins:
        raise Problem(
            403,
            "origin_not_allowed",
            f"Pages of {origin[:300]} may not call this agent. Add the site on the agent's page, under “Share”.",
        )
    if not agent.enabled:
        raise Problem(409, "agent_paused", agent.pause_note or "This agent is not taking calls now.", field="agentId")
    call = Call(
        agent_id=agent.agent_pk,
        version_id=agent.version_pk,
        visitor_name=visitor_name,
        consent=consent or {},
        source=source or {},
        **_choices(agent.config, language, voice),
    )
    return _admit(call, agent_id)


def may_try_drafts(user: User | AnonymousUser) -> bool:
    """Whether this person may start trials."""
    return user.is_staff and user.has_perm("agents.change_agentprofile")


def start_trial(profile: AgentProfile, *, language: str = "", voice: str = "", typed: bool, staff: str) -> Call:
    """Let staff talk to an agent's draft, by voice or by typing. The call is pinned to a snapshot of it.

    A trial needs a free slot like any call, and works on paused agents. Raises `Problem`: 422
    unfinished draft, unoffered language or voice, 503 no free slot.
    """
    try:
        version = trial_version(profile)
    except ValidationError as error:
        raise Problem(
            422, "draft_unfinished", "This draft is not finished. Save it and see what is missing."
        ) from error
    choices = _choices(version.config, language, voice)
    call = Call(kind=Call.Kind.TRIAL, agent=profile, version=version, typed=typed, source={"staff": staff}, **choices)
    return _admit(call, profile.agent_id)


def _admit(call: Call, agent_id: str) -> Call:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADMISSION_LOCK])
        _require_slot(agent_id)
        call.save(force_insert=True)
    return call


def _choices(agent: AgentConfig, language: str, voice: str) -> dict[str, str]:
    language, voice = language or agent.default_language, voice.lower() or agent.default_voice
    if language not in agent.languages:
        raise Problem(
            422,
            "unoffered_language",
            f"{agent.name} does not speak this language.",
            field="language",
            allowed=agent.languages,
        )
    if voice not in agent.voices:
        raise Problem(
            422, "unoffered_voice", f"{agent.name} does not have this voice.", field="voice", allowed=agent.voices
        )
    return {"language": language, "voice": voice}


def _require_slot(agent_id: str) -> None:
    beats = heartbeats()
    # A call counts once: in its worker's heartbeat, or here while no worker tells of it yet.
    coming = Call.objects.holding_a_slot().exclude(pk__in=held_calls(beats)).count()
    if coming < free_slots(beats):
        return
    log.warning("call_refused", agent_id=agent_id, workers=len(beats), coming=coming)
    if not beats:
        raise Problem(
            503, "no_worker", "Nobody can take calls at the moment. Please try again soon.", retry_after=RETRY_SECONDS
        )
    raise Problem(
        503, "no_capacity", "Everyone is talking to somebody. Please try again soon.", retry_after=RETRY_SECONDS
    )
