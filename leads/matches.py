"""Leads that may be the same person as another: only suggested, staff decide."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from agents.models import FieldToFindOut
from leads.models import Lead, LeadValue
from leads.people import family, values_of

MOST = 5
PHONE, EMAIL = FieldToFindOut.Kind.PHONE, FieldToFindOut.Kind.EMAIL


@dataclass(frozen=True, slots=True)
class Match:
    """Another lead, why it may be the same person, and whether staff said that it is not."""

    lead: Lead
    why: str
    kept_apart: bool


def matches(lead: Lead) -> list[Match]:
    """The newest few: the same number or address with any agent, or a name that sounds the same with this agent.

    Names of two leads that each have a number of their own count from two words on: there are many Rahuls.
    """
    own = _reached_by(lead)
    others = Lead.objects.people().like(lead).filter(locked_at=None).exclude(pk=lead.pk).select_related("agent", "call")
    others = others.prefetch_related("values", Prefetch("joined", Lead.objects.prefetch_related("values")))
    values = LeadValue.objects.filter(kind__in=[PHONE, EMAIL], value__in=own)
    same = {value.lead.joined_to_id or value.lead.pk for value in values.select_related("lead") if value.counts}
    found = [_match(lead, other, _("Same number or address")) for other in others.filter(pk__in=same)[:MOST]]
    sounds = {each.sounds for each in family(lead) if each.sounds}
    alike = others.filter(agent=lead.agent_id, sounds__in=sounds).exclude(pk__in=same)[:MOST]
    found += [
        _match(lead, other, _("The name sounds the same"))
        for other in alike
        if " " in other.sounds or not (own and _reached_by(other))
    ]
    return sorted(found, key=lambda match: match.kept_apart)[:MOST]


def _match(lead: Lead, other: Lead, why: str) -> Match:
    later = max(lead, other, key=lambda each: (each.created_at, each.pk))
    return Match(other, why, later.kept_apart)


def _reached_by(lead: Lead) -> set[str]:
    return {value.value for value in values_of(lead) if value.kind in (PHONE, EMAIL) and value.counts}
