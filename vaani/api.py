"""The API: its routers, and errors as problem+json."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, ValidationError

from agents.api import router as agents_router
from calls.api import router as calls_router
from calls.visitor_api import router as visitor_router
from calls.webhooks import router as livekit_router
from calls.worker_api import router as worker_router
from leads.api import router as leads_router
from leads.visitor_api import router as lead_visitor_router
from vaani.env import get_env
from vaani.pace import require_pace
from vaani.plain_errors import problem_answer
from vaani.problems import Problem

api = NinjaAPI(
    title="Vaani",
    version="1",
    description="Voice agents for Indian languages. Errors are problem+json (RFC 9457) with a stable `code`.",
    docs=Swagger(settings={"persistAuthorization": False}),
)
api.add_router("", agents_router)
api.add_router("", calls_router)
api.add_router("", visitor_router)
api.add_router("", leads_router)
api.add_router("", lead_visitor_router)
api.add_router("", worker_router)
api.add_router("", livekit_router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_answer(request, problem)


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem_answer(
        request, Problem(401, "not_authorised", "This needs a sign-in or a token that did not come with the request.")
    )


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"][1:] if part != "body") or "body", "message": fault["msg"]}
        | ({"allowed": fault["ctx"]["expected"]} if "expected" in fault.get("ctx", {}) else {})
        for fault in error.errors
    ]
    named = ", ".join(fault["field"] for fault in faults)
    return _refused(request, Problem(422, "invalid_request", f"Wrong or missing: {named}."), errors=faults)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    match error.status_code:
        case 400:
            problem = Problem(400, "invalid_json", "The body is not valid JSON.", field="body")
        case 403:  # ninja's check against CSRF
            problem = Problem(403, "stale_page", "This page is out of date. Reload it and try again.")
        case status:
            problem = Problem(status, "http_error", str(error))
    return _refused(request, problem)


def _refused(request: HttpRequest, problem: Problem, **more: object) -> HttpResponse:
    """Answer a request that makes no sense. Strangers' are counted, apart from the starts of others at their address."""
    if not hasattr(request, "auth"):
        limit = get_env().starts_per_minute
        try:
            words = "Too many wrong requests came from here. Try again in a minute."
            require_pace(request, "too_many_mistakes", limit, words)
        except Problem as too_many:
            return problem_answer(request, too_many)
    return problem_answer(request, problem, **more)
