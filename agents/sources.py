"""Where an agent's profile comes from: what is published here, or n8n where n8n feeds it."""

from __future__ import annotations

import re
import time
from contextlib import suppress

from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError
from redis.exceptions import RedisError

from agents.contract import AgentConfig
from agents.defaults import default_config
from agents.models import AgentProfile, N8nAsking
from agents.n8n import N8nError, fetch_profile
from agents.published import PublishedAgent, published_agent
from agents.services import N8N_AUTHOR, create_profile, draft_config, publish_from_n8n
from vaani.env import get_env
from vaani.logs import get_logger
from vaani.problems import Problem

log = get_logger(__name__)

FRESH_SECONDS = 60  # a good copy from n8n is used this long, and a miss remembered
KEPT_ASKINGS = 20  # of an agent; at one a minute, calls permitting
_AGENT_ID = re.compile(r"[-a-zA-Z0-9_]{1,60}")  # what fits the address /a/<id>; anything else no agent can have


def find_agent(agent_id: str, field: str = "agentId") -> PublishedAgent:
    """The agent visitors may call. Raises `Problem` 404, naming `field`, when there is none of that id."""
    found = _current(agent_id) if _AGENT_ID.fullmatch(agent_id) else None
    if found is None:
        open_ids = AgentProfile.objects.open().order_by("agent_id").values_list("agent_id", flat=True)[:20]
        raise Problem(404, "unknown_agent", "There is no agent with this id.", field=field, allowed=open_ids)
    return found


def ask_now(profile: AgentProfile) -> N8nAsking:
    """Ask n8n for the profile of an agent that it feeds, however lately it was asked. `N8N_BASE_URL` must be set."""
    with suppress(RedisError):
        cache.set(_asked(profile.agent_id), "1", FRESH_SECONDS)
    _ask(profile.agent_id, published_agent(profile.agent_id), profile)
    return profile.n8n_askings.all()[0]


def _asked(agent_id: str) -> str:
    return f"n8n-asked:{agent_id}"


def _current(agent_id: str) -> PublishedAgent | None:
    """The agent to answer with: what is published here, brought up to date by n8n where n8n feeds it.

    Asks n8n at most once in 60 s an agent, for at most 5 s. When n8n fails: the last good copy, the
    stored profile, or the default, in that order; the log and the agent's page say which.
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
        may_ask = cache.add(_asked(agent_id), "1", FRESH_SECONDS)
    except RedisError:
        may_ask = False  # without its memory every request would ask
    if may_ask:
        _ask(agent_id, found, profile)
    elif found is None and profile is not None:
        _fall_back(profile, None, _stored(profile))  # the first caller ever is still waiting for n8n
    else:
        return found
    return published_agent(agent_id)


def _ask(agent_id: str, found: PublishedAgent | None, profile: AgentProfile | None) -> None:
    """Ask n8n once. Whatever comes of it is published, logged, and kept for the agent's page."""
    log.info("n8n_asked", agent_id=agent_id)
    asked_at, started = timezone.now(), time.monotonic()
    stored = _stored(profile)
    fault, taken = "", N8nAsking.Taken.N8N
    try:
        config = async_to_sync(fetch_profile)(agent_id, stored)
        # What fits the schema may still not fit our columns: a name of a page's length, a NUL.
        with transaction.atomic():
            if profile is None:
                profile = create_profile(config, source=AgentProfile.Source.N8N)
            elif not _still_fed(profile):
                return
            version = publish_from_n8n(profile, config).number or 0
    except (N8nError, DataError, IntegrityError) as error:
        fault = str(error).partition("\n")[0][:300]
        if profile is None:
            log.warning("n8n_failed", agent_id=agent_id, why=fault, fallback="none")
            return
        taken, version = _fall_back(profile, found, stored)
        log.warning("n8n_failed", agent_id=agent_id, why=fault, fallback=taken.value, version=version)
    else:
        log.info("n8n_answered", agent_id=agent_id, version=version)
    seconds = time.monotonic() - started
    profile.n8n_askings.create(asked_at=asked_at, seconds=seconds, fault=fault, taken=taken, version=version)
    profile.n8n_askings.filter(pk__in=list(profile.n8n_askings.values_list("pk", flat=True)[KEPT_ASKINGS:])).delete()


def _still_fed(profile: AgentProfile) -> bool:
    """Whether n8n still feeds the agent, whose row stays locked: somebody may have taken it away meanwhile."""
    fed = AgentProfile.objects.select_for_update().filter(pk=profile.pk, source=AgentProfile.Source.N8N)
    return fed.first() is not None


def _fall_back(
    profile: AgentProfile, found: PublishedAgent | None, stored: AgentConfig | None
) -> tuple[N8nAsking.Taken, int]:
    """What calls use without n8n, and its version. What is published stays; else something is published."""
    default = default_config(profile.agent_id)
    if found is None:
        note = _("n8n gave no profile, so this is the one stored here.") if stored else _("n8n gave no profile.")
        version = publish_from_n8n(profile, stored or default, note)
        return N8nAsking.Taken.STORED_PROFILE if stored else N8nAsking.Taken.DEFAULT, version.number or 0
    if found.config == stored:
        return N8nAsking.Taken.STORED_PROFILE, found.version
    return N8nAsking.Taken.DEFAULT if found.config == default else N8nAsking.Taken.LAST_GOOD_COPY, found.version


def _stored(profile: AgentProfile | None) -> AgentConfig | None:
    """The profile stored here: what a person published last, else the draft. None when it cannot be read.

    Not the draft of an agent that was published: those who may not publish edit it.
    """
    if profile is None:
        return None
    versions = profile.versions.filter(number__isnull=False).exclude(author=None, author_name=N8N_AUTHOR)
    published = versions.order_by("-number").first()
    try:
        return published.config if published else draft_config(profile)
    except ValidationError:
        return None
