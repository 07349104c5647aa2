"""Faults to Sentry, when the operator names one. Without `SENTRY_DSN` its library is never loaded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from vaani.env import get_env
from vaani.masking import masked

if TYPE_CHECKING:
    from sentry_sdk.integrations import Integration
    from sentry_sdk.types import Event, Hint


def start_sentry(*, django: bool) -> None:
    """Send faults of this process to `SENTRY_DSN`; nothing happens without one.

    What goes out holds the traceback without the values of variables, no body, cookie or header of a
    request, and no text that looks like a phone number or a secret. `django`: false in the worker and its jobs.
    """
    env = get_env()
    if not env.sentry_dsn:
        return
    if not django:
        # A part of Sentry's library that we have no use for loads Django where it is installed. Jobs do without.
        sys.modules.setdefault("django.conf", None)  # type: ignore[arg-type]
    import sentry_sdk
    from sentry_sdk.integrations.logging import LoggingIntegration

    # Log lines go to the log; of them only errors are faults.
    integrations: list[Integration] = [LoggingIntegration(level=None)]
    if django:
        from sentry_sdk.integrations.celery import CeleryIntegration
        from sentry_sdk.integrations.django import DjangoIntegration

        integrations += [DjangoIntegration(), CeleryIntegration()]
    sentry_sdk.init(
        dsn=env.sentry_dsn,
        integrations=integrations,
        auto_enabling_integrations=False,  # they would record what is asked of language models
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0,
        server_name="",
        before_send=scrubbed,
    )


def scrubbed(event: Event, hint: Hint) -> Event:
    """The event without what could tell of a person."""
    request = event.get("request") or {}
    event["request"] = {"method": request.get("method", ""), "url": request.get("url", "")}
    event.pop("user", None)
    event.pop("extra", None)
    event.pop("breadcrumbs", None)
    cleaned: Event = masked(event)
    return cleaned
