"""The pages calls are made from: a visitor's, and the one on which staff try a draft."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from pydantic import ValidationError

from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.languages import LANGUAGES
from agents.models import AgentProfile, FieldToFindOut
from agents.published import PublishedAgent
from agents.services import draft_config
from agents.sources import find_agent
from calls.apologies import APOLOGIES
from calls.services.admission import may_try_drafts
from vaani.csp import framed_by
from vaani.env import get_env
from vaani.problems import Problem

CONSENT = "call-1"  # names the wording of templates/calls/_before.html; the agent's own text is pinned with its version
MAX_NAME = 100  # longest name a call can store


@require_safe
def visitor_page(request: HttpRequest, agent_id: str | None = None) -> HttpResponse:
    """Show the page of one agent, or at the front page of the default one.

    `?lang=` is the language that is chosen already. An agent never published is not there (404), for a
    draft is nobody else's business; a paused one is away for a while (503), which tells search engines
    and monitors to come again.
    """
    return _visitor_page(request, _published(agent_id), {})


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
        return render(request, "calls/closed.html", {"config": None} | context, status=404)
    config = agent.config
    page_data = _page_data(config, request.GET.get("lang", ""))
    context = {"config": config, "page_data": page_data, "max_name": MAX_NAME} | context
    if not agent.enabled:
        context = {"note": agent.pause_note} | context
        return render(request, "calls/closed.html", context, status=503)
    return render(request, "calls/visitor.html", context)


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
        return render(request, "calls/closed.html", {"config": None}, status=404)
    agent_url = reverse("admin:agents_agentprofile_change", args=[profile.pk])
    try:
        config = draft_config(profile)
    except ValidationError as error:
        context = {"profile": profile, "agent_url": agent_url, "faults": _fault_words(error)}
        return render(request, "calls/unfinished.html", context, status=422)
    page_data = _page_data(config) | {
        "mode": "trial",
        "tokenUrl": "/api/trials",
        "consentVersion": "",
        "csrfToken": get_token(request),
        "callUrl": _call_url() if request.user.has_perm("calls.view_call") else "",
    }
    page_data["texts"] |= {
        "listeningTyped": _("Your turn"),
        "speakingTyped": _("Answering"),
        "endedByVisitor": _("You hung up. The conversation is kept."),
        "callAgain": _("Try again"),
    }
    context = {"config": config, "page_data": page_data, "agent_url": agent_url}
    return render(request, "calls/trial.html", context)


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


def _page_data(config: AgentConfig, language: str = "") -> dict[str, Any]:
    """What the page's scripts need, as JSON. `PageData` in static/calls/data.js is its type."""
    return {
        "agentId": config.agent_id,
        "agentName": config.name,
        "languages": _languages(config),
        "voices": _voices(config),
        "defaultLanguage": language if language in config.languages else config.default_language,
        "defaultVoice": config.default_voice,
        "textChat": config.text_chat,
        "sandbox": "sarvam" in get_env().sandboxed,
        "mode": "visitor",
        "tokenUrl": "/api/token",
        "waitsUrl": "/api/calls/call-id/waits",
        "consentVersion": CONSENT,
        "csrfToken": "",
        "callUrl": "",
        "callbackUrl": "/api/callback",
        "apologyUrl": "/api/apologies/language-code.wav",
        "apologies": {code: APOLOGIES[code] for code in config.languages},
        "texts": _texts(config.name),
    }


def _texts(name: str) -> dict[str, str]:
    """Every sentence the scripts say. `{seconds}` is filled in by them."""
    return {
        "askingMicrophone": _("Allow the microphone, so that %(name)s can hear you") % {"name": name},
        "connecting": _("Connecting"),
        "waiting": _("Calling %(name)s") % {"name": name},
        "returning": _("One moment, %(name)s is coming back") % {"name": name},
        "initializing": _("Getting ready"),
        "listening": _("Listening"),
        "thinking": _("Thinking"),
        "speaking": _("Speaking"),
        "slow": _("%(name)s is taking longer than usual. Please stay on the line.") % {"name": name},
        "reconnecting": _("The connection is weak. Trying to bring the call back."),
        "reconnected": _("The connection is back."),
        "connected": _("You are connected. Speak now."),
        "connectedTyping": _("You are connected. Type your message."),
        "mute": _("Mute"),
        "unmute": _("Unmute"),
        "muted": _("Your microphone is off."),
        "unmuted": _("Your microphone is on."),
        "you": _("You"),
        "sandboxHeard": _("the sandbox heard"),
        "notSent": _("This message did not get through. Try again."),
        "notHeard": _("I could not hear that. Say it again, or type."),
        "notHeardVoiceOnly": _("I could not hear that. Please say it again."),
        "sandboxSilent": _("The sandbox has no more lines to hear. Type instead."),
        "sandboxSilentVoiceOnly": _("The sandbox has no more lines to hear."),
        "endedTitle": _("Call ended"),
        "endedByVisitor": _("You hung up. Thank you for calling."),
        "endedByAgent": _("%(name)s ended the call. Thank you for calling.") % {"name": name},
        "lostTitle": _("The call was cut off"),
        "lost": _("The connection was lost. Check your internet and call again."),
        "elsewhere": _("The call went on in another window."),
        "agentLost": _("%(name)s could not come back. Please call again.") % {"name": name},
        "failedTitle": _("The call could not start"),
        "nobodyCame": _("Nobody could come to the phone. Please try again in a minute."),
        "insecure": _("A call needs a secure page. Open this page by its https address, or on localhost."),
        "unsupported": _("This browser cannot make calls. Open this page in a current Chrome, Firefox or Safari."),
        "microphoneRefused": _(
            "The microphone is not allowed. Tap the icon beside the page's address, allow the microphone, then call again."
        ),
        "microphoneMissing": _("No microphone was found. Connect one and call again."),
        "microphoneBusy": _("Another app is using the microphone. Close it and call again."),
        "microphoneFailed": _("The microphone did not work. Check it and call again."),
        "awayTitle": _("Nobody is at the phone"),
        "away": _("Nobody can take calls just now. Please try again in {seconds} seconds."),
        "busyTitle": _("Everyone is busy"),
        "busy": _("All lines are taken right now. Please try again in {seconds} seconds."),
        "offline": _("The page could not reach us. Check your internet and try again."),
        "noConnection": _(
            "The voice connection could not be made. Try another network, such as mobile data instead of Wi-Fi."
        ),
        "unknown": _("Something went wrong on our side. Please try again in a minute."),
        "callAgain": _("Call again"),
        "callAgainIn": _("Call again ({seconds})"),
        "nameMissing": _("Write your name, so that we know whom to ask for."),
        "phoneWrong": _("This is no phone number that we can call. Write all ten digits."),
        "callbackSent": _("Thank you. We will call you back on {phone}."),
        "callbackTooMany": _("Too many numbers came from your network. Send it again in a minute."),
        "callbackNotSent": _("Your number did not reach us. Check your internet and send it again."),
    }
