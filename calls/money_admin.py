"""The admin of money: prices, daily caps, and what calls cost. Registered by calls/admin.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from calls.models import DailyCap, Price, Unit
from calls.money import daily

DAYS_SHOWN = 31
PER = {
    Unit.STT_SECONDS: _("hour"),
    Unit.TTS_CHARACTERS: _("10,000 characters"),
    Unit.LLM_INPUT: _("million tokens"),
    Unit.LLM_CACHED_INPUT: _("million tokens"),
    Unit.LLM_OUTPUT: _("million tokens"),
}


@admin.register(Price)
class PriceAdmin(ModelAdmin):
    list_display = ["model", "unit", "asked", "since", "source"]
    list_filter = ["model"]
    fields = ["model", "unit", "rupees", "since", "source"]

    @display(description=_("price"))
    def asked(self, price: Price) -> str:
        return f"₹{price.rupees} / {PER[Unit(price.unit)]}"

    def get_urls(self) -> list[URLPattern]:
        return [
            path("spending/", self.admin_site.admin_view(self.spending_view), name="calls_price_spending"),
            *super().get_urls(),
        ]

    def spending_view(self, request: HttpRequest) -> HttpResponse:
        """What the calls of the last days cost, per day and agent."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Spending"),
            "rows": daily(timezone.localdate() - timedelta(days=DAYS_SHOWN - 1)),
            "days": DAYS_SHOWN,
        }
        return TemplateResponse(request, "calls/admin/spending.html", context)


@admin.register(DailyCap)
class DailyCapAdmin(ModelAdmin):
    list_display = ["__str__", "minutes", "rupees"]
    fields = ["agent", "minutes", "rupees"]
