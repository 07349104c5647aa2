"""What Django itself answers to a wrong request is a page; whoever asks the API gets a problem+json instead."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from vaani.problems import Problem

_BELOW = "/api/"
_WORDS = {
    404: ("unknown_address", "There is nothing at this address. /api/docs lists what there is."),
    405: ("wrong_method", "This address does not take this method. See the Allow header."),
    500: ("our_fault", "Something went wrong on our side. Please try again in a minute."),
}
_OTHERWISE = ("bad_request", "This request could not be read.")


def problem_answer(body: dict[str, Any], retry_after: int | None = None) -> HttpResponse:
    """A response of a problem document; `retry_after` in seconds."""
    response = JsonResponse(body, status=body["status"], content_type="application/problem+json")
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


class PlainErrorsMiddleware(MiddlewareMixin):
    """Turns error pages of addresses below `/api/` into problems."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code < 400 or not is_page or not request.path_info.startswith(_BELOW):
            return response
        answer = problem_answer(Problem(response.status_code, *_WORDS.get(response.status_code, _OTHERWISE)).body())
        if "Allow" in response.headers:
            answer["Allow"] = response.headers["Allow"]
        return answer
