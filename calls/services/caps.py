"""Daily caps: how long visitors' calls may still go on today. Trials cost money too, but staff may always try."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.db.models import Q
from django.utils import timezone

from calls.models import DailyCap
from calls.money import spent
from vaani.logs import get_logger
from vaani.problems import Problem

log = get_logger(__name__)

LEAST_SECONDS = 30  # nobody is let in for less
_KNOWN_AFTER = timedelta(minutes=1)  # of talk, before rupees can be told in seconds


def require_day_left(agent_pk: int) -> None:
    """Raise `Problem` 503, with Retry-After until midnight of the site's clock, when the day's cap is reached."""
    left = seconds_left(agent_pk)
    if left is not None and left < LEAST_SECONDS:
        log.warning("call_refused", agent=agent_pk, code="daily_limit")
        raise Problem(
            503,
            "daily_limit",
            "No more calls can be taken today. Please call again tomorrow.",
            retry_after=_seconds_to_midnight(),
        )


def seconds_left(agent_pk: int) -> int | None:
    """Seconds that calls of an agent may still take today, by its own cap and the site's; None without a cap.

    A cap in rupees is told in seconds by what a second has cost today; before a minute was talked it
    shortens no call.
    """
    left = [_left(cap) for cap in DailyCap.objects.filter(Q(agent=agent_pk) | Q(agent=None))]
    return min((seconds for seconds in left if seconds is not None), default=None)


def _left(cap: DailyCap) -> int | None:
    talked, rupees = spent(_midnight(), cap.agent_id)
    left = []
    if cap.minutes is not None:
        left.append(cap.minutes * 60 - talked.total_seconds())
    if cap.rupees is not None:
        remaining = cap.rupees - float(rupees)
        if remaining <= 0:
            left.append(0)
        elif talked >= _KNOWN_AFTER and rupees:
            left.append(remaining * talked.total_seconds() / float(rupees))
    return max(0, int(min(left))) if left else None


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def _seconds_to_midnight() -> int:
    # Noon of tomorrow's date is tomorrow, whatever clocks do at night.
    tomorrow = (_midnight() + timedelta(hours=36)).replace(hour=0)
    return ceil((tomorrow - timezone.now()).total_seconds())
