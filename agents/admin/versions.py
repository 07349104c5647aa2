"""Published versions of an agent: what each changed, and one of them as the draft again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from agents import services
from agents.conflicts import SEEN, conflict, stamp
from agents.models import AgentProfile, AgentVersion
from agents.versions import changes


class VersionInline(TabularInline):
    """What has been published, to read."""

    model = AgentVersion
    verbose_name_plural = _("published versions")
    fields = readonly_fields = ["page", "published_at", "author_name", "remarks"]
    hide_title = True
    per_page = 10
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgentVersion]:
        versions: QuerySet[AgentVersion] = super().get_queryset(request)
        return versions.filter(number__isnull=False)

    @display(description=_("version"))
    def page(self, version: AgentVersion) -> str:
        return format_html(
            '<a class="version-link" href="{}">{}</a>',
            _address("version", version.agent_id, version.number),
            version_name(version),
        )

    @display(description=_("what changed"), empty_value="")
    def remarks(self, version: AgentVersion) -> str:
        if not version.override_reason:
            return version.note
        anyway = _("Published anyway: %(reason)s") % {"reason": version.override_reason}
        return f"{version.note} · {anyway}" if version.note else anyway

    @display(description=_("published"))
    def published_at(self, version: AgentVersion) -> str:
        return _moment(version)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_add_permission = has_change_permission


class AgentVersionsAdmin(ModelAdmin):
    """Two addresses for the admin of agents: a version's page, and its button. Nothing here publishes."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        place = "<int:agent_pk>/versions/<int:number>/"
        return [
            path(place, view(self.version_view), name="agents_agentprofile_version"),
            path(f"{place}restore/", view(self.restore_view), name="agents_agentprofile_restore"),
            *super().get_urls(),
        ]

    def version_view(self, request: HttpRequest, agent_pk: int, number: int) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=agent_pk)
        if not self.has_view_permission(request, profile):
            raise PermissionDenied
        version = get_object_or_404(profile.versions, number=number)
        others = list(profile.versions.filter(number__isnull=False).exclude(pk=version.pk))
        other = _chosen(others, request.GET.get("against", ""))
        context = {
            "title": version_name(version),
            "opts": self.opts,
            "profile": profile,
            "version": version,
            "published_at": _moment(version),
            "is_live": version.pk == profile.published_id,
            "others": others,
            "other": other,
            "may_restore": self.has_change_permission(request, profile),
            "loses_changes": _loses_changes(profile),
            "restore_address": _address("restore", profile.pk, number),
            "seen": stamp(profile),
            **_comparison(profile, version, other),
        }
        return TemplateResponse(
            request, "agents/admin/version.html", {**self.admin_site.each_context(request), **context}
        )

    def restore_view(self, request: HttpRequest, agent_pk: int, number: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            profile = get_object_or_404(AgentProfile.objects.select_for_update(), pk=agent_pk)
            if not self.has_change_permission(request, profile):
                raise PermissionDenied
            version = get_object_or_404(profile.versions, number=number)
            if words := conflict(profile, request.POST.get(SEEN, "")):
                messages.error(request, _("%(conflict)s Nothing was restored.") % {"conflict": words})
                return HttpResponseRedirect(_address("version", agent_pk, number))
            services.restore(profile, version)
            self.log_change(request, profile, str(_("Restored version %(number)s.") % {"number": number}))
        messages.success(
            request, _("Version %(number)s is the draft now. Visitors hear it once you publish.") % {"number": number}
        )
        return HttpResponseRedirect(_address("change", agent_pk))


def version_name(version: AgentVersion) -> str:
    """A version as people name it."""
    return str(_("Version %(number)s") % {"number": version.number})


def _chosen(versions: list[AgentVersion], against: str) -> AgentVersion | None:
    """The version to compare with; None for the draft."""
    if not against:
        return None
    for version in versions:
        if str(version.number) == against:
            return version
    raise Http404


def _comparison(profile: AgentProfile, version: AgentVersion, other: AgentVersion | None) -> dict[str, Any]:
    """The older of the two, the newer, and what changed between them."""
    if other:
        older, newer = sorted([version, other], key=lambda each: each.number or 0)
        names = {"older": version_name(older), "newer": version_name(newer)}
        return {**names, "changes": list(changes(older.config, newer.config))}
    names = {"older": version_name(version), "newer": str(_("the draft"))}
    try:
        return {**names, "changes": list(changes(version.config, services.draft_config(profile)))}
    except ValidationError:
        return {**names, "unfinished": True}


def _loses_changes(profile: AgentProfile) -> bool:
    try:
        return services.has_unpublished_changes(profile)
    except ValidationError:
        return True


def _moment(version: AgentVersion) -> str:
    return date_format(timezone.localtime(version.created_at), "j M Y, H:i")


def _address(view: str, *args: Any) -> str:
    return reverse(f"admin:agents_agentprofile_{view}", args=args)
