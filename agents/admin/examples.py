"""Example conversations in the admin: written, held with the draft, and what they say of publishing it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from agents import services
from agents.conflicts import SEEN, conflict, stamp
from agents.example_form import ExampleForm
from agents.example_results import names, progress_words, rows_of, summary
from agents.example_runs import PublishHeldError, State, Verdict, keep, start_runs, verdicts
from agents.models import AgentProfile, AgentVersion, Example

_HELD = "held_note"  # attribute of a request whose Publish was held: the note that came with it


@admin.register(Example)
class ExampleAdmin(ModelAdmin):
    """Examples are part of their agent: who may change it may change them."""

    form = ExampleForm
    fieldsets = [
        (None, {"fields": ["agent", "name", "language", "voice"]}),
        (_("What is said"), {"fields": ["lines"]}),
        (
            _("What must happen"),
            {"fields": ["says", "never_says", "tool", "tool_values", "keeps_language", "kept_from"]},
        ),
    ]
    list_display = ["name", "agent"]
    list_select_related = ["agent"]
    actions = None
    warn_unsaved_form = True

    def has_view_permission(self, request: HttpRequest, obj: Example | None = None) -> bool:
        return request.user.has_perm("agents.view_agentprofile") or self.has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Example | None = None) -> bool:
        return request.user.has_perm("agents.change_agentprofile")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Example | None = None) -> bool:
        return self.has_change_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Example | None = None) -> list[str]:
        return ["agent"] if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        box = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "agent":  # chosen here, not made or changed
            box.widget.can_add_related = box.widget.can_change_related = box.widget.can_view_related = False
        return box

    def prefilled(self, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
        """The form of a new example with `values` in it, a page of the caller's that also takes what is sent."""
        if request.method == "GET":
            request.GET = QueryDict(urlencode(values))  # where the admin looks for what a new form begins with
        page: HttpResponse = self.add_view(request)
        return page

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"show_save_and_add_another": False, "show_save_and_continue": False} | (extra_context or {})
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Example, form: ExampleForm, change: bool) -> None:
        if form.has_changed() or not change:
            keep(obj, author=cast(User, request.user))

    def response_post_save_add(self, request: HttpRequest, obj: Example) -> HttpResponseRedirect:
        return _to("examples", obj.agent_id)

    response_post_save_change = response_post_save_add

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        example = self.get_object(request, object_id)
        answer = super().delete_view(request, object_id, extra_context)
        return _to("examples", example.agent_id) if example and answer.status_code == 302 else answer


