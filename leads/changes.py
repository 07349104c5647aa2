"""The history of a lead. Services write it; nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leads.models import Lead, LeadChange

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def note(lead: Lead, what: str, old: object, new: object, *, who: User | None = None, why: str = "") -> None:
    """Write down that `what` of a lead went from `old` to `new`. Nothing is written when they are the same."""
    before, after = _text(old), _text(new)
    if before != after:
        LeadChange.objects.create(lead=lead, who=who, field=what[:80], old=before, new=after, why=why[:200])


def _text(value: object) -> str:
    return "" if value is None else str(value)
