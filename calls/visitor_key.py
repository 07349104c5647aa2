"""The visitor's key: signed proof of having started one call, good for that call and for a day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from ninja.security import HttpBearer

LIFETIME = timedelta(hours=24)


def visitor_key(call_id: UUID) -> str:
    """The key of a call. A page gets it with its token and sends it as a bearer."""
    return _signer().sign(str(call_id))


def call_of(key: str) -> UUID | None:
    """Id of the call that a key is of; None when it is nobody's, or too old."""
    try:
        return UUID(_signer().unsign(key, max_age=LIFETIME))
    except (BadSignature, ValueError):
        return None


class VisitorKey(HttpBearer):
    """Lets in whoever started the call that the address names as `call_id`, for a day."""

    def authenticate(self, request: HttpRequest, token: str) -> UUID | None:
        named = request.resolver_match.kwargs["call_id"] if request.resolver_match else None
        mine = call_of(token)
        return mine if str(mine) == str(named) else None


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="visitor")
