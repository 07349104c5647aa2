"""Standard Webhooks, version 1: what a delivery's headers say. No Django."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime

from standardwebhooks import Webhook


def shown_to_libraries(secret: str) -> str:
    """The same secret as libraries of Standard Webhooks take it: they decode it to the bytes of its letters."""
    return f"whsec_{b64encode(secret.encode()).decode()}"


def signed_headers(secret: str, webhook_id: str, at: datetime, body: str) -> dict[str, str]:
    """Headers of a try made at `at`, which must be in UTC. The key is the secret's own letters, as ASCII."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret.encode()).sign(webhook_id, at, body),
    }
