"""The very prompt the model will get, to read before anyone calls."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from agents.catalogue import VOICES
from agents.contract import AgentConfig
from agents.languages import LANGUAGES
from agents.models import AgentProfile
from agents.prompt import greeting, instructions
from agents.services import draft_config


class PreviewForm(forms.Form):
    """For which call: the prompt differs by language and by voice."""

    def __init__(self, config: AgentConfig, asked: dict[str, str]) -> None:
        # What was not asked for, or is offered no more, falls to the agent's own first choice.
        language = asked.get("language") if asked.get("language") in config.languages else config.default_language
        voice = asked.get("voice") if asked.get("voice") in config.voices else config.default_voice
        super().__init__({"language": language, "voice": voice})
        languages = [(code, f"{LANGUAGES[code].name}, {LANGUAGES[code].own_name}") for code in config.languages]
        voices = [(name, VOICES[name].name) for name in config.voices]
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=languages, widget=UnfoldAdminSelectWidget
        )
        self.fields["voice"] = forms.ChoiceField(label=_("Voice"), choices=voices, widget=UnfoldAdminSelectWidget)


class PromptPreviewAdmin(ModelAdmin):
    """The part of the agents' admin that shows the prompt."""

    @action(description=_("See the prompt"), permissions=["view"], icon="subject")
    def see_prompt(self, request: HttpRequest, object_id: str) -> HttpResponse:
        profile = get_object_or_404(AgentProfile, pk=object_id)
        try:
            config = draft_config(profile)
        except ValidationError:
            messages.error(request, _("The draft is not whole. Save it here first."))
            return HttpResponseRedirect(reverse("admin:agents_agentprofile_change", args=[profile.pk]))
        form = PreviewForm(config, request.GET.dict())
        form.full_clean()
        language, voice = form.cleaned_data["language"], form.cleaned_data["voice"]
        prompt = instructions(config, language=language, voice=voice, visitor_name="", now=timezone.now())
        context = {
            "title": _("The prompt of %(name)s") % {"name": profile.name},
            "profile": profile,
            "form": form,
            "language": language,
            "greeting": greeting(config, language, voice),
            "prompt": prompt,
            "words": len(prompt.split()),
        }
        return TemplateResponse(
            request, "agents/admin/prompt.html", {**self.admin_site.each_context(request), **context}
        )
