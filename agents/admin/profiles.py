"""The admin of agents: the brief as a form, publishing, pausing, deleting."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, FilteredRelation, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from agents import services
from agents.admin.conflicts import OneAtATimeAdmin
from agents.admin.examples import AgentExamplesAdmin
from agents.admin.files import AgentFilesAdmin
from agents.admin.moving import AgentMovingAdmin
from agents.admin.n8n import AgentN8nAdmin
from agents.admin.pausing import PauseForm
from agents.admin.preview import PromptPreviewAdmin
from agents.admin.sharing import AgentSharingAdmin
from agents.admin.versions import AgentVersionsAdmin, VersionInline
from agents.catalogue import VOICES
from agents.defaults import default_config
from agents.example_runs import PublishHeldError
from agents.forms import AgentForm, FieldToFindOutForm, greeting_field, llm_suggestions
from agents.grammar import warnings_for
from agents.languages import LANGUAGES
from agents.models import AgentProfile, FieldToFindOut
from agents.pairs import lines
from agents.presets import PATIENCE, preset_buttons
from agents.published import forget_published
from agents.standing import standing

SECTIONS: list[tuple[Any, dict[str, Any]]] = [
    (None, {"fields": ["name", "agent_id", "description", "is_default", "source"]}),
    (_("Who it is"), {"fields": ["who"]}),
    # The template puts the things to find out after this section.
    (_("What it knows"), {"fields": ["knows"], "classes": ["before-fields"]}),
    (_("What it must never do"), {"fields": ["never"]}),
    (_("How it ends"), {"fields": ["ends"]}),
    (
        _("Names to fill in"),
        {
            "fields": ["variables"],
            "description": _(
                "For what is said in several places. Write the name in braces in the brief or a greeting, and its text"
                " takes its place."
            ),
        },
    ),
    (_("Languages"), {"fields": ["languages", "default_language"]}),
    (
        _("Greetings"),
        {
            "fields": [greeting_field(code) for code in LANGUAGES],
            "description": _(
                "The agent's first words. Empty: the ones in grey. {visitor_name}, {agent_name}, {language} and the agent's"
                " own names are filled in. {disclosure} is the sentence that a machine listens, said after the hello if you leave it out."
            ),
        },
    ),
    (_("Voices"), {"fields": ["tts_model", "voices", "default_voice", "pace", "say_as"]}),
    (_("Hearing and thinking"), {"fields": ["stt_model", "llm_provider", "llm_model", "temperature"]}),
    (
        _("Waiting and silence"),
        {
            "fields": PATIENCE,
            "description": preset_buttons,
        },
    ),
    (_("Looks of its page"), {"fields": ["company", "colour", "picture"]}),
    (
        _("The call"),
        {
            "fields": [
                "text_chat",
                "max_calls",
                "consent",
                "callback",
                "recording",
                "recordings_kept_days",
                "calls_kept_days",
                "leads_kept_days",
            ]
        },
    ),
]
PUBLISHING = (_("Publishing"), {"fields": ["note"]})


# What people who may look but not change are shown in place of boxes to tick.
READ_ONLY = {
    "languages": "languages_spoken",
    "voices": "voices_offered",
    "say_as": "words_said",
    "variables": "own_names",
    **dict.fromkeys(map(greeting_field, LANGUAGES), "greetings_given"),
}


class FieldToFindOutInline(TabularInline):
    """A part of the agent: whoever may change the agent may change these."""

    model = FieldToFindOut
    form = FieldToFindOutForm
    fields = ["label", "kind", "required", "hint", "choices", "key", "position"]
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    extra = 0
    within_brief = True  # read by the template

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(request.user.has_perm(f"agents.{verb}_agentprofile") for verb in ("add", "change"))

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(AgentProfile)
class AgentAdmin(
    PromptPreviewAdmin,
    OneAtATimeAdmin,
    AgentVersionsAdmin,
    AgentFilesAdmin,
    AgentMovingAdmin,
    AgentN8nAdmin,
    AgentExamplesAdmin,
    AgentSharingAdmin,
):
    form = AgentForm
    list_display = ["name", "takes_calls", "languages_spoken", "published_version", "calls_today"]
    list_per_page = 50
    search_fields = ["name", "agent_id"]
    actions = None
    actions_detail = [
        "try_draft",
        "examples",
        "share",
        "pause",
        "resume",
        {"title": _("More"), "items": ["see_prompt", "open_page", "export"]},
    ]
    actions_submit_line = ["save_and_publish"]
    # A greeting shows only while its language is ticked.
    conditional_fields = {greeting_field(code): f"languages.includes('{code}')" for code in LANGUAGES}
    warn_unsaved_form = True

    # List ------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgentProfile]:
        profiles: QuerySet[AgentProfile] = super().get_queryset(request)
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return (
            profiles.select_related("published")
            .prefetch_related("fields")
            .annotate(
                recent=FilteredRelation("calls", condition=Q(calls__created_at__gte=midnight, calls__kind="visitor")),
                calls_today=Count("recent"),
            )
        )

    @display(description=_("takes calls"), label={"live": "success", "paused": "warning", "draft": "info"})
    def takes_calls(self, profile: AgentProfile) -> tuple[str, Any]:
        if profile.published is None:
            return "draft", _("Not published")
        return ("live", _("Live")) if profile.enabled else ("paused", _("Paused"))

    @display(description=_("languages"))
    def languages_spoken(self, profile: AgentProfile) -> str:
        return ", ".join(LANGUAGES[code].own_name for code in profile.languages if code in LANGUAGES)

    @display(description=_("published"), label={"same": "success", "changed": "warning", "none": "info"})
    def published_version(self, profile: AgentProfile) -> tuple[str, Any]:
        if profile.published is None:
            return "none", _("Nothing yet")
        number = _("Version %(number)s") % {"number": profile.published.number}
        if profile.source == AgentProfile.Source.N8N:
            return "same", _("%(version)s, fed by n8n") % {"version": number}
        if not services.has_unpublished_changes(profile):
            return "same", number
        return "changed", _("%(version)s, changes not published") % {"version": number}

    @display(description=_("calls today"))
    def calls_today(self, profile: Any) -> int:
        count: int = profile.calls_today
        return count

    # Form ------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: AgentProfile | None = None) -> list[Any]:
        if obj and not self.has_change_permission(request, obj):
            return [
                (title, {**part, "fields": list(dict.fromkeys(READ_ONLY.get(name, name) for name in part["fields"]))})
                for title, part in SECTIONS
            ]
        return [*SECTIONS, PUBLISHING] if self.has_publish_permission(request) else SECTIONS

    @display(description=_("voices"))
    def voices_offered(self, profile: AgentProfile) -> str:
        return ", ".join(VOICES[name].name for name in profile.voices if name in VOICES)

    @display(description=_("greetings"))
    def greetings_given(self, profile: AgentProfile) -> str:
        return "\n".join(text for text in profile.greetings.values() if text)

    @display(description=_("how to say a word"))
    def words_said(self, profile: AgentProfile) -> str:
        return "\n".join(lines((each["word"], each["say"]) for each in profile.say_as))

    @display(description=_("its own names"))
    def own_names(self, profile: AgentProfile) -> str:
        return "\n".join(lines(profile.variables.items()))

    def get_inlines(self, request: HttpRequest, obj: AgentProfile | None) -> list[Any]:
        return [FieldToFindOutInline, VersionInline] if obj else [FieldToFindOutInline]

    def get_form(
        self, request: HttpRequest, obj: AgentProfile | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        # The greetings are fields that the form makes for itself.
        made = {greeting_field(code) for code in LANGUAGES}
        kwargs["fields"] = [
            name for _title, part in self.get_fieldsets(request, obj) for name in part["fields"] if name not in made
        ]
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: AgentProfile | None = None) -> list[str]:
        fixed = ["agent_id"] if obj else []
        return fixed if self.has_publish_permission(request) else [*fixed, "is_default", "source", "max_calls"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: AgentProfile | None = None) -> dict[str, list[str]]:
        return {} if obj else {"agent_id": ["name"]}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        start = default_config("new")
        return {
            "languages": start.languages,
            "default_language": start.default_language,
            "voices": start.voices,
            "default_voice": start.default_voice,
            "stt_model": start.stt_model,
            "tts_model": start.tts_model,
        } | dict(super().get_changeform_initial_data(request))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"llm_suggestions": llm_suggestions(), "show_save_and_add_another": False} | (extra_context or {})
        if object_id is None:  # Unfold gives its buttons to agents that exist only
            context["actions_submit_line"] = self.get_actions_submit_line(request, None)
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: AgentProfile, form: AgentForm, change: bool) -> None:
        # Unfold would publish here, before the things to find out are stored: see `save_related`.
        obj.save()
        if "source" in form.changed_data:
            self.source_changed(request, obj)
        if obj.llm_model and (words := standing(obj.llm_model, timezone.localdate(), services.refused_models()).words):
            messages.warning(request, words)
        for language, forms in warnings_for(obj.greetings, obj.voices).items():
            messages.warning(
                request,
                _("The %(language)s greeting does not fit every voice: %(words)s. Write both forms: {रही|रहा}.")
                % {"language": LANGUAGES[language].name, "words": ", ".join(form.words for form in forms)},
            )

    def save_related(self, request: HttpRequest, form: AgentForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for button in self.get_actions_submit_line(request, form.instance.pk):
            if button.action_name in request.POST:
                button.method(request, form.instance, form.cleaned_data["note"])

    # What is done to an agent ----------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("agents.publish_agentprofile")

    @action(description=_("Save and publish"), permissions=["publish"])
    def save_and_publish(self, request: HttpRequest, profile: AgentProfile, note: str) -> None:
        try:
            self.publish_draft(request, profile, note)
        except PublishHeldError as held:
            self.hold_back(request, profile, note, held)

    @action(description=_("Open the visitor's page"), icon="open_in_new", attrs={"target": "_blank"})
    def open_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=object_id)
        return HttpResponseRedirect(reverse("visitor_page", args=[profile.agent_id]))

    @action(description=_("Try it"), permissions=["change"], icon="play_circle")
    def try_draft(self, request: HttpRequest, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=object_id)
        return HttpResponseRedirect(reverse("trial_page", args=[profile.agent_id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        profile = AgentProfile.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if profile is None:
            return []
        unfit = "resume" if profile.enabled else "pause"
        return [
            offered
            for offered in super().get_actions_detail(request, object_id)
            if offered.action_name != f"agents_agentprofile_{unfit}"
        ]

    @action(
        description=_("Pause"), permissions=["publish"], icon="pause",
        dialog={
            "title": _("Pause this agent?"),
            "description": _("Visitors can't call it until you resume it. Calls under way go on."),
            "form_class": PauseForm,
            "form_submit_text": _("Pause"),
        },
    )  # fmt: skip
    def pause(self, request: HttpRequest, form: PauseForm, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=object_id)
        services.pause(profile, form.cleaned_data["note"])
        messages.success(request, _("%(name)s is paused.") % {"name": profile.name})
        return _back_to(profile)

    @action(
        description=_("Resume"), permissions=["publish"], icon="play_arrow", variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Resume this agent?"),
            "description": _("Visitors can call it again at once."),
            "form_class": None,
            "form_submit_text": _("Resume"),
        },
    )  # fmt: skip
    def resume(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=object_id)
        services.resume(profile)
        messages.success(request, _("%(name)s takes calls again.") % {"name": profile.name})
        return _back_to(profile)

    # Deleting --------------------------------------------------------------------------------

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        profile = self.get_object(request, object_id)
        if profile and self.has_delete_permission(request, profile) and (count := profile.calls.count()):
            messages.error(request, _refusal(profile, count))
            return HttpResponseRedirect(reverse("admin:agents_agentprofile_change", args=[object_id]))
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Django would list the agent's own versions as being in the way.
        return [str(profile) for profile in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: AgentProfile) -> None:
        # Versions protect their agent, and the agent its published version. Calls keep protecting the versions.
        AgentProfile.objects.filter(pk=obj.pk).update(published=None)
        obj.versions.all().delete()
        obj.delete()
        transaction.on_commit(forget_published)


def _refusal(profile: AgentProfile, count: int) -> str:
    words = ngettext(
        "%(name)s has %(count)s call, which is kept with it. Pause it instead.",
        "%(name)s has %(count)s calls, which are kept with it. Pause it instead.",
        count,
    )
    return words % {"name": profile.name, "count": count}


def _back_to(profile: AgentProfile) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("admin:agents_agentprofile_change", args=[profile.pk])})