class PublishForm(forms.Form):
    note = forms.CharField(
        label=_("What changed"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("A few words for the list of published versions."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why publish anyway"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Kept with the version, for everyone to read."),
    )  # fmt: skip


class AgentExamplesAdmin(ModelAdmin):
    """The page of an agent's examples, and publishing, which they may hold back."""

    def get_urls(self) -> list[URLPattern]:
        view, place = self.admin_site.admin_view, "<int:agent_pk>/examples/"
        return [
            path(f"{place}run/", view(self.run_examples_view), name="agents_agentprofile_run_examples"),
            path(f"{place}publish/", view(self.publish_examples_view), name="agents_agentprofile_publish_examples"),
            *super().get_urls(),
        ]

    @action(description=_("Examples"), permissions=["view"], icon="checklist")
    def examples(self, request: HttpRequest, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=object_id)
        return self._results(request, profile, PublishForm(initial={"note": request.GET.get("note", "")}))

    def run_examples_view(self, request: HttpRequest, agent_pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        profile = get_object_or_404(AgentProfile, pk=agent_pk)
        if not self.has_change_permission(request, profile):
            raise PermissionDenied
        try:
            started = start_runs(services.trial_version(profile), again=True)
        except ValidationError:
            messages.error(request, _("The draft is not whole. Save it on the agent's page and see what is missing."))
        else:
            if not started:
                messages.info(request, _("They are running already."))
        return _to("examples", agent_pk)

    def publish_examples_view(self, request: HttpRequest, agent_pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = PublishForm(request.POST)
        with transaction.atomic():
            profile = get_object_or_404(AgentProfile.objects.select_for_update(), pk=agent_pk)
            if not self.has_publish_permission(request):
                raise PermissionDenied
            if words := conflict(profile, request.POST.get(SEEN, "")):
                messages.error(request, _("%(conflict)s Nothing was published.") % {"conflict": words})
                return _to("examples", agent_pk)
            if form.is_valid():
                try:
                    version = self.publish_draft(request, profile, **form.cleaned_data)
                except PublishHeldError:
                    form.add_error("reason", _("Say why it should be published all the same."))
                else:
                    if version:
                        self.log_change(request, profile, f"{_('Published')}: {version}")
                    return _to("change", agent_pk)
        return self._results(request, profile, form)

    def publish_draft(
        self, request: HttpRequest, profile: AgentProfile, note: str, reason: str = ""
    ) -> AgentVersion | None:
        """Publish, and tell the person what came of it. None when nothing was. Raises `PublishHeldError`."""
        before = profile.published
        try:
            version = services.publish(profile, author=cast(User, request.user), note=note, override_reason=reason)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            messages.error(request, _("Saved, but not published. %(faults)s") % {"faults": faults})
            return None
        if version == before:
            messages.info(request, _("Nothing changed since version %(number)s.") % {"number": version.number})
            return None
        messages.success(request, _("Version %(number)s is published. New calls use it.") % {"number": version.number})
        found = verdicts(profile, version.content_hash)
        if open_ones := [verdict.example for verdict in found if verdict.state is State.UNFINISHED]:
            words = _("These examples could not finish, so nobody knows how they would have come out: %(names)s.")
            messages.warning(request, words % {"names": names(open_ones)})
        return version

    def hold_back(self, request: HttpRequest, profile: AgentProfile, note: str, held: PublishHeldError) -> None:
        """The draft is saved but not published: run what has not run, and lead to the page of the examples."""
        if held.pending:
            start_runs(services.trial_version(profile), again=False)
            words = _("Saved, not published yet. The examples run on this draft first; then publish it here.")
            messages.info(request, words)
        if held.failing:
            words = _("Saved, but not published. On this draft these examples fail: %(names)s.")
            messages.error(request, words % {"names": names(held.failing)})
        setattr(request, _HELD, note)

    def response_post_save_add(self, request: HttpRequest, obj: AgentProfile) -> HttpResponse:
        note: str | None = getattr(request, _HELD, None)
        if note is None:
            answer: HttpResponse = super().response_post_save_add(request, obj)
            return answer
        return _to("examples", obj.pk, note=note)

    def response_post_save_change(self, request: HttpRequest, obj: AgentProfile) -> HttpResponse:
        note: str | None = getattr(request, _HELD, None)
        if note is None:
            answer: HttpResponse = super().response_post_save_change(request, obj)
            return answer
        return _to("examples", obj.pk, note=note)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = dict(extra_context or {})
        if object_id and object_id.isdecimal() and (profile := AgentProfile.objects.filter(pk=object_id).first()):
            context["examples_words"] = summary(_verdicts(profile))
            context["examples_address"] = reverse("admin:agents_agentprofile_examples", args=[object_id])
        return super().changeform_view(request, object_id, form_url, context)

    def _results(self, request: HttpRequest, profile: AgentProfile, form: PublishForm) -> HttpResponse:
        found = _verdicts(profile)
        rows = rows_of(found)
        held = any(verdict.state in (State.FAILS, State.NOT_RUN, State.RUNNING) for verdict in found)
        context = {
            "title": _("Examples of %(name)s") % {"name": profile.name},
            "opts": self.opts,
            "profile": profile,
            "rows": rows,
            "progress": progress_words(rows),
            "summary": summary(found),
            "add_address": f"{reverse('admin:agents_example_add')}?{urlencode({'agent': profile.pk})}",
            "may_change": self.has_change_permission(request, profile),
            "may_publish": self.has_publish_permission(request) and _is_unpublished(profile),
            "held": held,
            "form": form,
            "seen": stamp(profile),
        }
        part = "agents/admin/_examples.html" if "part" in request.GET else "agents/admin/examples.html"
        return TemplateResponse(request, part, {**self.admin_site.each_context(request), **context})


def _verdicts(profile: AgentProfile) -> list[Verdict]:
    """How the examples stand with the draft as it is stored; as never run when it is not whole."""
    try:
        draft = services.content_hash(services.draft_config(profile))
    except ValidationError:
        draft = ""
    return verdicts(profile, draft)


def _is_unpublished(profile: AgentProfile) -> bool:
    try:
        return services.has_unpublished_changes(profile)
    except ValidationError:
        return False


def _to(view: str, agent_pk: int, **query: str) -> HttpResponseRedirect:
    address = reverse(f"admin:agents_agentprofile_{view}", args=[agent_pk])
    return HttpResponseRedirect(f"{address}?{urlencode(query)}" if any(query.values()) else address)
