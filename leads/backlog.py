"""How it stands with what leads are to be told: what works, what fails, what a person must look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads.models import Delivery, Endpoint

COLOURS = ("success", "default", "warning", "danger")
TROUBLE_AFTER = timedelta(minutes=10)  # a receiver that restarts is none


@dataclass(frozen=True, slots=True)
class Standing:
    """In words, and one of `COLOURS`, which are those of Unfold's labels. `is_trouble` when a person should look at it."""

    words: str
    colour: str
    is_trouble: bool = False


def standing(endpoint: Endpoint) -> Standing:
    """How it stands with one endpoint."""
    if endpoint.gone_at and not endpoint.enabled:
        return Standing(_("Switched off: it answered that it is gone (410)"), "danger", is_trouble=True)
    if not endpoint.enabled:
        return Standing(_("Switched off"), "default")
    if not endpoint.address:
        return Standing(_("N8N_BASE_URL is not set"), "warning")
    if fault := endpoint.seal_fault:
        return Standing(fault, "danger", is_trouble=True)
    if endpoint.failing_since:
        when = date_format(timezone.localtime(endpoint.failing_since), "j M, H:i")
        lasting = timezone.now() - endpoint.failing_since > TROUBLE_AFTER
        return Standing(_("Failing since %(when)s") % {"when": when}, "danger", is_trouble=lasting)
    return Standing(_("Works"), "success")


def troubled() -> list[tuple[Endpoint, Standing]]:
    """The endpoints that a person should look at, with their backlog."""
    found = ((endpoint, standing(endpoint)) for endpoint in Endpoint.objects.with_backlog())
    return [(endpoint, how) for endpoint, how in found if how.is_trouble or endpoint.given_up]


def badge() -> int:
    """Beside "Deliveries" in the side menu: how many were given up."""
    return Delivery.objects.given_up().count()
