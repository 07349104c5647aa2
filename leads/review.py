"""What staff do with a lead: judge its values, accept it, take it up, say who is the same person.

Every verb writes its line of history, and tells the endpoints when a fact changed. Each takes what the person `seen`
was shown, so that of two who work on one lead the second is told and nothing is overwritten.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.contract import FieldToFindOut
from leads.announce import announce
from leads.changes import note
from leads.checks import BadValueError, clean_value
from leads.models import Lead, LeadValue
from leads.people import values_of
from leads.sounds import refresh_sounds

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# What a person is told who typed a value of this kind that cannot be kept.
BAD_VALUES = {
    "phone": gettext_lazy("This is no phone number that we can call. Write all its digits."),
    "email": gettext_lazy("This is no e-mail address. It looks like name@example.in."),
    "number": gettext_lazy("This is no number. Write it in digits."),
    "money": gettext_lazy("This is no amount. Write it in digits, or as 1.5 lakh."),
    "date": gettext_lazy("This is no date. Write it as 2026-11-30."),
    "yes_no": gettext_lazy("Write yes or no."),
}


class ReviewError(Exception):
    """It cannot be done. The text says why and what to do, to the person who wanted it."""


class ChangedError(ReviewError):
    """Somebody or something else changed it after it was shown. Nothing was overwritten."""

    def __init__(self) -> None:
        super().__init__(_("This was changed meanwhile, so nothing was done. Look at it again."))


def value_stamp(value: LeadValue) -> str:
    """What a page carries to tell later what it showed of a value."""
    shown = "\0".join([str(value.pk), value.value, value.other, value.state, value.verdict])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def lead_stamp(values: list[LeadValue]) -> str:
    """What a page carries to tell later which values of a lead it showed."""
    return hashlib.sha256("".join(sorted(map(value_stamp, values))).encode()).hexdigest()[:16]


# The lead ---------------------------------------------------------------------------------------


def accept_lead(lead: Lead, *, who: User, seen: str) -> None:
    """Say that the lead is right as `lead_stamp` showed it. Once is enough: a second time changes nothing.

    Raises `ReviewError` while a value is doubtful.
    """
    with transaction.atomic():
        _require_open(lead)
        values = values_of(_locked_family(lead))
        if lead_stamp(values) != seen:
            raise ChangedError
        if any(value.is_doubtful for value in values):
            raise ReviewError(_("A value is still doubtful. Accept, correct or reject it first."))
        now = timezone.now()
        if Lead.objects.filter(pk=lead.pk, accepted_at=None).update(accepted_at=now, updated_at=now):
            note(lead, _("Lead"), _("not accepted"), _("accepted"), who=who)
            announce(lead, "lead.reviewed")


def set_status(lead: Lead, status: str, *, who: User, seen: str) -> None:
    """Of the lead and of those that joined it, so that no call-back of theirs is open any more."""
    words = dict(Lead.Status.choices)
    with transaction.atomic():
        if _swap(lead, "status", seen, status):
            Lead.objects.filter(joined_to=lead).update(status=status)
            note(lead, _("Status"), words.get(Lead.Status(seen)), words[Lead.Status(status)], who=who)


def set_owner(lead: Lead, owner: User | None, *, who: User, seen: User | None) -> None:
    """Give the lead to somebody, or to nobody."""
    with transaction.atomic():
        if _swap(lead, "owner", seen, owner):
            note(lead, _("Owner"), seen, owner, who=who)


def set_follow_up(lead: Lead, day: date | None, *, who: User, seen: date | None) -> None:
    """When to come back to it."""
    with transaction.atomic():
        if _swap(lead, "follow_up_on", seen, day):
            note(lead, _("Follow-up"), seen, day, who=who)


def set_notes(lead: Lead, notes: str, *, who: User, seen: str) -> None:
    """What staff keep in mind about it."""
    with transaction.atomic():
        if _swap(lead, "notes", seen, notes):
            note(lead, _("Notes"), seen, notes, who=who)


# Its values -------------------------------------------------------------------------------------


def accept_value(value: LeadValue, *, who: User, seen: str) -> None:
    """Say that a value is right as `value_stamp` showed it."""
    _judge(value, LeadValue.Verdict.ACCEPTED, who=who, seen=seen)


def reject_value(value: LeadValue, *, who: User, seen: str) -> None:
    """Say that a value is wrong, and that what is right is not known. It stays to be seen, and counts no more."""
    _judge(value, LeadValue.Verdict.REJECTED, who=who, seen=seen)


def correct_value(value: LeadValue, text: str, *, who: User, seen: str) -> None:
    """Put what is right in its place. What the machine found is kept beside it. Raises `ReviewError` for a bad value."""
    right = _checked(field_of(value), text, value.lead)
    machine = value.state not in (LeadValue.State.STAFF, LeadValue.State.TYPED)
    with transaction.atomic():
        _require_shown(value, seen)
        old, counted = value.value, value.counts
        found = value.found or (old if machine else "")
        _swap_value(value, value=right, found=found, state=LeadValue.State.STAFF, verdict=LeadValue.Verdict.ACCEPTED)
        if value.kind == "name" and old != right:
            Lead.objects.filter(pk=value.lead_id).update(latin_name="")  # it was that of the old name
        _renamed(value)
        note(value.lead, value.label, old, right, who=who)
        if not counted or old != right:
            _tell(value.lead, _("corrected by staff"))


def add_value(lead: Lead, field: FieldToFindOut, text: str, *, who: User) -> None:
    """Write down what nobody found out. Raises `ReviewError` for a bad value, or when there is one meanwhile."""
    right = _checked(field, text, lead)
    with transaction.atomic():
        _require_open(lead)
        told = {
            "label": field.label,
            "kind": field.kind,
            "value": right,
            "state": LeadValue.State.STAFF,
            "verdict": LeadValue.Verdict.ACCEPTED,
        }
        value, created = lead.values.get_or_create(key=field.key, defaults=told)
        if not created:
            raise ChangedError
        _renamed(value)
        note(lead, field.label, "", right, who=who)
        _tell(lead, _("added by staff"))


def field_of(value: LeadValue) -> FieldToFindOut:
    """What the agent was to find out, as the version of the call has it."""
    call = value.lead.call
    fields = call.version.config.fields if call else []
    bare = FieldToFindOut(key=value.key, label=value.label, kind=value.kind)
    return next((field for field in fields if field.key == value.key), bare)


def fields_missing(lead: Lead, values: list[LeadValue]) -> list[FieldToFindOut]:
    """What the agent was to find out and did not; a name and a phone number can always be added."""
    fields = list(lead.call.version.config.fields) if lead.call else []
    if not fields and lead.agent.published:
        fields = list(lead.agent.published.config.fields)
    have = {value.key for value in values} | {value.kind for value in values}
    kinds = {field.kind for field in fields}
    fields += [
        FieldToFindOut(key=kind, label=label, kind=kind)
        for kind, label in (("name", _("Name")), ("phone", _("Phone number")))
        if kind not in kinds and kind not in have
    ]
    return [field for field in fields if field.key not in have]


# The person -------------------------------------------------------------------------------------


def split(part: Lead, *, who: User) -> None:
    """Take a lead out of the one it joined: it is another person, and no machine joins it to anybody again."""
    with transaction.atomic():
        head = part.joined_to
        apart = {"joined_to": None, "kept_apart": True, "updated_at": timezone.now()}
        if head is None or not Lead.objects.filter(pk=part.pk, joined_to=head).update(**apart):
            raise ChangedError
        part.joined_to, part.kept_apart = None, True
        for lead, other in ((head, part), (part, head)):
            note(lead, _("Same person as"), _lead_words(other), _("another person"), who=who)
        head.refresh_from_db()
        announce(head, "lead.updated", why=_("taken apart by staff"))
        announce(part, "lead.captured", why=_("taken apart by staff"))


def join(lead: Lead, other: Lead, *, who: User) -> Lead:
    """Make two leads one person; the earlier one stands for both, and is given. What joined the later one comes along.

    Raises `ReviewError` for a sample and somebody real.
    """
    with transaction.atomic():
        both = list(
            Lead.objects.select_related("call")
            .select_for_update(of=("self",))
            .filter(pk__in=[lead.pk, other.pk])
            .order_by("created_at", "pk")
        )
        if len(both) < 2 or any(each.joined_to_id or each.locked_at for each in both):
            raise ChangedError
        if both[0].is_sample != both[1].is_sample:
            raise ReviewError(_("A sample is nobody: it can't be the same person as somebody real."))
        head, part = both
        now = timezone.now()
        Lead.objects.filter(joined_to=part).update(joined_to=head, updated_at=now)
        Lead.objects.filter(pk=part.pk).update(joined_to=head, kept_apart=False, updated_at=now)
        if part.accepted_at is None:
            Lead.objects.filter(pk=head.pk).update(accepted_at=None, updated_at=now)
        for each, with_whom in ((head, part), (part, head)):
            note(each, _("Same person as"), "", _lead_words(with_whom), who=who)
        head.refresh_from_db()
        announce(head, "lead.updated", why=_("joined by staff"))
        return head


def keep_apart(lead: Lead, other: Lead, *, who: User) -> None:
    """Say that a suggested match is another person. The later of the two is not joined by a machine any more."""
    part = max(lead, other, key=lambda each: (each.created_at, each.pk))
    with transaction.atomic():
        if Lead.objects.filter(pk=part.pk, kept_apart=False).update(kept_apart=True, updated_at=timezone.now()):
            note(lead, _("Same person as"), _lead_words(other), _("another person"), who=who)


# What verbs share -------------------------------------------------------------------------------


def _judge(value: LeadValue, verdict: LeadValue.Verdict, *, who: User, seen: str) -> None:
    with transaction.atomic():
        _require_shown(value, seen)
        old, counted = LeadValue.Verdict(value.verdict), value.counts
        _swap_value(value, verdict=verdict)
        _renamed(value)
        note(value.lead, f"{value.label}: {value.value}", old.label, verdict.label, who=who)
        if counted != value.counts:
            _tell(value.lead, _("judged by staff"))


def _checked(field: FieldToFindOut, text: str, lead: Lead) -> str:
    if not text.strip():
        raise ReviewError(_("Write the right value here, or reject it."))
    try:
        return clean_value(field, text, language=_language(lead))
    except BadValueError as error:
        if field.choices:
            raise ReviewError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(field.choices)}) from error
        raise ReviewError(str(BAD_VALUES.get(field.kind, _("This is too long. Write it in fewer words.")))) from error


def _language(lead: Lead) -> str:
    """Of the words in which a value may be written."""
    return (lead.call.language if lead.call else lead.callback_language) or "en-IN"


def _require_open(lead: Lead) -> None:
    """Lock the lead's row. Raises `ReviewError` for one that joined another, or that is kept but not used."""
    now = Lead.objects.select_for_update().filter(pk=lead.pk).first()
    if now is None or now.joined_to_id:
        raise ChangedError
    if now.locked_at:
        raise ReviewError(_("This lead is locked, because the person asked for it. It can't be changed."))


