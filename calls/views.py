"""The pages calls are made from: a visitor's, and the one on which staff try a draft."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from pydantic import ValidationError

from agents.branding import FOLDER, PICTURE_NAME, palette
from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.languages import LANGUAGES
from agents.models import AgentProfile, FieldToFindOut
from agents.prompt import substitute
from agents.published import PublishedAgent
from agents.services import draft_config
from agents.sources import find_agent
from calls.apologies import APOLOGIES
from calls.services.admission import may_try_drafts
from calls.wording import ENGLISH, edition, preferred_language, terms_version, wording
from vaani.csp import framed_by
from vaani.env import get_env
from vaani.problems import Problem

REMEMBERED = "language"  # the cookie in which the page keeps the language that was chosen on it
FOREVER = "public, max-age=31536000, immutable"  # for what has another address once it is changed
MAX_NAME = 100  # longest name a call can store


@gzip_page
@require_safe
def visitor_page(request: HttpRequest, agent_id: str | None = None) -> HttpResponse:
    """Show the page of one agent, or at the front page of the default one.

    `?lang=` is the language that is chosen already; without it, what `preferred_language` finds. An agent never
    published is not there (404), for a draft is nobody else's business; a paused one is away for a while (503),
    which tells search engines and monitors to come again.
    """
    return _visitor_page(request, _published(agent_id), {})


@gzip_page
@require_safe
def embedded_page(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Show the same page inside a widget. Only pages of the agent's own sites, and ours, may frame it."""
    agent = _published(agent_id)
    origins = agent.origins if agent else []
    return framed_by(_visitor_page(request, agent, {"embed": {"origins": origins}}), origins)


def _published(agent_id: str | None) -> PublishedAgent | None:
    try:
        return find_agent(agent_id or _default_agent_id())
    except Problem:
        return None


def _visitor_page(request: HttpRequest, agent: PublishedAgent | None, context: dict[str, Any]) -> HttpResponse:
    if agent is None:
        response = _nobody(request, _language(request, list(LANGUAGES), ENGLISH), context)
    else:
        config = agent.config
        language = _language(request, config.languages, config.default_language)
        kept = {"days": str(agent.calls_kept_days or ""), "recordingDays": str(agent.recordings_kept_days)}
        page_data = _page_data(config, language, {"name": config.name} | kept)
        context |= {"config": config, "language": language, "page_data": page_data, "max_name": MAX_NAME}
        context |= {"texts": page_data["texts"], "brand": agent, "palette": agent.colour and palette(agent.colour)}
        if agent.enabled:
            response = render(request, "calls/visitor.html", context)
        else:
            response = render(request, "calls/closed.html", {"note": agent.pause_note} | context, status=503)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _nobody(request: HttpRequest, language: str, context: dict[str, Any]) -> HttpResponse:
    """Say in `language` that there is no such agent (404)."""
    context |= {"config": None, "language": language, "texts": wording(language)}
    return render(request, "calls/closed.html", context, status=404)


def _language(request: HttpRequest, offered: list[str], otherwise: str) -> str:
    return preferred_language(
        offered,
        otherwise,
        link=request.GET.get("lang", ""),
        remembered=request.COOKIES.get(REMEMBERED, ""),
        browser=request.headers.get("Accept-Language", ""),
    )


