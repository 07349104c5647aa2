"""Agents off models that are past their end or refused, onto those that their calls use in their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from agents.catalogue import serving_voice
from agents.contract import AgentConfig
from agents.example_runs import PublishHeldError
from agents.models import AgentProfile
from agents.services import apply_config, content_hash, draft_config, publish, refused_models
from agents.standing import Standing, State, standing
from vaani.logs import get_logger

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = get_logger(__name__)

PARTS = ("stt_model", "tts_model", "llm_model")


@dataclass(frozen=True, slots=True)
class Leaving:
    """A model to move off, and the agents that name it."""

    standing: Standing
    agents: list[AgentProfile]


class Outcome(Enum):
    """What came of moving one agent."""

    PUBLISHED = "published"  # the move and nothing else is a new version
    NEVER_PUBLISHED = "never published"  # the draft is moved, and no visitor ever met this agent
    HELD = "held"  # the draft is moved, and its examples do not let it be published yet
    OTHER_CHANGES = "other changes"  # the draft is moved, and publishing it would publish more than the move
    MAY_NOT_PUBLISH = "may not publish"  # the draft is moved, and waits for somebody who may
    FED_BY_N8N = "fed by n8n"  # the stored profile is moved; what n8n sends is n8n's
    NOT_WHOLE = "not whole"  # the draft cannot be read, so nothing was moved


def leaving(profiles: Iterable[AgentProfile], today: date, refused: Container[str]) -> list[Leaving]:
    """Models that end soon, have ended or are refused, each with those of `profiles` whose calls ask for it by name.

    Calls ask for what was published last; the draft counts for an agent that never was. No query when `published`
    is fetched along.
    """
    users: dict[str, list[AgentProfile]] = defaultdict(list)
    for profile in profiles:
        published = profile.published.snapshot if profile.published else {}
        for name in {str(published.get(part, getattr(profile, part))) for part in PARTS}:
            users[name].append(profile)
    found = [Leaving(standing(name, today, refused), agents) for name, agents in sorted(users.items()) if name]
    return [each for each in found if each.standing.state not in (State.SERVED, State.UNKNOWN)]


def moved(config: AgentConfig, old: str, new: str) -> AgentConfig:
    """`config` with the model `old` replaced by `new`. Voices follow theirs, each to one of its own gender."""
    changes: dict[str, Any] = {part: new for part in PARTS if getattr(config, part) == old}
    if "tts_model" in changes:
        changes["voices"] = list(dict.fromkeys(serving_voice(voice, new) for voice in config.voices))
        changes["default_voice"] = serving_voice(config.default_voice, new)
    return config.model_copy(update=changes)


@transaction.atomic
def move_to_successor(profile: AgentProfile, model: str, *, author: User, may_publish: bool) -> Outcome:
    """Replace `model` by its successor in the draft, and publish that when it is all there is to publish.

    Calls of a model that has ended or is refused use the successor already, so such a version changes nothing that
    visitors meet, and the agent's examples do not hold it back. Any other change of the draft stays unpublished, and
    the move with it.
    """
    locked = AgentProfile.objects.select_for_update(of=("self",)).select_related("published").get(pk=profile.pk)
    stands = standing(model, timezone.localdate(), refused_models())
    successor = stands.successor
    try:
        before = draft_config(locked)
    except ValidationError:
        return Outcome.NOT_WHOLE
    draft = moved(before, model, successor)
    if draft != before:
        apply_config(locked, draft)
        log.info("agent_moved", agent_id=locked.agent_id, model=model, successor=successor, author=str(author))
    if locked.source == AgentProfile.Source.N8N:
        return Outcome.FED_BY_N8N
    if locked.published is None:
        return Outcome.NEVER_PUBLISHED
    if content_hash(moved(locked.published.config, model, successor)) != content_hash(draft):
        return Outcome.OTHER_CHANGES
    if not may_publish:
        return Outcome.MAY_NOT_PUBLISH
    note = _("Moved from %(model)s to %(successor)s.") % {"model": model, "successor": successor}
    try:
        publish(locked, author=author, note=note, override_reason="" if stands.state is State.ENDING else note)
    except PublishHeldError:
        return Outcome.HELD
    return Outcome.PUBLISHED
