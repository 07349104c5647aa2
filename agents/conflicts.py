"""Two people at one draft: what tells the second that the draft is no longer the one that was opened."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.models import AgentProfile

SEEN = "seen"  # name of the hidden box that tells which draft a page was made from


def stamp(profile: AgentProfile) -> str:
    """What a page carries to tell later which draft it was made from."""
    return profile.updated_at.isoformat()


def conflict(profile: AgentProfile, seen: str) -> str:
    """A sentence on who changed the draft after it was `seen`, and when; empty when nobody did."""
    if not seen or seen == stamp(profile):
        return ""
    changed = timezone.localtime(profile.updated_at)
    today = changed.date() == timezone.localdate()
    when = date_format(changed, "H:i" if today else "j M Y, H:i")
    kind = ContentType.objects.get_for_model(AgentProfile)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(profile.pk)).select_related("user")
    # The admin writes its entry after the row, so an older one tells of another change.
    if entry := entries.filter(action_time__gte=profile.updated_at).order_by("action_time").first():
        return _("This agent was changed meanwhile at %(when)s by %(who)s.") % {"when": when, "who": entry.user}
    return _("This agent was changed meanwhile at %(when)s.") % {"when": when}
