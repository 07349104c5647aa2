"""One person, one lead: a lead that can be reached where an open one can joins it by itself."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import AgentProfile
from leads.changes import note
from leads.evidence import CONTACTS
from leads.models import Lead, LeadValue


def lock_leads_of(agent_pk: int) -> None:
    """Let nobody else make or join leads of this agent until the transaction ends. Staff go on reviewing."""
    AgentProfile.objects.select_for_update(no_key=True, of=("self",)).get(pk=agent_pk)


def join_by_itself(lead: Lead) -> Lead | None:
    """Join the lead to the open lead of its agent that has the same phone number or e-mail address; gives that one.

    Call it after `lock_leads_of`, in the same transaction. A lead that staff have taken up already, or that stands
    for others, stays as it is: for such, matches are only suggested (`leads.matches`).
    """
    lead.refresh_from_db()
    if not _is_fresh(lead):
        return None
    person = _person_like(lead)
    if person is None:
        return None
    now = timezone.now()
    Lead.objects.filter(pk=lead.pk).update(joined_to=person, updated_at=now)
    # What the later call brought has not been looked at.
    Lead.objects.filter(pk=person.pk).update(accepted_at=None, updated_at=now)
    lead.joined_to = person
    for each, other in ((lead, person), (person, lead)):
        note(each, _("Same person as"), "", f"{other} ({timezone.localtime(other.created_at):%Y-%m-%d %H:%M})",
             why=_("The same phone number or e-mail address"))  # fmt: skip
    return person


def _person_like(lead: Lead) -> Lead | None:
    """The oldest lead that stands for a person and is still open, and of which some call can be reached alike."""
    reached = Q()
    for value in lead.values.all():
        if value.kind in CONTACTS and value.counts:
            reached |= Q(kind=value.kind, value=value.value)
    if not reached:
        return None
    alike = LeadValue.objects.filter(reached, lead__agent=lead.agent_id, lead__kept_apart=False).select_related("lead")
    people = {value.lead.joined_to_id or value.lead.pk for value in alike if value.counts}
    found = Lead.objects.people().filter(pk__in=people, kept_apart=False, locked_at=None).exclude(pk=lead.pk)
    return found.filter(status__in=Lead.OPEN).order_by("created_at", "pk").select_for_update().first()


def _is_fresh(lead: Lead) -> bool:
    return (
        lead.joined_to_id is None
        and not lead.kept_apart
        and lead.locked_at is None
        and lead.accepted_at is None
        and lead.owner_id is None
        and lead.status == Lead.Status.NEW
        and not lead.joined.exists()
    )
