"""Verbs of agents: publish, pause, look up what is published, mark what a provider refuses."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from agents.catalogue import LLM_DEFAULTS, MODELS, LLMProvider, serving, serving_voice
from agents.contract import AgentConfig, Brief, FieldToFindOut, ModelChoice, TurnTaking
from agents.example_runs import PublishHeldError, require_passed
from agents.models import AgentProfile, AgentVersion, ModelRefusal
from agents.published import forget_published
from vaani.env import get_env
from vaani.logs import get_logger

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = get_logger(__name__)

N8N_AUTHOR = "n8n"

# Publishing ------------------------------------------------------------------------------------


def draft_config(profile: AgentProfile) -> AgentConfig:
    """The draft as it would be published.

    Raises `pydantic.ValidationError` when a part is missing or out of bounds.
    """
    return AgentConfig(
        agent_id=profile.agent_id,
        name=profile.name,
        description=profile.description,
        brief=Brief(who=profile.who, knows=profile.knows, never=profile.never, ends=profile.ends),
        fields=[
            FieldToFindOut.model_validate(
                {
                    "key": field.key,
                    "label": field.label,
                    "kind": field.kind,
                    "required": field.required,
                    "hint": field.hint,
                    "choices": field.choices,
                }
            )
            for field in profile.fields.all()
        ],
        greetings={code: text for code, text in profile.greetings.items() if text},
        languages=profile.languages,
        default_language=profile.default_language,
        voices=profile.voices,
        default_voice=profile.default_voice,
        llm_provider=profile.llm_provider,
        llm_model=profile.llm_model,
        temperature=profile.temperature,
        stt_model=profile.stt_model,
        tts_model=profile.tts_model,
        pace=profile.pace,
        say_as=profile.say_as,
        variables=profile.variables,
        turn_taking=TurnTaking(
            extra_wait=profile.extra_wait,
            stop_after=profile.stop_after,
            ask_after=profile.ask_after,
            leave_after=profile.leave_after,
        ),
        text_chat=profile.text_chat,
        max_seconds=profile.max_seconds,
        consent=profile.consent,
        recording=profile.recording,
        callback=profile.callback,
    )


def content_hash(config: AgentConfig) -> str:
    """Digest by which two snapshots are told apart. A field that a later release adds does not change it."""
    canonical = json.dumps(config.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def has_unpublished_changes(profile: AgentProfile) -> bool:
    """Whether publishing now would make a new version. One query for the fields."""
    return profile.published is None or profile.published.content_hash != content_hash(draft_config(profile))


def publish(
    profile: AgentProfile, *, author: User | None, note: str = "", author_name: str = "", override_reason: str = ""
) -> AgentVersion:
    """Publish the draft as the next numbered version; the published one when nothing changed.

    Raises `PublishHeldError` when the agent's examples fail on this draft or have not finished on it,
    unless there is an `override_reason`, which the version then keeps.
    """
    config = draft_config(profile)
    if profile.published is None or profile.published.content_hash != content_hash(config):
        try:
            require_passed(profile, content_hash(config))
            override_reason = ""
        except PublishHeldError:
            if not override_reason:
                raise
    return _publish_config(
        profile,
        config,
        author=author,
        note=note,
        author_name=author_name or (str(author) if author else ""),
        override_reason=override_reason,
    )


def publish_from_n8n(profile: AgentProfile, config: AgentConfig, note: str = "") -> AgentVersion:
    """Publish what n8n answered, as a version authored by n8n. The draft in the admin stays as it is."""
    return _publish_config(profile, config, author=None, note=note, author_name=N8N_AUTHOR)


@transaction.atomic
def _publish_config(
    profile: AgentProfile,
    config: AgentConfig,
    *,
    author: User | None,
    note: str,
    author_name: str,
    override_reason: str = "",
) -> AgentVersion:
    # Two publishers at once would take the same number.
    locked = AgentProfile.objects.select_for_update(of=("self",)).select_related("published").get(pk=profile.pk)
    digest = content_hash(config)
    if locked.published is not None and locked.published.content_hash == digest:
        return locked.published
    newest = locked.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = AgentVersion.objects.create(
        agent=locked,
        number=newest + 1,
        snapshot=config.model_dump(mode="json"),
        content_hash=digest,
        author=author,
        author_name=author_name,
        note=note,
        override_reason=override_reason,
    )
    AgentProfile.objects.filter(pk=locked.pk).update(published=version)
    profile.published = version
    transaction.on_commit(forget_published)
    log.info("agent_published", agent_id=locked.agent_id, version=version.number, author=author_name)
    return version


def trial_version(profile: AgentProfile) -> AgentVersion:
    """A snapshot of the draft for trials, without a number; the same one as long as the draft stays the same.

    Raises `pydantic.ValidationError` when the draft is not complete.
    """
    config = draft_config(profile)
    digest = content_hash(config)
    same = profile.versions.filter(number=None, content_hash=digest).first()
    return same or profile.versions.create(content_hash=digest, snapshot=config.model_dump(mode="json"))


def pause(profile: AgentProfile, note: str = "") -> None:
    """Take the agent off at once; calls under way go on. `note` is told to visitors meanwhile."""
    _set_enabled(profile, False, note)


def resume(profile: AgentProfile) -> None:
    """Let visitors call the agent again. The note stays for the next pause."""
    _set_enabled(profile, True, profile.pause_note)


def _set_enabled(profile: AgentProfile, enabled: bool, note: str) -> None:
    AgentProfile.objects.filter(pk=profile.pk).update(enabled=enabled, pause_note=note)
    profile.enabled, profile.pause_note = enabled, note
    forget_published()


def allow_sites(profile: AgentProfile, origins: list[str]) -> None:
    """Let pages of these sites, and of no others, call the agent, at once. See `agents.origins.read_origins`."""
    AgentProfile.objects.filter(pk=profile.pk).update(origins=origins)
    profile.origins = origins
    forget_published()


def create_profile(config: AgentConfig, *, source: AgentProfile.Source, is_default: bool = False) -> AgentProfile:
    """Make a profile whose draft is `config`. Nothing is published yet."""
    profile = AgentProfile(agent_id=config.agent_id, source=source, is_default=is_default)
    apply_config(profile, config)
    return profile


@transaction.atomic
def apply_config(profile: AgentProfile, config: AgentConfig) -> None:
    """Make `config` the draft of a profile, what it must find out too. The id stays; nothing is published."""
    parts = config.model_dump(exclude={"agent_id", "brief", "fields", "turn_taking"})
    values = parts | config.brief.model_dump() | config.turn_taking.model_dump()
    for name, value in values.items():
        setattr(profile, name, value)
    # Somebody may publish or pause the agent meanwhile.
    profile.save(update_fields=[*values, "updated_at"] if profile.pk else None)
    profile.fields.all().delete()
    for position, field in enumerate(config.fields):
        profile.fields.create(position=position, **field.model_dump())


def restore(profile: AgentProfile, version: AgentVersion) -> None:
    """Make an old version the draft again. What was in the draft is lost; nothing is published."""
    apply_config(profile, version.config)
    log.info("version_restored", agent_id=profile.agent_id, version=version.number)


# Models in use ---------------------------------------------------------------------------------


def refused_models() -> set[str]:
    """Names of models their providers refuse. One query."""
    return set(ModelRefusal.objects.values_list("model", flat=True))


def mark_refused(model: str, message: str) -> None:
    """Remember that a provider refused `model`, so that calls go to its successor from now on."""
    if not model:
        return
    _row, created = ModelRefusal.objects.get_or_create(model=model, defaults={"message": message[:300]})
    if created:
        log.warning("model_refused", model=model)


def language_models(config: AgentConfig) -> list[ModelChoice]:
    """Language models to try for a call, best first: the agent's or site's own, its successor, the other provider's.

    Only providers with a key are named; retired and refused models are already replaced.
    """
    env = get_env()
    today, refused = timezone.localdate(), refused_models()
    provider: LLMProvider = config.llm_provider or env.llm_provider
    model = config.llm_model or (env.llm_model if provider == env.llm_provider else "") or LLM_DEFAULTS[provider]
    first = serving(model, today, refused)
    known = MODELS.get(first)
    candidates: list[tuple[LLMProvider, str]] = [(provider, first)]
    if known and known.successor:
        candidates.append((provider, serving(known.successor, today, refused)))
    other: LLMProvider = "openai" if provider == "groq" else "groq"
    candidates.append((other, serving(LLM_DEFAULTS[other], today, refused)))
    return [
        ModelChoice(provider=name, model=model, extra=MODELS[model].extra if model in MODELS else {})
        for name, model in candidates
        if env.provider_key(name)
    ]


def speech_models(config: AgentConfig, voice: str) -> tuple[str, str, str]:
    """Listening model, speaking model and voice to use today for a call that chose `voice`."""
    today, refused = timezone.localdate(), refused_models()
    tts_model = serving(config.tts_model, today, refused)
    return serving(config.stt_model, today, refused), tts_model, serving_voice(voice, tts_model)
