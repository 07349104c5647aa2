"""Where an agent's profile comes from: what is published here, or n8n where n8n feeds it."""

from __future__ import annotations

import re

from asgiref.sync import async_to_sync
from django.core.cache import cache
from pydantic import ValidationError
from redis.exceptions import RedisError

from agents.contract import AgentConfig
from agents.defaults import default_config
from agents.models import AgentProfile
from agents.n8n import N8nError, fetch_profile
from agents.published import PublishedAgent, published_agent
from agents.services import create_profile, draft_config, publish_from_n8n
from vaani.env import get_env
from vaani.logs import get_logger
from vaani.problems import Problem

log = get_logger(__name__)

FRESH_SECONDS = 60  # a good copy from n8n is used this long, and a miss remembered
_AGENT_ID = re.compile(r"[-a-zA-Z0-9_]{1,60}")  # what fits the address /a/<id>; anything else no agent can have


def find_agent(agent_id: str, field: str = "agentId") -> PublishedAgent:
    """The agent visitors may call. Raises `Problem` 404, naming `field`, when there is none of that id."""
    found = _current(agent_id) if _AGENT_ID.fullmatch(agent_id) else None
    if found is None:
        open_ids = AgentProfile.objects.open().order_by("agent_id").values_list("agent_id", flat=True)[:20]
        raise Problem(404, "unknown_agent", "There is no agent with this id.", field=field, allowed=open_ids)
    return found


def _current(agent_id: str) -> PublishedAgent | None:
    """The agent to answer with: what is published here, brought up to date by n8n where n8n feeds it.

    Asks n8n at most once in 60 s an agent, for at most 5 s. When n8n fails: the last good copy, the
    stored profile, or the default, in that order; the log says which.
    """
    found = published_agent(agent_id)
    if not get_env().n8n_base_url:
        return found
    if found is not None and found.source != AgentProfile.Source.N8N:
        return found
    profile = AgentProfile.objects.filter(agent_id=agent_id).first()
    if profile is not None and profile.source != AgentProfile.Source.N8N:
        return None  # ours, and not published yet
    try:
        if not cache.add(f"n8n-asked:{agent_id}", "1", FRESH_SECONDS):
            return found
    except RedisError:
        return found  # without its memory every request would ask
    try:
        config = async_to_sync(fetch_profile)(agent_id, _stored(profile))
    except N8nError as error:
        return _fallback(agent_id, found, profile, str(error))
    profile = profile or create_profile(config, source=AgentProfile.Source.N8N)
    version = publish_from_n8n(profile, config)
    log.info("configuration_loaded", agent_id=agent_id, version=version.number, source="n8n")
    return published_agent(agent_id)


def _fallback(
    agent_id: str, found: PublishedAgent | None, profile: AgentProfile | None, why: str
) -> PublishedAgent | None:
    taken = "last_good_copy" if found else "none"
    if found is None and profile is not None:
        stored = _stored(profile)
        taken = "stored_profile" if stored else "default"
        publish_from_n8n(profile, stored or default_config(agent_id))
        found = published_agent(agent_id)
    log.warning("n8n_failed", agent_id=agent_id, why=why, fallback=taken)
    return found


def _stored(profile: AgentProfile | None) -> AgentConfig | None:
    # A row that other hands wrote may be out of bounds.
    if profile is None:
        return None
    try:
        return draft_config(profile)
    except ValidationError:
        return None
