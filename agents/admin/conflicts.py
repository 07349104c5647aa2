"""A form is saved only over the draft it was made from."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from agents.conflicts import SEEN, conflict
from agents.models import AgentProfile


class OneAtATimeAdmin(ModelAdmin):
    """What the admin of agents does beside the form's own check when two people edit one draft."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method != "POST" or object_id is None or not object_id.isdecimal():
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            # Of two who save at once the second waits here, and then meets the draft of the first.
            AgentProfile.objects.select_for_update().filter(pk=object_id).first()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_formset_kwargs(self, request: HttpRequest, obj: AgentProfile, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if (
            request.method == "POST"
            and obj.pk
            and inline.has_change_permission(request, obj)
            and conflict(obj, request.POST.get(SEEN, ""))
        ):
            # The rows may be gone, so what was typed into them is shown as that of new ones.
            data = kwargs["data"]
            data[f"{prefix}-INITIAL_FORMS"] = "0"
            for name in data:
                if name.startswith(f"{prefix}-") and name.endswith("-id"):
                    data[name] = ""
        return kwargs
