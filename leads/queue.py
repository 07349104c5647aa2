"""In which order staff take up leads, and how they are found."""

from __future__ import annotations

import unicodedata

from django.db.models import Case, DateTimeField, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Extract
from django.utils import timezone

from agents.models import FieldToFindOut
from leads.models import Lead, LeadValue
from leads.sounds import sounds_of

ORDER = ["rank", "place", "pk"]
_UNREVIEWED = Q(status__in=Lead.OPEN, accepted_at=None, locked_at=None)
MIN_DIGITS = 4  # fewer are no part of a phone number that anybody looks for


def due() -> Q:
    """Leads to be called back: who asked for it and is still new, and whose follow-up day has come."""
    asked = Q(status=Lead.Status.NEW, callback_at__isnull=False)
    asked_later = Lead.objects.filter(asked, joined_to__isnull=False).values("joined_to")
    follow_up = Q(status__in=Lead.OPEN, follow_up_on__lte=timezone.localdate())
    return asked | Q(pk__in=asked_later) | follow_up


def in_queue_order(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Call-backs due first, longest due first; then those to review, then other new ones, oldest first; then the rest."""
    new = Q(status=Lead.Status.NEW)
    since = Coalesce("callback_at", Cast("follow_up_on", DateTimeField()), "created_at")
    return leads.annotate(
        rank=Case(
            When(due(), then=Value(0)),
            When(_UNREVIEWED, then=Value(1)),
            When(new, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        ),
        place=Case(
            When(due(), then=Extract(since, "epoch")),
            When(_UNREVIEWED | new, then=Extract("created_at", "epoch")),
            default=Extract("created_at", "epoch") * Value(-1.0),
            output_field=FloatField(),
        ),
    ).order_by(*ORDER)


def to_review(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Those still open whose values nobody has accepted, or not since a later call."""
    return leads.filter(_UNREVIEWED)


def find(leads: QuerySet[Lead], term: str) -> QuerySet[Lead]:
    """Leads of which, or of a part of which, every word is found in a name, by its sound, or in another value.

    A phone number is found by its digits, however they are written.
    """
    if digits := _phone_digits(term):
        return leads.filter(_with_value(digits, kind=FieldToFindOut.Kind.PHONE))
    for word in term.split():
        found = _with_value(word)
        for sound in sounds_of(word).split():
            # Words are kept with a space between: from the beginning of one.
            named = Lead.objects.filter(Q(sounds__startswith=sound) | Q(sounds__contains=f" {sound}"))
            found |= Q(pk__in=named.values_list(Coalesce("joined_to", "pk")))
        leads = leads.filter(found)
    return leads


def _with_value(text: str, **parts: str) -> Q:
    # Compared in capitals, because that is what the index holds.
    values = LeadValue.objects.filter(value__icontains=text, **parts)
    return Q(pk__in=values.values_list(Coalesce("lead__joined_to", "lead")))


def _phone_digits(term: str) -> str:
    """The digits to look for when the term is a part of a phone number, else nothing."""
    if any(letter.isalpha() for letter in term):
        return ""
    digits = "".join(str(unicodedata.digit(letter)) for letter in term if letter.isdigit())
    if len(digits) > 10:  # with +91, 0091 or 0 before it
        digits = digits[-10:]
    digits = digits.lstrip("0")
    return digits if len(digits) >= MIN_DIGITS else ""
