"""Agents out of templates and files, and into files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from agents.contract import AgentConfig
from agents.drafts import IdTakenError, free_id, import_draft
from agents.files import MAX_BYTES, AgentFileError, dump_agent, read_agent
from agents.models import AgentProfile
from agents.ready import BRIEFS, TRADES, ready_config
from agents.services import draft_config


class StartForm(forms.Form):
    """What a draft is made of, and the id it gets. `config` may be asked once the form is valid."""

    agent_id = forms.CharField(
        label=_("Id"), required=False, widget=UnfoldAdminTextInputWidget, max_length=60,
        validators=AgentProfile._meta.get_field("agent_id").validators,
        help_text=_("The last part of the visitor's address, which cannot be changed later. Empty: the one it comes with."),
    )  # fmt: skip
    source: str  # the field beside which it is told what is wrong with the config

    def config(self) -> AgentConfig:
        raise NotImplementedError


class TemplateForm(StartForm):
    trade = forms.ChoiceField(
        label=_("Template"), choices=TRADES.items, initial="real-estate", widget=UnfoldAdminRadioSelectWidget
    )
    brief = forms.ChoiceField(
        label=_("Language of the brief"), choices=BRIEFS.items, initial="en", widget=UnfoldAdminRadioSelectWidget,
        help_text=_("The one you will read and edit. The agent speaks eleven languages either way."),
    )  # fmt: skip
    source = "trade"
    field_order = ["trade", "brief", "agent_id"]

    def config(self) -> AgentConfig:
        ready = ready_config(self.cleaned_data["trade"], self.cleaned_data["brief"])
        return ready.model_copy(update={"agent_id": self.cleaned_data["agent_id"] or free_id(ready.agent_id)})


class FileForm(StartForm):
    file = forms.FileField(
        label=_("File"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".yaml,.yml"}),
        help_text=_("An agent's YAML file, as “Export” writes it. At most 1 MB."),
    )  # fmt: skip
    source = "file"
    field_order = ["file", "agent_id"]

    def clean_file(self) -> AgentConfig:
        try:
            return read_agent(self.cleaned_data["file"].read(MAX_BYTES + 1))
        except AgentFileError as error:
            raise forms.ValidationError(list(error.faults)) from error

    def config(self) -> AgentConfig:
        read: AgentConfig = self.cleaned_data["file"]
        return read.model_copy(update={"agent_id": self.cleaned_data["agent_id"] or read.agent_id})


class AgentFilesAdmin(ModelAdmin):
    """Three buttons for the admin of agents. Nothing here publishes."""

    actions_list = ["from_template", "import_file"]

    @action(description=_("Make from a template"), permissions=["add"], icon="auto_awesome")
    def from_template(self, request: HttpRequest) -> HttpResponse:
        form = TemplateForm(request.POST) if request.method == "POST" else TemplateForm()
        return self._start(request, form, title=_("Make an agent from a template"), button=_("Make the agent"))

    @action(description=_("Import a file"), permissions=["add"], icon="upload_file")
    def import_file(self, request: HttpRequest) -> HttpResponse:
        form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
        return self._start(request, form, title=_("Make an agent from a file"), button=_("Import"))

    def _start(self, request: HttpRequest, form: StartForm, *, title: Any, button: Any) -> HttpResponse:
        if form.is_valid():
            try:
                profile = import_draft(form.config())
            except IdTakenError as error:
                form.add_error("agent_id", _("%(taken)s Write another id.") % {"taken": error})
            except AgentFileError as error:
                form.add_error(form.source, list(error.faults))
            else:
                self.log_addition(request, profile, [{"added": {}}])
                messages.success(
                    request,
                    _("%(name)s is a draft. Read it through, put in your own facts, then publish.")
                    % {"name": profile.name},
                )
                return _page_of(profile)
        context = {"title": title, "button": button, "form": form, "opts": self.opts, "media": self.media + form.media}
        return TemplateResponse(
            request, "agents/admin/start.html", {**self.admin_site.each_context(request), **context}
        )

    @action(description=_("Export"), permissions=["view"], icon="download")
    def export(self, request: HttpRequest, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=object_id)
        try:
            text = dump_agent(draft_config(profile))
        except ValidationError:
            messages.error(request, _("The draft is not whole. Save it here first, then export it."))
            return _page_of(profile)
        filename = content_disposition_header(as_attachment=True, filename=f"{profile.agent_id}.yaml")
        return HttpResponse(text, content_type="application/yaml", headers={"Content-Disposition": str(filename)})


def _page_of(profile: AgentProfile) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:agents_agentprofile_change", args=[profile.pk]))
