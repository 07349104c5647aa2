"""How visitors come to an agent: its link, a code to print, and the widget with the sites that may show it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import segno
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from agents import services
from agents.forms import language_label
from agents.languages import LANGUAGES
from agents.models import AgentProfile
from agents.origins import LOCAL_HOSTS, read_origins
from vaani.env import get_env

WIDGET_COLOUR = "#0b6e75"  # the button's own, in static/root/widget.js


class LinkForm(forms.Form):
    """For whom the link is. Asked by GET, so what is not offered falls to a link for everybody."""

    lang = forms.ChoiceField(label=_("Language"), required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, languages: list[tuple[str, str]], asked: dict[str, str]) -> None:
        offered = asked.get("lang", "") in dict(languages)
        super().__init__({"lang": asked["lang"] if offered else ""})
        self.fields["lang"].choices = [("", _("Visitors choose")), *languages]  # type: ignore[attr-defined]


class WidgetForm(forms.Form):
    """How the widget looks. The page's script makes the tag of it; nothing is sent."""

    language = forms.ChoiceField(label=_("Language"), widget=UnfoldAdminSelectWidget)
    colour = forms.CharField(label=_("Colour"), initial=WIDGET_COLOUR, widget=UnfoldAdminColorInputWidget)
    position = forms.ChoiceField(
        label=_("Corner"), choices=[("right", _("Right")), ("left", _("Left"))], widget=UnfoldAdminSelectWidget
    )

    def __init__(self, languages: list[tuple[str, str]], first: str) -> None:
        super().__init__(initial={"language": first}, prefix="widget")
        self.fields["language"].choices = languages  # type: ignore[attr-defined]


class SitesForm(forms.Form):
    origins = forms.CharField(
        label=_("Sites with the widget"), required=False, max_length=20_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "placeholder": "https://www.example.in", "spellcheck": "false"}),
        help_text=_("One address a line. Only their pages may show the widget or start calls. Saved, it holds at once."),
    )  # fmt: skip

    def clean_origins(self) -> list[str]:
        return read_origins(self.cleaned_data["origins"])


class AgentSharingAdmin(ModelAdmin):
    """The part of the agents' admin that shows how to reach one."""

    @action(description=_("Share"), permissions=["view"], icon="share")
    def share(self, request: HttpRequest, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile.objects.select_related("published"), pk=object_id)
        may_change = request.user.has_perm("agents.publish_agentprofile")
        sites = SitesForm(initial={"origins": "\n".join(profile.origins)})
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            sites = SitesForm(request.POST)
            if sites.is_valid():
                services.allow_sites(profile, sites.cleaned_data["origins"])
                self.log_change(request, profile, str(_("Changed the sites with the widget.")))
                messages.success(request, _("The sites are saved. It holds from now on."))
                return HttpResponseRedirect(reverse("admin:agents_agentprofile_share", args=[profile.pk]))
            sites.fields["origins"].widget.attrs["autofocus"] = True  # it is far down the page
        context = {
            "title": _("Share %(name)s") % {"name": profile.name},
            "profile": profile,
            "sites": sites,
            "may_change": may_change,
            **_ways(profile, request.GET.dict()),
        }
        return TemplateResponse(
            request, "agents/admin/share.html", {**self.admin_site.each_context(request), **context}
        )


def _ways(profile: AgentProfile, asked: dict[str, str]) -> dict[str, Any]:
    """Link, code and tag, of what is published as far as anything is."""
    shown = profile.published.config if profile.published else profile
    languages = [(code, language_label(LANGUAGES[code])) for code in shown.languages if code in LANGUAGES]
    link_form = LinkForm(languages, asked)
    link_form.full_clean()
    language = link_form.cleaned_data["lang"]
    site = get_env().site_url
    query = f"?{urlencode({'lang': language})}" if language else ""
    link = site + reverse("visitor_page", args=[profile.agent_id]) + query
    code = segno.make(link, error="m", micro=False)
    return {
        "shown": shown,
        "link": link,
        "link_form": link_form,
        "only_here": urlsplit(site).hostname in LOCAL_HOSTS,
        # Of our own making: an address, checked, becomes black squares.
        "code": mark_safe(code.svg_inline(omitsize=True, light="#fff")),  # noqa: S308  # nosec B308
        "code_svg": code.svg_data_uri(scale=10, light="#fff"),
        "code_png": code.png_data_uri(scale=24),
        "file_name": f"{profile.agent_id}-{language}" if language else profile.agent_id,
        "widget_form": WidgetForm(languages, shown.default_language),
        "widget_url": f"{site}/widget.js",
    }
