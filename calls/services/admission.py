"""May a call start? If so, write it down; if not, say why before any room exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, Q
from pydantic import ValidationError

from agents.contract import AgentConfig
from agents.models import AgentProfile
from agents.origins import require_origin
from agents.published import PublishedAgent
from agents.services import trial_version
from agents.sources import find_agent
from calls.live import tell
from calls.models import Call
from calls.services.caps import require_day_left
from calls.services.continuing import call_to_continue
from calls.workers import free_slots, heartbeats, held_calls
from vaani.env import get_env
from vaani.logs import get_logger
from vaani.problems import Code, Problem

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

log = get_logger(__name__)

_ADMISSION_LOCK = 0x7661616E  # one admission at a time, so that two visitors never get one slot
RETRY_SECONDS = 10

# Why nobody can take the call now, by its code.
_REFUSALS: dict[Code, str] = {
    "no_worker": "Nobody can take calls at the moment. Please try again soon.",
    "no_capacity": "Everyone is talking to somebody. Please try again soon.",
    "speech_full": "All lines of the speech provider are taken. Please try again soon.",
    "agent_full": "This agent is talking to as many people as it may. Please try again soon.",
    "site_full": "This site is taking as many calls as it may. Please try again soon.",
}


def start_call(
    *,
    agent_id: str,
    language: str = "",
    voice: str = "",
    visitor_name: str = "",
    consent: dict[str, Any] | None = None,
    source: dict[str, str] | None = None,
    origin: str = "",
    visitor_key: str = "",
    typed: bool = False,
) -> Call:
    """Admit a visitor: a `Call` pinned to the agent's published version.

    `origin` is the site whose page asks, empty when none but ours does. With the `visitor_key` of a call that was cut
    off, and has not ended, it is that call; soon after its end a new one that continues it, in the language and voice
    and with the name, consent and source of the old one where no others are given. A key that fits nothing costs nobody
    the call.

    Raises `Problem`: 404 unknown agent, 403 a site that the agent does not allow, 422 unoffered language,
    voice or typing, 409 paused agent, 503 with one of the codes of `_REFUSALS` when there is no room for it,
    or with `daily_limit` when the day's cap is reached.
    Leaves no row behind when it raises. Asks Postgres and Redis only, and n8n for an agent that n8n feeds.
    """
    agent = find_agent(agent_id)
    require_origin(agent, origin)
    cut_off = call_to_continue(visitor_key, agent.agent_pk) if visitor_key else None
    if cut_off and cut_off.ended_at is None:
        return cut_off
    _require_enabled(agent)
    if typed and not agent.config.text_chat:
        raise Problem(422, "typing_not_offered", f"{agent.config.name} takes no typed calls.", field="typed")
    if cut_off:
        # What is not offered any more is not asked for again.
        language = language or (cut_off.language if cut_off.language in agent.config.languages else "")
        voice = voice or (cut_off.voice if cut_off.voice in agent.config.voices else "")
    call = Call(
        agent_id=agent.agent_pk,
        version_id=agent.version_pk,
        visitor_name=visitor_name or (cut_off.visitor_name if cut_off else ""),
        consent=consent or (cut_off.consent if cut_off else {}),
        source=source or (cut_off.source if cut_off else {}),
        continues=cut_off,
        typed=typed,
        **_choices(agent.config, language, voice),
    )
    require_day_left(agent.agent_pk)
    return _admit(call, agent_id, agent.max_calls)


def may_try_drafts(user: User | AnonymousUser) -> bool:
    """Whether this person may start trials."""
    return user.is_staff and user.has_perm("agents.change_agentprofile")


def start_trial(profile: AgentProfile, *, language: str = "", voice: str = "", typed: bool, staff: str) -> Call:
    """Let staff talk to an agent's draft, by voice or by typing. The call is pinned to a snapshot of it.

    A trial needs a free slot like any call, counts to no cap on visitors' calls, and works on paused
    agents. Raises `Problem`: 422 unfinished draft, unoffered language or voice, 503 no room for it.
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


def start_sample(agent_id: str, *, language: str) -> Call:
    """Let a scripted caller ring an agent, by voice: the call is pinned to its published version.

    A sample needs a free slot like any call, and counts to no cap on visitors' calls. Raises `Problem`: 404 an agent
    that is unknown or not published, 409 a paused one, 422 unoffered language, 503 no room for it.
    """
    agent = find_agent(agent_id)
    _require_enabled(agent)
    call = Call(
        kind=Call.Kind.SAMPLE,
        agent_id=agent.agent_pk,
        version_id=agent.version_pk,
        source={"sample": "a scripted caller"},
        **_choices(agent.config, language, ""),
    )
    return _admit(call, agent_id)


def _require_enabled(agent: PublishedAgent) -> None:
    if not agent.enabled:
        raise Problem(409, "agent_paused", agent.pause_note or "This agent is not taking calls now.", field="agentId")


def _admit(call: Call, agent_id: str, agent_cap: int | None = None) -> Call:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADMISSION_LOCK])
        if code := _refusal(call, agent_cap):
            log.warning("call_refused", agent_id=agent_id, code=code)
            raise Problem(503, code, _REFUSALS[code], retry_after=RETRY_SECONDS)
        call.save(force_insert=True)
        if call.continues_id:
            tell(call.continues_id)
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


def _refusal(call: Call, agent_cap: int | None) -> Code | None:
    """Code of what is full, None when there is room for the call. Under the lock only."""
    beats = heartbeats()
    if not beats:
        return "no_worker"
    # A call counts once: in its worker's heartbeat, or here while no worker tells of it yet.
    held = held_calls(beats)
    visitors = Q(kind=Call.Kind.VISITOR)
    taken = (Call.objects.holding_a_slot() | Call.objects.filter(pk__in=held)).aggregate(
        coming=Count("pk", filter=~Q(pk__in=held)),
        heard=Count("pk", filter=Q(typed=False)),
        agents=Count("pk", filter=visitors & Q(agent=call.agent_id)),
        sites=Count("pk", filter=visitors),
    )
    env = get_env()
    if call.kind == Call.Kind.VISITOR and agent_cap is not None and taken["agents"] >= agent_cap:
        return "agent_full"
    if call.kind == Call.Kind.VISITOR and env.max_calls and taken["sites"] >= env.max_calls:
        return "site_full"
    if not call.typed and env.sarvam_stt_sockets and taken["heard"] >= env.sarvam_stt_sockets:
        return "speech_full"
    return "no_capacity" if taken["coming"] >= free_slots(beats) else None
