"""Files of leads: the page that offers them, the answer that is one, and the page of one that takes its time."""

from __future__ import annotations

import io
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from leads.exports import MOST_AT_ONCE, TYPES, file_name, restart_export, start_export, write_file
from leads.models import Export, Lead
from leads.models.exports import KEPT_DAYS
from vaani.logs import get_logger

log = get_logger(__name__)


class FormatForm(forms.Form):
    format = forms.ChoiceField(choices=Export.Format.choices)


class LeadExportAdmin(ModelAdmin):
    """The part of the leads' admin that makes files."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("exports/<int:export_pk>/", view(self.export_view), name="leads_lead_one_export"),
            path("exports/<int:export_pk>/file/", view(self.export_file_view), name="leads_lead_export_file"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(page, TemplateResponse) and page.context_data:
            for button in page.context_data["actions_list"]:  # the file is to hold what the list shows
                button["path"] = f"{button['path']}?{urlencode(request.GET, doseq=True)}"
        return page

    @action(description=_("Export"), permissions=["export"], icon="download")
    def export(self, request: HttpRequest) -> HttpResponse:
        listed: QuerySet[Lead] = self.get_changelist_instance(request).get_queryset(request)
        if request.method == "POST":
            form = FormatForm(request.POST)
            if form.is_valid():
                return self.export_answer(request, listed, form.cleaned_data["format"])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export leads"),
            "opts": self.opts,
            "count": listed.filter(locked_at=None).count(),
            "filtered": bool(request.GET),
            "formats": Export.Format.choices,
            "most_at_once": MOST_AT_ONCE,
        }
        return TemplateResponse(request, "leads/admin/export.html", context)

    def export_answer(self, request: HttpRequest, leads: QuerySet[Lead], file_format: str) -> HttpResponse:
        """The file, or the page that shows how far it is."""
        ids = list(leads.filter(locked_at=None).values_list("pk", flat=True))
        user = cast(User, request.user)
        if len(ids) > MOST_AT_ONCE:
            export = start_export(ids, file_format, user)
            return HttpResponseRedirect(reverse("admin:leads_lead_one_export", args=[export.pk]))
        file = io.BytesIO()
        write_file(file, ids, file_format)
        log.info("leads_exported", leads=len(ids), user_id=user.pk)
        name = f'attachment; filename="{file_name(file_format)}"'
        kind = TYPES[Export.Format(file_format)]
        return HttpResponse(file.getvalue(), content_type=kind, headers={"Content-Disposition": name})

    def export_view(self, request: HttpRequest, export_pk: int) -> HttpResponse:
        export = self._own_export(request, export_pk)
        if request.method == "POST":
            if restart_export(export):
                messages.info(request, _("It is being made anew."))
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export leads"),
            "opts": self.opts,
            "export": export,
            "total": len(export.leads),
            "kept_days": KEPT_DAYS,
        }
        page = "leads/admin/_export.html" if "part" in request.GET else "leads/admin/one_export.html"
        return TemplateResponse(request, page, context)

    def export_file_view(self, request: HttpRequest, export_pk: int) -> HttpResponseBase:
        export = self._own_export(request, export_pk)
        if not export.file or not default_storage.exists(export.file):
            return HttpResponseRedirect(reverse("admin:leads_lead_one_export", args=[export.pk]))
        kind = TYPES[Export.Format(export.format)]
        file = default_storage.open(export.file)
        return FileResponse(file, as_attachment=True, filename=file_name(export.format), content_type=kind)

    def _own_export(self, request: HttpRequest, export_pk: int) -> Export:
        """Raises `PermissionDenied`, and `Http404` for somebody else's."""
        if not request.user.has_perm("leads.export_lead"):
            raise PermissionDenied
        return get_object_or_404(Export, pk=export_pk, asked_by=cast(User, request.user))
