"""Leads in the admin: who they are, what they said, and the call it was said in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from agents.models import FieldToFindOut
from leads.models import Lead, LeadValue


class ValueInline(TabularInline):
    model = LeadValue
    fields = readonly_fields = ["label", "value", "state"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CallbackFilter(admin.SimpleListFilter):
    title = _("call-back")
    parameter_name = "callback"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("asked", _("Asked to be called back"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        return queryset.filter(callback_at__isnull=False) if self.value() else queryset


@admin.register(Lead)
class LeadAdmin(ModelAdmin):
    list_display = ["person", "phone", "agent", "call_back", "status", "created_at"]
    list_filter = ["agent", "status", CallbackFilter]
    search_fields = ["values__value"]
    show_full_result_count = False
    fields = ["agent", "the_call", "call_back", "status", "created_at"]
    readonly_fields = ["agent", "the_call", "call_back", "created_at"]
    inlines = [ValueInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        leads: QuerySet[Lead] = super().get_queryset(request)
        return leads.select_related("agent", "call").prefetch_related("values")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("person"))
    def person(self, lead: Lead) -> str:
        return str(lead)

    @admin.display(description=_("phone"))
    def phone(self, lead: Lead) -> str:
        return lead.value_of(FieldToFindOut.Kind.PHONE) or "–"

    @admin.display(description=_("call-back"), ordering="callback_at")
    def call_back(self, lead: Lead) -> str:
        if lead.callback_at is None:
            return "–"
        when = date_format(timezone.localtime(lead.callback_at), "DATETIME_FORMAT")
        words = {"when": when, "language": lead.get_callback_language_display()}
        return gettext("Asked on %(when)s, in %(language)s") % words

    @admin.display(description=_("call"))
    def the_call(self, lead: Lead) -> str:
        if lead.call is None:
            return gettext("No call could begin")
        return format_html('<a href="{}">{}</a>', reverse("admin:calls_call_change", args=[lead.call_id]), lead.call)
