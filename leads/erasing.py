"""Locking and erasing people, with a receipt; and erasing leads whose time is over."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from redis import Redis
from redis.exceptions import RedisError

import calls.erasing
from calls.models import Call
from leads.announce import announce_erased
from leads.changes import note
from leads.exports import drop_export
from leads.held import Held, held_about
from leads.models import Erasure, Export, Extraction, Lead
from leads.people import family
from vaani.env import get_env
from vaani.logs import get_logger

log = get_logger(__name__)


def mark_of(identifier: str) -> str:
    """What a receipt keeps of an identifier: it can be compared, not read."""
    return _marks(identifier)[0]


def receipts_of(identifier: str) -> QuerySet[Erasure]:
    """Erasures of whom this identifies, under every `SECRET_KEY` that is known."""
    return Erasure.objects.filter(mark__in=_marks(identifier))


def _marks(identifier: str) -> list[str]:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac("leads.erasing", identifier, secret=key, algorithm="sha256").hexdigest() for key in keys]


@transaction.atomic
def lock(held: Held, *, who: User, why: str = "") -> int:
    """Take a person's leads out of all use: nothing is sent, exported or joined any more. Returns how many were open."""
    leads = Lead.objects.select_for_update().filter(pk__in=[lead.pk for lead in held.leads], locked_at=None)
    for lead in leads:
        Lead.objects.filter(pk=lead.pk).update(locked_at=timezone.now())
        note(lead, _("Locked"), _("No"), _("Yes"), who=who, why=why)
    return len(leads)


@transaction.atomic
def unlock(held: Held, *, who: User, why: str = "") -> int:
    """Take a lock back. Returns how many leads were locked."""
    leads = Lead.objects.select_for_update().filter(pk__in=[lead.pk for lead in held.leads], locked_at__isnull=False)
    for lead in leads:
        Lead.objects.filter(pk=lead.pk).update(locked_at=None)
        note(lead, _("Locked"), _("Yes"), _("No"), who=who, why=why)
    return len(leads)


def due_from(held: Held) -> datetime:
    """When all of it may be erased: now, or when the newest of it has been kept as long as the law wants."""
    begun = [lead.created_at for lead in held.leads] + [call.created_at for call in held.calls]
    newest = max(begun, default=timezone.now())
    return max(timezone.now(), newest + timedelta(days=get_env().kept_at_least_days))


def ask_erasure(identifier: str, *, who: User, why: str = "") -> Erasure:
    """Note somebody's wish to be erased and lock what there is; what may be erased already, is. Gives the receipt."""
    held = held_about(identifier)
    with transaction.atomic():
        lock(held, who=who, why=why)
        erasure = Erasure.objects.create(
            identifier=identifier, mark=mark_of(identifier), why=why, asked_by=who, due_at=due_from(held)
        )
    log.info("erasure_asked", erasure_id=erasure.pk)
    carry_out(erasure)
    erasure.refresh_from_db()
    return erasure


def carry_out(erasure: Erasure) -> bool:
    """Erase everything about the person, if its time has come. False when something is left for a later round."""
    if erasure.done_at is not None or erasure.due_at > timezone.now():
        return False
    held = held_about(erasure.identifier)
    told = delete_leads(held.leads)
    erased = [calls.erasing.erase_call(call.pk) for call in held.calls]
    counts = {"leads": F("leads") + len(held.leads), "calls": F("calls") + sum(erased), "told": F("told") + told}
    if not all(erased):  # one is still being spoken
        Erasure.objects.filter(pk=erasure.pk).update(**counts)
        return False
    Erasure.objects.filter(pk=erasure.pk).update(**counts, identifier="", done_at=timezone.now())
    _rewrite_redis_file()
    log.info("person_erased", erasure_id=erasure.pk, leads=len(held.leads), calls=len(erased))
    return True


def erase_due() -> None:
    """Carry out the wishes that have fallen due; erase the leads and the calls that their agents keep no longer."""
    for erasure in Erasure.objects.filter(done_at=None, due_at__lte=timezone.now()):
        carry_out(erasure)
    age = F("agent__leads_kept_days") * timedelta(days=1)
    old = Q(updated_at__lt=timezone.now() - age)
    people = Lead.objects.people().filter(old)
    # A person stays while any part of them is young.
    for lead in people.exclude(pk__in=Lead.objects.filter(~old, joined_to__isnull=False).values("joined_to")):
        members = family(lead)
        delete_leads(members)
        for each in members:
            if each.call_id:
                calls.erasing.erase_call(each.call_id)
    calls.erasing.erase_due()
    Extraction.objects.filter(call__erased_at__isnull=False).delete()


@transaction.atomic
def delete_leads(leads: Collection[Lead]) -> int:
    """Delete leads with their values, history, deliveries and exported files, and what was read in their calls.

    Returns how often an endpoint is told.
    """
    ids = [lead.pk for lead in leads]
    told = sum(announce_erased(lead) for lead in leads)
    for export in Export.objects.filter(leads__overlap=ids):
        drop_export(export)
    # The admin's own log calls things by the name they had.
    about = Q(content_type=ContentType.objects.get_for_model(Lead), object_id__in=map(str, ids))
    about |= Q(
        content_type=ContentType.objects.get_for_model(Call),
        object_id__in=[str(lead.call_id) for lead in leads if lead.call_id],
    )
    LogEntry.objects.filter(about).delete()
    Extraction.objects.filter(call__in=[lead.call_id for lead in leads if lead.call_id]).delete()
    Lead.objects.filter(pk__in=ids).delete()
    return told


def _rewrite_redis_file() -> None:
    """Words went through Redis, whose append-only file keeps them until it is written anew."""
    with suppress(RedisError), Redis.from_url(get_env().redis_url, socket_timeout=2, socket_connect_timeout=2) as redis:
        redis.bgrewriteaof()
