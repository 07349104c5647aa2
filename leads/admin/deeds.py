"""What a button of the page does: `do` in its form names the verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from leads import review
from leads.admin.details import DetailsForm
from leads.models import Lead, LeadValue
from leads.people import family, values_of
from leads.review import ReviewError


class Refused(Exception):
    """It was not done. The text is for the person; `place` says beside which field, `typed` what stood in it."""

    def __init__(self, words: str, place: str = "", typed: str = "", form: DetailsForm | None = None) -> None:
        super().__init__(words)
        self.place, self.typed, self.form = place, typed, form


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person goes on: at a lead, or, when there is none, at the next one to review."""

    lead: Lead | None
    anchor: str = ""


def do(lead: Lead, who: User, data: QueryDict) -> Place:
    """Do what a form of the lead's page asks for. Raises `Refused`."""
    deed = _DEEDS.get(data.get("do", ""))
    if deed is None:
        raise Refused(_("This page is out of date. Reload it and try again."))
    try:
        with transaction.atomic():
            return deed(lead, who, data)
    except ReviewError as error:
        raise Refused(str(error)) from error


def _accept(lead: Lead, who: User, data: QueryDict) -> Place:
    review.accept_lead(lead, who=who, seen=data.get("seen", ""))
    return Place(None)


def _accept_value(lead: Lead, who: User, data: QueryDict) -> Place:
    value = _value(lead, data)
    review.accept_value(value, who=who, seen=data.get("seen", ""))
    return _after(lead, value)


def _reject_value(lead: Lead, who: User, data: QueryDict) -> Place:
    value = _value(lead, data)
    review.reject_value(value, who=who, seen=data.get("seen", ""))
    return _after(lead, value)


def _take_other(lead: Lead, who: User, data: QueryDict) -> Place:
    value = _value(lead, data)
    review.correct_value(value, value.other, who=who, seen=data.get("seen", ""))
    return _after(lead, value)


def _correct_value(lead: Lead, who: User, data: QueryDict) -> Place:
    value, text = _value(lead, data), data.get("text", "")
    try:
        review.correct_value(value, text, who=who, seen=data.get("seen", ""))
    except review.ChangedError:
        raise
    except ReviewError as error:
        raise Refused(str(error), place=value.key, typed=text) from error
    return _after(lead, value)


def _add_value(lead: Lead, who: User, data: QueryDict) -> Place:
    fields = {field.key: field for field in review.fields_missing(lead, values_of(lead))}
    key, text = data.get("key", ""), data.get("text", "")
    if key not in fields:
        raise review.ChangedError
    try:
        review.add_value(lead, fields[key], text, who=who)
    except review.ChangedError:
        raise
    except ReviewError as error:
        raise Refused(str(error), place=key, typed=text) from error
    return Place(lead, "#values")


def _details(lead: Lead, who: User, data: QueryDict) -> Place:
    form = DetailsForm(lead, data)
    if not form.is_valid():
        raise Refused(_("Not saved. See what is said beside the fields."), form=form)
    form.save(lead, who)
    return Place(lead)


def _take_over(lead: Lead, who: User, data: QueryDict) -> Place:
    mine = data.copy()
    mine["owner"] = str(who.pk)
    return _details(lead, who, mine)


def _split(lead: Lead, who: User, data: QueryDict) -> Place:
    part = next((each for each in family(lead) if str(each.pk) == data.get("lead") and each.pk != lead.pk), None)
    if part is None:
        raise review.ChangedError
    review.split(part, who=who)
    return Place(lead, "#person")


def _join(lead: Lead, who: User, data: QueryDict) -> Place:
    return Place(review.join(lead, _other(data), who=who), "#person")


def _keep_apart(lead: Lead, who: User, data: QueryDict) -> Place:
    review.keep_apart(lead, _other(data), who=who)
    return Place(lead, "#person")


_DEEDS: dict[str, Callable[[Lead, User, QueryDict], Place]] = {
    "accept": _accept,
    "accept_value": _accept_value,
    "reject_value": _reject_value,
    "take_other": _take_other,
    "correct_value": _correct_value,
    "add_value": _add_value,
    "details": _details,
    "take_over": _take_over,
    "split": _split,
    "join": _join,
    "keep_apart": _keep_apart,
}


def _value(lead: Lead, data: QueryDict) -> LeadValue:
    value = next((each for each in values_of(lead) if str(each.pk) == data.get("value")), None)
    if value is None:
        raise review.ChangedError
    return value


def _after(lead: Lead, judged: LeadValue) -> Place:
    """At the next doubtful value, or where the lead is accepted."""
    doubtful = [value for value in values_of(lead) if value.pk != judged.pk and value.is_doubtful]
    return Place(lead, f"#value-{doubtful[0].key}" if doubtful else "#accept")


def _other(data: QueryDict) -> Lead:
    pk = data.get("lead", "")
    other = Lead.objects.people().filter(pk=pk).first() if pk.isdecimal() else None
    if other is None:
        raise review.ChangedError
    return other
