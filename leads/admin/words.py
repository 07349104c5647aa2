"""What the list and the page of leads both say of one."""

from __future__ import annotations

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from agents.models import FieldToFindOut
from leads.models import Lead
from leads.people import values_of

STATUS_COLOURS = {
    Lead.Status.NEW: "info",
    Lead.Status.CONTACTED: "primary",
    Lead.Status.QUALIFIED: "warning",
    Lead.Status.WON: "success",
    Lead.Status.LOST: "default",
    Lead.Status.SPAM: "danger",
}


def lead_name(lead: Lead) -> str:
    """Whom the list calls the person, over all calls; a name or number that nobody is sure of has a question mark."""
    for kind in (FieldToFindOut.Kind.NAME, FieldToFindOut.Kind.PHONE):
        for value in values_of(lead):
            if value.kind == kind and (value.counts or value.is_doubtful):
                return value.value if value.counts else f"{value.value}?"
    return _("No name yet")


def known(lead: Lead, kind: str) -> str:
    """The person's value of that kind that counts, over all calls; empty when there is none."""
    return next((value.value for value in values_of(lead) if value.kind == kind and value.counts), "")


def call_back_words(lead: Lead) -> str:
    """Since when the person waits to be called back; empty when nobody has to call."""
    asked = [each.callback_at for each in [lead, *lead.joined.all()] if each.status == Lead.Status.NEW]
    waiting = [when for when in asked if when]
    if not waiting:
        return ""
    return _("Call back, asked %(ago)s ago.") % {"ago": timesince(min(waiting), timezone.now(), depth=1)}
