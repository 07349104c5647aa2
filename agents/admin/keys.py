"""The admin of the keys other programs use, for operators only."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from agents.admin.people import OperatorsOnly
from agents.models import IntegrationKey


@admin.register(IntegrationKey)
class IntegrationKeyAdmin(OperatorsOnly, ModelAdmin):
    fields = ["name"]
    list_display = ["name", "created_at", "last_used_at"]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        # One key, one message: another page before the list would only hide it.
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, buttons | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: IntegrationKey, form: Any, change: bool) -> None:
        if not change:
            key = f"vk_{secrets.token_urlsafe(32)}"
            obj.hashed = IntegrationKey.hash(key)
            messages.warning(request, _("The key is %(key)s. Copy it now: it is not shown again.") % {"key": key})
        obj.save()
