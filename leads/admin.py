"""Leads in the admin: who they are, what they said, and the call it was said in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
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


@admin.register(Lead)
class LeadAdmin(ModelAdmin):
    list_display = ["person", "phone", "agent", "status", "created_at"]
    list_filter = ["agent", "status"]
    search_fields = ["values__value"]
    show_full_result_count = False
    fields = ["agent", "the_call", "status", "created_at"]
    readonly_fields = ["agent", "the_call", "created_at"]
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

    @admin.display(description=_("call"))
    def the_call(self, lead: Lead) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:calls_call_change", args=[lead.call_id]), lead.call)
