"""Public API of agents: an agent's configuration, the catalogue, and the cache."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from ninja.security import django_auth

from agents.auth import bearer_of, trusted_caller, worker_claims
from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.languages import LANGUAGES
from agents.prompt import greeting
from agents.published import forget_published
from agents.samples import may_ask_again, voice_sample
from agents.services import refused_models
from agents.sources import find_agent
from agents.standing import State, standing
from vaani.problems import Problem

router = Router(tags=["agents"])


class PublicConfig(Schema):
    """What anyone may know of an agent. `recording`, `callback`: a visitor may agree to one."""

    agentId: str
    name: str
    description: str
    languages: list[str]
    voices: list[str]
    defaultLanguage: str
    defaultVoice: str
    greeting: str
    consent: str
    recording: bool
    callback: bool


class LanguageOut(Schema):
    code: str
    name: str
    ownName: str
    script: str


class VoiceOut(Schema):
    id: str
    name: str
    gender: Literal["female", "male"]
    models: list[str]
    languages: list[str]
    status: State
    successor: str


class Catalogue(Schema):
    languages: list[LanguageOut]
    voices: list[VoiceOut]


class Done(Schema):
    status: Literal["ok"] = "ok"


@router.get(
    "/config/{agent_id}",
    response=PublicConfig | dict[str, Any],
    operation_id="agent_config",
    summary="An agent's configuration",
)
def config(request: HttpRequest, agent_id: str) -> PublicConfig | dict[str, Any]:
    """What a page needs to offer a call. With the worker's bearer: the whole published profile."""
    found = find_agent(agent_id, "agent_id")
    token = bearer_of(request)
    if token:
        if worker_claims(token) is None:
            raise Problem(401, "not_authorised", "This token is not a worker's.")
        return found.config.model_dump(mode="json", by_alias=True)
    return _public(found.config)


def _public(agent: AgentConfig) -> PublicConfig:
    return PublicConfig(
        agentId=agent.agent_id,
        name=agent.name,
        description=agent.description,
        languages=agent.languages,
        voices=agent.voices,
        defaultLanguage=agent.default_language,
        defaultVoice=agent.default_voice,
        greeting=greeting(agent, agent.default_language, agent.default_voice),
        consent=agent.consent,
        recording=agent.recording,
        callback=agent.callback,
    )


@router.get("/languages", response=Catalogue, operation_id="languages_list", summary="Languages and voices")
def languages(request: HttpRequest) -> Catalogue:
    """Every language and every voice the product knows. A voice stands with its provider as its model does."""
    today, refused = timezone.localdate(), refused_models()
    return Catalogue(
        languages=[
            LanguageOut(code=lang.code, name=lang.name, ownName=lang.own_name, script=lang.script)
            for lang in LANGUAGES.values()
        ],
        voices=[
            VoiceOut(
                id=voice.id,
                name=voice.name,
                gender=voice.gender,
                models=[voice.model],
                languages=list(voice.languages),
                status=standing(voice.model, today, refused).state,
                successor=voice.successor,
            )
            for voice in VOICES.values()
        ],
    )


@router.get("/voices/{voice}/sample", auth=django_auth, operation_id="voice_sample", summary="Hear a voice")
def sample(request: HttpRequest, voice: str, language: str) -> HttpResponse:
    """The voice saying a greeting in `language`, as `audio/wav`. For staff who may see agents."""
    if not (request.user.is_staff and request.user.has_perm("agents.view_agentprofile")):
        raise Problem(403, "not_allowed", "You may not see agents. Ask an operator for the right.")
    return HttpResponse(voice_sample(voice, language), content_type="audio/wav")


@router.get("/voices/{voice}/{language}.wav", operation_id="voice_hear", summary="Hear a voice before calling")
def hear(request: HttpRequest, voice: str, language: str) -> HttpResponse:
    """The same for visitors. 502 when the clip is not there and was asked for within the last minute."""
    known = voice in VOICES and language in LANGUAGES  # else anybody could fill Redis with names of their own
    sound = voice_sample(voice, language, may_ask=known and may_ask_again(f"sample:{voice}:{language}"))
    response = HttpResponse(sound, content_type="audio/wav")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@router.post("/invalidate-cache", response=Done, operation_id="cache_invalidate", summary="Forget cached profiles")
def invalidate_cache(request: HttpRequest) -> Done:
    """Make every process read published agents anew. For staff, the worker and integration keys."""
    if trusted_caller(request) is None:
        raise Problem(401, "not_authorised", "Sign in as staff, or send an integration key as a bearer.")
    forget_published()
    return Done()
