"""By what staff narrow the list of leads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.languages import LANGUAGES
from agents.models import FieldToFindOut
from leads.models import Lead, LeadQuerySet, LeadValue
from leads.queue import to_review

MINE, NOBODY = "mine", "nobody"


class LeadFilter(admin.SimpleListFilter):
    """A filter of leads whose choices are a table."""

    choices_of_it: list[tuple[str, Any]] = []

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return self.choices_of_it


class TodoFilter(LeadFilter):
    title = _("to do")
    parameter_name = "todo"
    choices_of_it = [("review", _("To review")), ("today", _("Follow-up today or before"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        if self.value() == "review":
            return to_review(queryset)
        if self.value() == "today":
            return queryset.filter(status__in=Lead.OPEN, follow_up_on__lte=timezone.localdate())
        return queryset


class CallbackFilter(LeadFilter):
    title = _("call-back")
    parameter_name = "callback"
    choices_of_it = [("asked", _("Asked to be called back"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        asked = Lead.objects.filter(callback_at__isnull=False).values_list(Coalesce("joined_to", "pk"))
        return queryset.filter(pk__in=asked) if self.value() else queryset


class SampleFilter(LeadFilter):
    title = _("sample")
    parameter_name = "sample"
    choices_of_it = [("no", _("Real ones only")), ("yes", _("Samples only"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        leads = cast(LeadQuerySet, queryset)
        if self.value() == "no":
            return leads.real()
        return leads.samples() if self.value() else leads


class LanguageFilter(LeadFilter):
    title = _("language")
    parameter_name = "language"
    choices_of_it = [(code, language.name) for code, language in LANGUAGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        if not self.value():
            return queryset
        return queryset.filter(Q(call__language=self.value()) | Q(call=None, callback_language=self.value()))


class OwnerFilter(admin.SimpleListFilter):
    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        owners = User.objects.filter(leads__isnull=False).distinct().order_by("username")
        others = [user for user in owners if user != request.user]
        return [(MINE, _("Mine")), (NOBODY, _("Nobody's")), *((str(user.pk), str(user)) for user in others)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        if self.value() == MINE:
            return queryset.filter(owner=request.user.pk)
        if self.value() == NOBODY:
            return queryset.filter(owner=None)
        owner = self.value() or ""
        return queryset.filter(owner=int(owner)) if owner.isdecimal() else queryset


class PhoneFilter(LeadFilter):
    title = _("phone number")
    parameter_name = "phone"
    choices_of_it = [("missing", _("Missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        if not self.value():
            return queryset
        phones = LeadValue.objects.filter(kind=FieldToFindOut.Kind.PHONE).exclude(verdict=LeadValue.Verdict.REJECTED)
        known = ~Q(state=LeadValue.State.INFERRED) | Q(verdict=LeadValue.Verdict.ACCEPTED)
        return queryset.exclude(pk__in=phones.filter(known).values_list(Coalesce("lead__joined_to", "lead")))
