"""Leads in the order in which they last changed, for programs that fetch instead of being told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from leads.models import Lead

# What was written a moment ago may be committed after what was written later, and would be passed over.
SETTLED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in that order: a time, and the last lead of that time that was seen."""

    at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    lead: int = 0

    @classmethod
    def read(cls, text: str) -> Place:
        """From an ISO time with its zone, or from what `str` made. Raises ValueError."""
        time, _, lead = text.partition("/")
        at = datetime.fromisoformat(time)
        if at.tzinfo is None:
            raise ValueError("a time needs its zone")
        return cls(at, int(lead or 0))

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}/{self.lead}"


def changed_since(place: Place, most: int) -> list[tuple[Lead, Place]]:
    """The people whose lead, or a lead that joined it, changed after `place`, longest ago first.

    Locked ones and samples are left out.
    """
    people = Lead.objects.people().real().filter(locked_at=None)
    dated = people.annotate(changed=Greatest("updated_at", Coalesce(Max("joined__updated_at"), F("updated_at"))))
    later = Q(changed__gt=place.at) | Q(changed=place.at, pk__gt=place.lead)
    found = list(
        dated.filter(later, changed__lt=timezone.now() - SETTLED)
        .order_by("changed", "pk")
        .values_list("changed", "pk")[:most]
    )
    leads = Lead.objects.in_bulk([pk for _at, pk in found])
    return [(leads[pk], Place(at, pk)) for at, pk in found if pk in leads]
