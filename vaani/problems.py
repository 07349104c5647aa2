"""Errors of the API: one exception that services raise, answered as problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Problem(Exception):
    """What went wrong, for a program (`code`) and for a person (`detail`).

    `allowed` are the values that would have been accepted in `field`; `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        code: str,
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
