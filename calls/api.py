"""Public API of calls: a token to join one, and what is heard when there is none."""

from __future__ import annotations

from typing import Annotated

import structlog
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.security import django_auth
from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, StringConstraints, field_validator

from agents.models import AgentProfile
from agents.origins import foreign_origin
from calls.apologies import apology_clip
from calls.models import Call
from calls.rooms import visitor_token
from calls.services.admission import may_try_drafts, start_call, start_trial
from calls.visitor_key import visitor_key
from vaani.env import get_env
from vaani.logs import get_logger
from vaani.pace import require_pace
from vaani.problems import Problem

router = Router(tags=["calls"])
log = get_logger(__name__)


def storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("The character NUL is not text.")  # and Postgres takes it in no column
    return text


Text = Annotated[str, AfterValidator(storable)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(storable)]


class Consent(Schema):
    """What the visitor agreed to, and which wording of it they saw."""

    version: Text = Field(max_length=60)
    recording: bool = False
    callback: bool = False


class AgentDispatch(Schema):
    agent_name: Short = Field("", validation_alias=AliasChoices("agent_name", "agentName"))


class RoomConfig(Schema):
    agents: list[AgentDispatch] = Field(default_factory=list, max_length=1)


class TokenRequest(Schema):
    """Ours, or the body that LiveKit's own clients send. Any room, identity or dispatch asked for is ignored.

    `visitorKey` is that of a call that was cut off, to go on with it: the same call while it has not ended, and within
    15 minutes of its end a new one whose agent knows what was said. `typed`: without microphone and sound, where the
    agent takes text.
    """

    model_config = ConfigDict(extra="ignore")

    agentId: Short = ""
    language: Short = ""
    voice: Short = ""
    userName: Short = ""
    consent: Consent | None = None
    source: dict[Short, Annotated[str, StringConstraints(max_length=1000), AfterValidator(storable)]] = Field(
        default_factory=dict, max_length=10
    )
    visitorKey: str = Field("", max_length=200)
    typed: bool = False

    room_config: RoomConfig | None = Field(None, validation_alias=AliasChoices("room_config", "roomConfig"))
    participant_name: Short = Field("", validation_alias=AliasChoices("participant_name", "participantName"))
    participant_attributes: dict[str, Short] = Field(
        default_factory=dict, validation_alias=AliasChoices("participant_attributes", "participantAttributes")
    )

    @field_validator("source")
    @classmethod
    def _one_kilobyte(cls, value: dict[str, str]) -> dict[str, str]:
        if sum(len(name.encode()) + len(text.encode()) for name, text in value.items()) > 1024:
            raise ValueError("Names and texts together may be 1 kB at most.")
        return value

    @property
    def wanted_agent(self) -> str:
        agents = self.room_config.agents if self.room_config else []
        return self.agentId or (agents[0].agent_name if agents else "")


class TokenAnswer(Schema):
    """What a page needs to join; `server_url` and `participant_token` are LiveKit's own names for two of them."""

    token: str
    room: str
    url: str
    callId: str
    visitorKey: str
    server_url: str
    participant_token: str


@router.post("/token", response=TokenAnswer, operation_id="call_start", summary="Start a call")
def token(request: HttpRequest, body: TokenRequest) -> TokenAnswer:
    """Admit a visitor and answer a token for a room of their own. 503 with Retry-After when nobody is free.

    A page of another site may ask only when the agent names that site, else 403.
    """
    if not body.wanted_agent:
        raise Problem(422, "agent_missing", "Name the agent to call.", field="agentId")
    structlog.contextvars.bind_contextvars(agent_id=body.wanted_agent)  # for the line of a refusal too
    limit = get_env().starts_per_minute
    require_pace(request, "too_many_starts", limit, "Too many calls came from here. Try again in a minute.")
    call = start_call(
        agent_id=body.wanted_agent,
        language=body.language or body.participant_attributes.get("language", ""),
        voice=body.voice or body.participant_attributes.get("voice", ""),
        visitor_name=body.userName or body.participant_name,
        consent=body.consent.model_dump() if body.consent else None,
        source=body.source,
        origin=foreign_origin(request),
        visitor_key=body.visitorKey,
        typed=body.typed,
    )
    return _token_answer(call)


@router.get("/apologies/{language}.wav", operation_id="apology_clip", summary="Hear that nobody can talk")
def apology(request: HttpRequest, language: str) -> HttpResponse:
    """The sentence that asks for a number to call back, in `language`, as `audio/wav`. 502 when there is no clip."""
    clip = HttpResponse(apology_clip(language), content_type="audio/wav")
    clip["Cache-Control"] = "public, max-age=86400"
    return clip


class TrialRequest(Schema):
    """Staff trying a draft. `typed`: without microphone and sound."""

    agentId: Short
    language: Short = ""
    voice: Short = ""
    typed: bool = False


@router.post("/trials", response=TokenAnswer, auth=django_auth, operation_id="trial_start", summary="Try a draft")
def trial(request: HttpRequest, body: TrialRequest) -> TokenAnswer:
    """Start a trial of an agent's draft, for staff who may change agents. It never makes a lead."""
    if not may_try_drafts(request.user):
        raise Problem(403, "not_allowed", "You may not try drafts. Ask for the permission to change agents.")
    profile = AgentProfile.objects.filter(agent_id=body.agentId).first()
    if profile is None:
        raise Problem(404, "unknown_agent", "There is no agent with this id.", field="agentId")
    call = start_trial(
        profile, language=body.language, voice=body.voice, typed=body.typed, staff=request.user.get_username()
    )
    return _token_answer(call)


def _token_answer(call: Call) -> TokenAnswer:
    config = call.version.config
    jwt = visitor_token(call, text_chat=config.text_chat or call.typed)
    url = get_env().browser_livekit_url
    log.info("token_issued", call_id=str(call.pk), agent_id=config.agent_id, language=call.language)
    return TokenAnswer(
        token=jwt,
        room=call.room,
        url=url,
        callId=str(call.pk),
        visitorKey=visitor_key(call.pk),
        server_url=url,
        participant_token=jwt,
    )
