"""Errors of the API: one exception that services raise, answered as problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

# Every code that the API may answer. Programs rely on them: none is renamed, and `/metrics` counts by them.
Code = Literal[
    "agent_full",
    "agent_missing",
    "agent_paused",
    "bad_phone",
    "bad_request",
    "bad_time",
    "call_ended",
    "call_held",
    "consent_missing",
    "daily_limit",
    "draft_unfinished",
    "http_error",
    "invalid_json",
    "invalid_request",
    "no_capacity",
    "no_default_agent",
    "no_lead",
    "no_recording",
    "no_worker",
    "not_agreed",
    "not_allowed",
    "not_authorised",
    "origin_not_allowed",
    "our_fault",
    "site_full",
    "speech_full",
    "stale_page",
    "too_many_callbacks",
    "too_many_mistakes",
    "too_many_starts",
    "typing_not_offered",
    "unknown_address",
    "unknown_agent",
    "unknown_attempt",
    "unknown_call",
    "unknown_language",
    "unknown_tool",
    "unknown_voice",
    "unoffered_language",
    "unoffered_voice",
    "voice_unavailable",
    "wrong_method",
]


class Problem(Exception):
    """What went wrong, for a program (`code`) and for a person (`detail`).

    `allowed` are the values that would have been accepted in `field`; `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        code: Code,
        detail: str,
        *,
        field: str = "",
        allowed: Iterable[str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.allowed = None if allowed is None else list(allowed)
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The problem document."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field:
            fault: dict[str, Any] = {"field": self.field, "message": self.detail}
            if self.allowed is not None:
                fault["allowed"] = self.allowed
            body["errors"] = [fault]
        return body
