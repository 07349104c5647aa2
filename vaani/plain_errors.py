"""What Django itself answers to a wrong request is a page; whoever asks the API gets a problem+json instead."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from vaani.counts import count
from vaani.logs import get_logger
from vaani.problems import Code, Problem

log = get_logger(__name__)

_BELOW = "/api/"
_LONGEST_PATH = 200  # characters of a stranger's invention that a line of the log may have
_WORDS: dict[int, tuple[Code, str]] = {
    404: ("unknown_address", "There is nothing at this address. /api/docs lists what there is."),
    405: ("wrong_method", "This address does not take this method. See the Allow header."),
    500: ("our_fault", "Something went wrong on our side. Please try again in a minute."),
}
_OTHERWISE: tuple[Code, str] = ("bad_request", "This request could not be read.")


def problem_answer(request: HttpRequest, problem: Problem, **more: Any) -> HttpResponse:
    """Refuse `request` with a problem document, and `more` in it. Counts and logs it: every refusal comes through here."""
    count("refusals", problem.code)
    path = request.path_info[:_LONGEST_PATH]
    log.info("request_refused", code=problem.code, status=problem.status, method=request.method, path=path)
    response = JsonResponse(problem.body() | more, status=problem.status, content_type="application/problem+json")
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    return response


class PlainErrorsMiddleware(MiddlewareMixin):
    """Turns error pages of addresses below `/api/` into problems."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code < 400 or not is_page or not request.path_info.startswith(_BELOW):
            return response
        words = _WORDS.get(response.status_code, _OTHERWISE)
        answer = problem_answer(request, Problem(response.status_code, *words))
        if "Allow" in response.headers:
            answer["Allow"] = response.headers["Allow"]
        return answer