def _locked_family(lead: Lead) -> Lead:
    """The lead as it is now, with those that joined it and all their values, which nobody changes meanwhile."""
    theirs = Q(lead=lead) | Q(lead__joined_to=lead)
    list(LeadValue.objects.filter(theirs).select_for_update(of=("self",)).values_list("pk"))
    return Lead.objects.prefetch_related("values", "joined__values").get(pk=lead.pk)


def _require_shown(value: LeadValue, seen: str) -> None:
    _require_open(value.lead.joined_to or value.lead)
    if value_stamp(value) != seen:
        raise ChangedError


def _swap(lead: Lead, field: str, seen: Any, new: Any) -> bool:
    """Whether there was something to change. Raises `ChangedError` when it is not what was `seen` any more."""
    if seen == new:
        return False
    _require_open(lead)
    unchanged = Lead.objects.filter(pk=lead.pk, **{field: seen})
    if not unchanged.update(**{field: new, "updated_at": timezone.now()}):
        raise ChangedError
    setattr(lead, field, new)
    return True


def _swap_value(value: LeadValue, /, **new: Any) -> None:
    shown = {name: getattr(value, name) for name in ("value", "other", "state", "verdict")}
    if not LeadValue.objects.filter(pk=value.pk, **shown).update(**new):
        raise ChangedError
    for name, each in new.items():
        setattr(value, name, each)
    Lead.objects.filter(pk=value.lead_id).update(updated_at=timezone.now())


def _renamed(value: LeadValue) -> None:
    if value.kind == "name":
        refresh_sounds(Lead.objects.get(pk=value.lead_id))


def _tell(lead: Lead, why: str) -> None:
    announce(Lead.objects.get(pk=lead.joined_to_id or lead.pk), "lead.updated", why=why)


def _lead_words(lead: Lead) -> str:
    return f"{lead} ({timezone.localtime(lead.created_at):%Y-%m-%d %H:%M})"