@gzip_page
@require_safe
def page_texts(request: HttpRequest, edition: str, language: str) -> HttpResponse:
    """Every sentence of the page in `language`, as JSON, for pages whose visitor chooses another. 404 for no language."""
    if language not in LANGUAGES:
        raise Http404
    response = JsonResponse(wording(language), json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = FOREVER
    return response


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    """The picture of an agent's page, under the name it was stored by. 404 for no such picture."""
    if not PICTURE_NAME.fullmatch(name):
        raise Http404
    try:
        response = FileResponse(default_storage.open(f"{FOLDER}/{name}"), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = FOREVER
    return response


@never_cache
@require_safe
def trial_page(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Show staff the page from which they try an agent's draft, or what the draft still lacks."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not may_try_drafts(request.user):
        raise PermissionDenied(_("Only people who may change agents can try their drafts."))
    profile = AgentProfile.objects.filter(agent_id=agent_id).first()
    if profile is None:
        return _nobody(request, ENGLISH, {})
    agent_url = reverse("admin:agents_agentprofile_change", args=[profile.pk])
    try:
        config = draft_config(profile)
    except ValidationError as error:
        context = {"profile": profile, "agent_url": agent_url, "faults": _fault_words(error)}
        return render(request, "calls/unfinished.html", context, status=422)
    page_data = _page_data(config, ENGLISH, {"name": config.name}) | {
        "mode": "trial",
        "tokenUrl": "/api/trials",
        "csrfToken": get_token(request),
        "callUrl": _call_url() if request.user.has_perm("calls.view_call") else "",
    }
    page_data["texts"] |= {
        "typeMessage": _("Type a message"),
        "endedByVisitor": _("You hung up. The conversation is kept."),
        "callAgain": _("Try again"),
    }
    context = {"config": config, "language": ENGLISH, "page_data": page_data, "agent_url": agent_url}
    return render(request, "calls/trial.html", context | {"texts": page_data["texts"]})


def _call_url() -> str:
    """Address of a call in the admin, with `call-id` for its id."""
    return reverse("admin:calls_call_change", args=["call-id"])


def _fault_words(error: ValidationError) -> list[str]:
    """What is wrong with a draft, each under the name its box has in the form."""
    model = FieldToFindOut if error.title == "FieldToFindOut" else AgentProfile
    labels = {field.name: capfirst(field.verbose_name) for field in model._meta.fields}
    faults = []
    for fault in error.errors(include_url=False):
        name = next((step for step in reversed(fault["loc"]) if isinstance(step, str)), "")
        faults.append(f"{labels.get(name, name)}: {fault['msg']}")
    return faults


def _default_agent_id() -> str:
    default = AgentProfile.objects.filter(is_default=True).values_list("agent_id", flat=True).first()
    if default is None:
        raise Problem(404, "no_default_agent", "No agent answers at the front page.")
    return default


def _languages(config: AgentConfig) -> list[dict[str, str]]:
    languages = (LANGUAGES[code] for code in config.languages if code in LANGUAGES)
    return [{"code": language.code, "name": language.name, "ownName": language.own_name} for language in languages]


def _voices(config: AgentConfig) -> list[dict[str, str]]:
    voices = (VOICES[name] for name in config.voices if name in VOICES)
    return [{"id": voice.id, "name": voice.name, "gender": voice.gender} for voice in voices]


def _page_data(config: AgentConfig, language: str, values: dict[str, str]) -> dict[str, Any]:
    """What the page's scripts need, as JSON. `PageData` in static/calls/data.js is its type."""
    return {
        "agentId": config.agent_id,
        "agentName": config.name,
        "languages": _languages(config),
        "voices": _voices(config),
        "language": language,
        "defaultVoice": config.default_voice,
        "textChat": config.text_chat,
        "sandbox": "sarvam" in get_env().sandboxed,
        "mode": "visitor",
        "tokenUrl": "/api/token",
        "waitsUrl": "/api/calls/call-id/waits",
        "meterUrl": static("calls/meter.js"),
        "summaryUrl": "/api/calls/call-id/summary",
        "phoneUrl": "/api/calls/call-id/phone",
        "transcriptUrl": "/api/calls/call-id/transcript",
        "csrfToken": "",
        "callUrl": "",
        "callbackUrl": "/api/callback",
        "voiceUrl": "/api/voices/voice-id/language-code.wav",
        "apologyUrl": "/api/apologies/language-code.wav",
        "apologies": {code: APOLOGIES[code] for code in config.languages},
        "textsUrl": f"/texts/{edition()}/language-code.json",
        "values": values,
        "termsVersion": terms_version(values, config.consent),
        "texts": {name: substitute(text, values) for name, text in wording(language).items()},
    }
