"""What n8n was asked for an agent and what it answered, and a button to ask it now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from agents.models import AgentProfile, N8nAsking
from agents.published import forget_published
from agents.sources import ask_now
from vaani.env import get_env


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the page: when, what happened, and whether that is trouble."""

    when: str
    what: str
    trouble: bool = False


class AgentN8nAdmin(ModelAdmin):
    """The part of the agents' admin for those that n8n feeds."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.ask_view)
        return [path("<int:agent_pk>/ask_n8n/", view, name="agents_agentprofile_ask_n8n"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {
            "fed_by_n8n": _is_fed(object_id),
            "n8n_set": bool(get_env().n8n_base_url),
            "may_ask_n8n": request.user.has_perm("agents.publish_agentprofile"),
            "n8n_askings": [list(_steps(asking)) for asking in _askings(object_id)],
        }
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def source_changed(self, request: HttpRequest, profile: AgentProfile) -> None:
        """Called once an agent is saved with another source than it had, or made with one."""
        transaction.on_commit(forget_published)
        if profile.source == AgentProfile.Source.N8N:
            if not get_env().n8n_base_url:
                messages.warning(
                    request, _("N8N_BASE_URL is not set, so n8n is not asked. Visitors hear what is published here.")
                )
        elif profile.published:
            messages.warning(
                request,
                _("n8n is not asked any more. Visitors hear version %(number)s until you publish your own.")
                % {"number": profile.published.number},
            )  # fmt: skip

    def ask_view(self, request: HttpRequest, agent_pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("agents.publish_agentprofile"):
            raise PermissionDenied  # what n8n answers goes live
        profile = get_object_or_404(AgentProfile, pk=agent_pk)
        if profile.source != AgentProfile.Source.N8N or not get_env().n8n_base_url:
            messages.error(request, _("n8n does not feed this agent."))
        else:
            for step in _steps(ask_now(profile)):
                messages.add_message(request, messages.ERROR if step.trouble else messages.SUCCESS, step.what)
        return HttpResponseRedirect(reverse("admin:agents_agentprofile_change", args=[agent_pk]))


def _is_fed(object_id: Any) -> bool:
    return (
        str(object_id).isdecimal()
        and AgentProfile.objects.filter(pk=object_id, source=AgentProfile.Source.N8N).exists()
    )


def _askings(object_id: Any) -> Iterable[N8nAsking]:
    return N8nAsking.objects.filter(agent=object_id) if _is_fed(object_id) else []


def _steps(asking: N8nAsking) -> Iterator[Step]:
    asked, answered = asking.asked_at, asking.asked_at + timedelta(seconds=asking.seconds)
    yield Step(_moment(asked), str(_("n8n was asked.")))
    if asking.fault:
        yield Step(_moment(answered), asking.fault, trouble=True)
    else:
        yield Step(_moment(answered), str(_("n8n sent a sound profile.")))
    names = {"taken": asking.get_taken_display(), "number": asking.version}
    yield Step(_moment(answered), str(_("Calls use %(taken)s: version %(number)s.") % names))


def _moment(when: datetime) -> str:
    return date_format(timezone.localtime(when), "j M, H:i:s")
