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
    """Join the lead to the person it is of, and give that one: the lead of the conversation that its call continues,
    else the open lead of its agent that has the same phone number or e-mail address.

    Call it after `lock_leads_of`, in the same transaction. A lead that staff have taken up already, or that stands
    for others, stays as it is: for such, matches are only suggested (`leads.matches`).
    """
    lead.refresh_from_db()
    if not _is_fresh(lead):
        return None
    person, why = _person_continued(lead), _("The same call, continued")
    if person is None:
        person, why = _person_like(lead), _("The same phone number or e-mail address")
    if person is None:
        return None
    now = timezone.now()
    Lead.objects.filter(pk=lead.pk).update(joined_to=person, updated_at=now)
    # What the later call brought has not been looked at.
    Lead.objects.filter(pk=person.pk).update(accepted_at=None, updated_at=now)
    lead.joined_to = person
    for each, other in ((lead, person), (person, lead)):
        note(each, _("Same person as"), "", _named(other), why=why)
    return person


def is_alike(lead: Lead) -> bool:
    """Whether the lead can be reached as the one that it joined, or as another part of that one."""
    reached = _reached(lead)
    if lead.joined_to_id is None or not reached:
        return False
    persons = Q(lead=lead.joined_to_id) | Q(lead__joined_to=lead.joined_to_id)
    return any(value.counts for value in LeadValue.objects.filter(persons, reached).exclude(lead=lead))


def part(lead: Lead) -> Lead | None:
    """Take the lead out of the one that it joined, unless its call continues one of that person; gives that one.

    For a lead that `is_alike` no longer, because what it was joined by was put right. Call it as `join_by_itself`.
    """
    head = lead.joined_to
    if head is None or _person_continued(lead):
        return None
    now = timezone.now()
    Lead.objects.filter(pk__in=[lead.pk, head.pk]).update(updated_at=now)
    Lead.objects.filter(pk=lead.pk).update(joined_to=None)
    lead.joined_to = None
    for each, other in ((lead, head), (head, lead)):
        note(each, _("Same person as"), _named(other), _("another person"), why=_("corrected by the visitor"))
    return head


def _named(lead: Lead) -> str:
    return f"{lead} ({timezone.localtime(lead.created_at):%Y-%m-%d %H:%M})"


def _person_continued(lead: Lead) -> Lead | None:
    """Who the lead of another call of the same conversation stands for, whatever staff have done with it meanwhile."""
    if lead.call is None:
        return None
    others = Lead.objects.filter(call__in=lead.call.chain(), kept_apart=False, locked_at=None).exclude(pk=lead.pk)
    found = others.order_by("created_at", "pk").first()
    people = Lead.objects.people().filter(kept_apart=False, locked_at=None).exclude(pk=lead.pk)
    return people.filter(pk=found.joined_to_id or found.pk).select_for_update().first() if found else None


def _person_like(lead: Lead) -> Lead | None:
    """The oldest lead that stands for a person and is still open, and of which some call can be reached alike."""
    reached = _reached(lead)
    if not reached:
        return None
    alike = LeadValue.objects.filter(reached, lead__agent=lead.agent_id, lead__kept_apart=False).select_related("lead")
    people = {value.lead.joined_to_id or value.lead.pk for value in alike if value.counts}
    found = Lead.objects.people().like(lead).filter(pk__in=people, kept_apart=False, locked_at=None)
    found = found.filter(status__in=Lead.OPEN).exclude(pk=lead.pk)
    return found.order_by("created_at", "pk").select_for_update(of=("self",)).first()


def _reached(lead: Lead) -> Q:
    """Values by which the same person could be reached; empty when the lead holds none."""
    reached = Q()
    for value in lead.values.all():
        if value.kind in CONTACTS and value.counts:
            reached |= Q(kind=value.kind, value=value.value)
    return reached


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
