"""The button that takes the samples away again, and the page that asks first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action

from calls.models import Call
from leads.samples import Samples, remove_samples, samples_now


class LeadSamplesAdmin(ModelAdmin):
    """The part of the leads' admin that removes samples."""

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """Without samples there is no button."""
        buttons: list[Any] = super().get_actions_list(request)
        if Call.objects.filter(kind=Call.Kind.SAMPLE).exists():
            return buttons
        return [button for button in buttons if button.path != "remove_samples"]

    def has_remove_samples_permission(self, request: HttpRequest) -> bool:
        """Who may erase people may erase nobody's calls too."""
        return self.has_view_permission(request) and request.user.has_perm("leads.add_erasure")

    @action(description=_("Remove samples"), permissions=["remove_samples"], icon="delete_sweep")
    def remove_samples(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            removed = remove_samples()
            messages.success(request, _("Removed: %(what)s.") % {"what": _what(removed)})
            if removed.under_way:
                messages.warning(request, _left(removed))
            return HttpResponseRedirect(reverse("admin:leads_lead_changelist"))
        found = samples_now()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Remove samples"),
            "opts": self.opts,
            "found": found,
            "what": _what(found),
            "left": _left(found) if found.under_way else "",
        }
        return TemplateResponse(request, "leads/admin/samples.html", context)


def _what(samples: Samples) -> str:
    calls = ngettext("%(count)s sample call", "%(count)s sample calls", samples.calls) % {"count": samples.calls}
    leads = ngettext("%(count)s lead", "%(count)s leads", samples.leads) % {"count": samples.leads}
    return _("%(calls)s and %(leads)s") % {"calls": calls, "leads": leads}


def _left(samples: Samples) -> str:
    words = ngettext(
        "%(count)s sample call is not over yet and stays. Remove it when it has ended.",
        "%(count)s sample calls are not over yet and stay. Remove them when they have ended.",
        samples.under_way,
    )
    return words % {"count": samples.under_way}
