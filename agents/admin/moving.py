"""The page that moves agents off models which are past their end or refused."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from agents.models import AgentProfile
from agents.moving import Leaving, Outcome, leaving, move_to_successor
from agents.services import refused_models

# What is told of an agent after the move, and how loud.
WORDS = {
    Outcome.PUBLISHED: (messages.SUCCESS, _("%(name)s now names %(successor)s. Version %(number)s is published.")),
    Outcome.NEVER_PUBLISHED: (messages.SUCCESS, _("%(name)s now names %(successor)s.")),
    Outcome.HELD: (
        messages.WARNING,
        _("The draft of %(name)s now names %(successor)s. Run its examples there, then publish it."),
    ),
    Outcome.OTHER_CHANGES: (
        messages.WARNING,
        _("The draft of %(name)s now names %(successor)s. It has other changes, so it was not published: do that there."),
    ),
    Outcome.MAY_NOT_PUBLISH: (
        messages.WARNING,
        _("The draft of %(name)s now names %(successor)s. Ask somebody who may publish to publish it."),
    ),
    Outcome.FED_BY_N8N: (
        messages.WARNING,
        _("The stored profile of %(name)s now names %(successor)s. If n8n sends %(model)s, change it there too."),
    ),
    Outcome.NOT_WHOLE: (messages.ERROR, _("The draft of %(name)s is not whole. Save it on its own page first.")),
}  # fmt: skip


class AgentMovingAdmin(ModelAdmin):
    """One address for the admin of agents: what is to be moved, and a button a model."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.models_view)
        return [path("models/", view, name="agents_agentprofile_models"), *super().get_urls()]

    def models_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        profiles = AgentProfile.objects.select_related("published").order_by("name", "pk")
        found = leaving(profiles, timezone.localdate(), refused_models())
        if request.method == "POST":
            for each in found:
                if each.standing.name == request.POST.get("model") and each.standing.successor:
                    self._move(request, each)
            return HttpResponseRedirect(reverse("admin:agents_agentprofile_models"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Models to move off"),
            "opts": self.opts,
            "leaving": found,
        }
        return TemplateResponse(request, "agents/admin/models.html", context)

    def _move(self, request: HttpRequest, model: Leaving) -> None:
        names = {"model": model.standing.name, "successor": model.standing.successor}
        may_publish = request.user.has_perm("agents.publish_agentprofile")
        for profile in model.agents:
            outcome = move_to_successor(
                profile, names["model"], author=cast(User, request.user), may_publish=may_publish
            )
            if outcome is not Outcome.NOT_WHOLE:
                self.log_change(request, profile, str(_("Moved from %(model)s to %(successor)s.") % names))
            profile.refresh_from_db()
            number = profile.published.number if profile.published else None
            level, words = WORDS[outcome]
            messages.add_message(request, level, words % {**names, "name": profile.name, "number": number})
