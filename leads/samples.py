"""Sample calls, by which a newcomer sees what calls and leads look like: how many there are, and their removal."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

import calls.erasing
from calls.models import Call, CallQuerySet
from leads.erasing import delete_leads
from leads.joining import lock_leads_of
from leads.models import Lead
from vaani.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Samples:
    """How many sample calls are over, how many leads came of them, and how many calls are still under way."""

    calls: int
    leads: int
    under_way: int


def samples_now() -> Samples:
    """What `remove_samples` would remove now, and leave."""
    over = _samples().filter(status=Call.Status.SETTLED)
    leads = Lead.objects.samples().filter(call__in=over)
    return Samples(over.count(), leads.count(), _samples().exclude(status=Call.Status.SETTLED).count())


@transaction.atomic
def remove_samples() -> Samples:
    """Delete for good every sample call that is over, with all that was said, heard, read and found in it.

    One that is not settled is left: more may still come of it.
    """
    for agent_pk in sorted(set(_samples().values_list("agent_id", flat=True))):
        lock_leads_of(agent_pk)  # whoever is reading such a call finds it gone, and makes no lead of it
    over = list(_samples().filter(status=Call.Status.SETTLED).values_list("pk", flat=True))
    leads = list(Lead.objects.filter(call__in=over))
    delete_leads(leads)
    calls.erasing.delete_samples(over)
    log.info("samples_removed", calls=len(over), leads=len(leads))
    return Samples(len(over), len(leads), _samples().count())


def _samples() -> CallQuerySet:
    return Call.objects.filter(kind=Call.Kind.SAMPLE)
