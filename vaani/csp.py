"""The content security policy: strict for visitors, a little wider for the admin."""

from __future__ import annotations

from collections.abc import Iterable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponse, HttpResponseBase

# The admin's theme: Alpine evaluates its attributes, and it writes its colours into a <style>.
_ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


def framed_by(response: HttpResponse, origins: Iterable[str]) -> HttpResponse:
    """Let pages of these origins, and our own, show `response` in a frame. By default nobody may."""
    response._csp_replace = {"frame-ancestors": [SELF, *origins]}  # type: ignore[attr-defined]
    response.xframe_options_exempt = True  # it knows one origin at most
    return response


class PolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, which gives the admin what its theme needs."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.update = _ADMIN
        return parts
