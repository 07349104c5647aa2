"""The admin of what operators look after: the keys other programs use, and the models providers refused."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from agents.models import IntegrationKey, ModelRefusal
from agents.services import refused_models
from agents.standing import standing


@admin.register(IntegrationKey)
class IntegrationKeyAdmin(ModelAdmin):
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


@admin.register(ModelRefusal)
class ModelRefusalAdmin(ModelAdmin):
    """To read, and to delete: then calls try the model again."""

    fields = list_display = ["model", "message", "refused_at", "calls_use"]
    actions = ["try_again"]

    @display(description=_("calls use"))
    def calls_use(self, refusal: ModelRefusal) -> str:
        successor = standing(refusal.model, timezone.localdate(), refused_models()).successor
        if not successor:
            return ""
        address = reverse("admin:agents_agentprofile_models")
        return format_html('{} <a class="version-link" href="{}">{}</a>', successor, address, _("Move its agents"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelRefusal | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Try this model again"), permissions=["delete"])
    def try_again(self, request: HttpRequest, refusals: QuerySet[ModelRefusal]) -> None:
        names = ", ".join(refusals.values_list("model", flat=True))
        self.log_deletions(request, refusals)
        refusals.delete()
        messages.success(request, _("New calls try %(models)s again.") % {"models": names})
