"""What surrounds every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin


class CallIdMiddleware(MiddlewareMixin):
    """Puts the id of the call that an address names on every line logged while it is answered."""

    def process_request(self, request: HttpRequest) -> None:
        structlog.contextvars.clear_contextvars()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if "call_id" in kwargs:
            structlog.contextvars.bind_contextvars(call_id=str(kwargs["call_id"]))
