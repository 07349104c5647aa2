"""Sites that may call an agent from their own pages: their addresses, checked, and who is asking."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import idna
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from agents.models import AgentProfile
from agents.published import PublishedAgent
from vaani.env import get_env
from vaani.problems import Problem

MOST = 50  # sites an agent may have: each stands in a header of its panel
_LONGEST = 253  # characters a host name may have
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SHARED = re.compile(r"/api/(token|callback|config/[^/]+)")  # what a site's own client asks


def read_origins(text: str) -> list[str]:
    """Origins written one a line, as browsers spell them, each once. Empty lines are skipped.

    Raises `django.core.exceptions.ValidationError` with a message for each line that is wrong.
    """
    found: dict[str, None] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found[_origin(line.strip())] = None
        except ValueError as fault:
            faults.append(_("Line %(number)s: %(fault)s") % {"number": number, "fault": fault})
    if len(found) > MOST:
        faults.append(_("An agent may have %(most)s sites at most.") % {"most": MOST})
    if faults:
        raise ValidationError(faults)
    return list(found)


def _origin(text: str) -> str:
    """An address as the origin that a browser names. Raises `ValueError` with what to write instead."""
    if "://" not in text:
        raise ValueError(_("write the whole address, such as https://%(host)s.") % {"host": text[:60]})
    try:
        parts = urlsplit(text)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        raise ValueError(_("this is no address. Write it as https://www.example.in.")) from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(_("the address must begin with https://."))
    place = host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        raise ValueError(_("browsers give no microphone without https. Write https://%(place)s.") % {"place": place})
    origin = f"{parts.scheme}://{place}"
    if "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(_("write only %(origin)s, for the whole site.") % {"origin": origin})
    return origin


def _host(name: str) -> str:
    """The host as it travels: names in Indian scripts in their ASCII form. Raises `ValueError`."""
    if name == "::1":
        return "[::1]"
    ascii_name = idna.encode(name, uts46=True).decode().removesuffix(".")
    if not ascii_name or len(ascii_name) > _LONGEST:
        raise ValueError("empty or too long")
    return ascii_name


def foreign_origin(request: HttpRequest) -> str:
    """The origin of another site whose page sends this request; empty for our own pages and for programs."""
    site = urlsplit(get_env().site_url)
    ours = {f"{request.scheme}://{request.get_host()}", f"{site.scheme}://{site.netloc}"}
    origin: str = request.headers.get("Origin", "")
    return "" if origin in ours else origin


def require_origin(agent: PublishedAgent, origin: str) -> None:
    """Raise `Problem` 403 when pages of `origin`, as `foreign_origin` gives it, may not call the agent."""
    if origin and origin not in agent.origins:
        raise Problem(
            403,
            "origin_not_allowed",
            f"Pages of {origin[:300]} may not call this agent. Add the site on the agent's page, under “Share”.",
        )


class SharingMiddleware(MiddlewareMixin):
    """Lets pages of the agents' sites read what a client of theirs asks of the API, and pages of no others.

    Which agent a page may call is for `POST /api/token` to say: here it is enough that some agent names the site.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        return HttpResponse(status=204) if _asks_first(request) else None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not _SHARED.fullmatch(request.path_info):
            return response
        patch_vary_headers(response, ["Origin"])
        origin = foreign_origin(request)
        if origin and AgentProfile.objects.open().filter(origins__contains=[origin]).exists():
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Expose-Headers"] = "Retry-After"
            if _asks_first(request):
                response["Access-Control-Allow-Methods"] = "GET, POST"
                response["Access-Control-Allow-Headers"] = "Content-Type"
                response["Access-Control-Max-Age"] = "600"  # seconds
        return response


def _asks_first(request: HttpRequest) -> bool:
    """Whether a browser asks if its page may send a request, before it sends it."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return asks and _SHARED.fullmatch(request.path_info) is not None
