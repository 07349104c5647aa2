"""Who may call which endpoint: the worker by its bearer, programs by their key, staff by their session."""

from __future__ import annotations

from typing import Any

import jwt
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from agents.contract import WORKER_AUDIENCE
from agents.models import IntegrationKey
from vaani.env import get_env


def worker_claims(token: str) -> dict[str, Any] | None:
    """Claims of a worker's bearer, or None when it is not one.

    Visitors', agents' and webhooks' tokens are signed with the same secret; the audience, which only
    a worker's token carries, keeps them out.
    """
    env = get_env()
    if not env.livekit_api_secret:
        return None
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            env.livekit_api_secret,
            algorithms=["HS256"],
            audience=WORKER_AUDIENCE,
            issuer=env.livekit_api_key,
            options={"require": ["exp", "aud", "iss"]},
        )
    except jwt.InvalidTokenError:
        return None
    return None if "video" in claims else claims


def bearer_of(request: HttpRequest) -> str:
    """The request's bearer, or an empty string."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


class WorkerBearer(HttpBearer):
    """Lets in the worker only."""

    def authenticate(self, request: HttpRequest, token: str) -> dict[str, Any] | None:
        return worker_claims(token)


def trusted_caller(request: HttpRequest) -> str | None:
    """Name of a caller that may manage the site by program: staff, the worker or an integration key."""
    user = request.user
    if user.is_authenticated and user.is_staff:
        return str(user)
    token = bearer_of(request)
    if not token:
        return None
    if worker_claims(token):
        return "worker"
    return key_holder(token)


def key_holder(token: str) -> str | None:
    """Name of the integration key that `token` is, or None when it is none. Notes that it was used."""
    key = IntegrationKey.objects.filter(hashed=IntegrationKey.hash(token)).first()
    if key is None:
        return None
    IntegrationKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
    return key.name
