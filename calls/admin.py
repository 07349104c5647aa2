"""The admin of calls: to read, never to write."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

from agents.catalogue import VOICES
from agents.languages import LANGUAGES
from agents.models import Example
from calls.keeping import example_of
from calls.live import call_mark
from calls.models import Call, Recording, Turn
from calls.money import call_cost, usage_words
from calls.money_admin import DailyCapAdmin, PriceAdmin
from calls.now import Now, calls_now
from calls.recordings import first_sounds, playable, sound_response
from calls.transcript import lines

__all__ = ["CallAdmin", "DailyCapAdmin", "PriceAdmin"]  # what Django finds here

STATUS_COLOURS = {
    Call.Status.CREATED: "info",
    Call.Status.LIVE: "success",
    Call.Status.ENDED: "warning",
    Call.Status.SETTLED: "default",
}
HEAR = "calls.view_recording"
ID_PREFIX = re.compile(r"[0-9a-f]{4,32}", re.IGNORECASE)


@admin.register(Call)
class CallAdmin(ModelAdmin):
    list_display = [
        "started",
        "agent",
        "visitor",
        "own_language",
        "kind",
        "state",
        "lasted",
        "how_it_ended",
        "turn_count",
    ]
    list_filter = ["created_at", "status", "agent", "language", "kind"]
    list_select_related = ["agent", "version"]
    list_per_page = 50
    ordering = ["-created_at", "-id"]
    sortable_by = ["started"]
    search_fields = ["visitor_name"]
    search_help_text = _("Visitor's name, or the first characters of a call's id")
    # Counting every call would grow with the table.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = InfinitePaginator
    actions = None
    actions_detail = ["keep_as_example"]
    fields = ()
    change_form_template = "calls/admin/call.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return False

    # List ------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        calls: QuerySet[Call] = super().get_queryset(request)
        # A subquery is run for the rows of one page; a join would count the turns of every call first.
        counts = Turn.objects.filter(call=OuterRef("pk")).order_by().values("call").annotate(count=Count("pk"))
        return calls.annotate(turn_count=Subquery(counts.values("count")))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Call], search_term: str
    ) -> tuple[QuerySet[Call], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(visitor_name__icontains=term)
        digits = term.replace("-", "")
        if ID_PREFIX.fullmatch(digits):
            wanted |= Q(id__range=(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))
        return queryset.filter(wanted), False

    @display(description=_("started"), ordering="-created_at")
    def started(self, call: Call) -> str:
        return moment(call.created_at)

    @display(description=_("visitor"))
    def visitor(self, call: Call) -> str:
        return call.visitor_name or str(_("No name given"))

    @display(description=_("language"))
    def own_language(self, call: Call) -> str:
        return own_name(call.language)

    @display(description=_("status"), label=STATUS_COLOURS)
    def state(self, call: Call) -> tuple[str, str]:
        return call.status, call.get_status_display()

    @display(description=_("duration"))
    def lasted(self, call: Call) -> str:
        return duration_words(call.duration)

    @display(description=_("how it ended"), empty_value="")
    def how_it_ended(self, call: Call) -> str:
        return call.get_end_reason_display()

    @display(description=_("turns"))
    def turn_count(self, call: Any) -> int:
        return call.turn_count or 0

    # Calls now -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        sound = "<uuid:call_id>/recordings/<int:attempt>.ogg"
        return [
            path("now/", self.admin_site.admin_view(self.now_view), name="calls_call_now"),
            path(sound, self.admin_site.admin_view(self.recording_view), name="calls_call_recording"),
            *super().get_urls(),
        ]

    def now_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = calls_now()
        context = {"now": now, "sum_words": sum_words(now), "socket": "/ws/admin/calls/now/"}
        if "part" in request.GET:
            return TemplateResponse(request, "calls/admin/_now.html", context)
        context |= {**self.admin_site.each_context(request), "title": _("Calls now")}
        return TemplateResponse(request, "calls/admin/now.html", context)

    # Call page -------------------------------------------------------------------------------

    def recording_view(self, request: HttpRequest, call_id: UUID, attempt: int) -> HttpResponseBase:
        if not (self.has_view_permission(request) and request.user.has_perm(HEAR)):
            raise PermissionDenied
        recordings = Recording.objects.filter(erased_at=None)
        return sound_response(get_object_or_404(recordings, call=call_id, attempt=attempt), request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        call = self.get_object(request, object_id)
        context: dict[str, Any] = {"title": _("Call"), **(extra_context or {})}
        if call is not None and self.has_view_permission(request, call):
            mark = call_mark(call.pk)  # before the rest is read: what comes meanwhile must differ from it
            call = Call.objects.select_related("agent", "version", "continues").get(pk=call.pk)
            context |= {
                "mark": mark,
                "over": call.status == Call.Status.SETTLED,
                "socket": f"/ws/admin/calls/{call.pk}/",
            }
            voice = VOICES.get(call.voice)  # None once the catalogue has dropped it
            events, recordings = list(call.events.all()), list(call.recordings.all())
            starts = first_sounds(events)
            heard, recorded = playable(recordings, starts, may_hear=request.user.has_perm(HEAR))
            spoken = lines(call.turns.all(), events, voice.gender if voice else None, recorded)
            about_sound = recording_words(call, recordings, begun=bool(starts))
            context |= {"call": call, "lines": spoken, "facts": facts(call, about_sound), "recordings": heard}
            context |= {"status_colour": STATUS_COLOURS[Call.Status(call.status)], "summary": summary(call)}
            context["conversation"] = other_calls(call)
            if "part" in request.GET:
                return TemplateResponse(request, "calls/admin/_call.html", context)
        page: HttpResponse = super().change_view(request, object_id, form_url, context)
        return page

    def has_keep_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("agents.change_agentprofile")

    @action(description=_("Keep as example"), permissions=["keep"], icon="bookmark_add")
    def keep_as_example(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = get_object_or_404(Call.objects.select_related("agent"), pk=object_id)
        examples: Any = self.admin_site.get_model_admin(Example)
        page: HttpResponse = examples.prefilled(request, example_of(call))
        return page


def sum_words(now: Now) -> str:
    """How many calls there are now, and how many more could start."""
    calls = ngettext("%(count)s call", "%(count)s calls", len(now.calls)) % {"count": len(now.calls)}
    return calls + ", " + ngettext("%(count)s free slot", "%(count)s free slots", now.free) % {"count": now.free}


def summary(call: Call) -> str:
    """The call in one line: agent, what kind if it is no visitor's, when, how long, how it ended."""
    kind = "" if call.kind == Call.Kind.VISITOR else kind_words(call)
    parts = [
        str(call.agent),
        kind,
        moment(call.created_at),
        duration_words(call.duration),
        call.get_end_reason_display(),
    ]
    return " · ".join(part for part in parts if part)


def facts(call: Call, about_sound: str) -> list[tuple[Any, str]]:
    """What is known of a call beside what was said: label and value, empty values left out."""
    version = _("version %(number)s") % {"number": call.version.number} if call.version.number else _("draft")
    attempts = list(call.attempts.all())
    rows = [
        (_("Agent"), f"{call.agent}, {version}"),
        (_("Visitor"), call.visitor_name),
        (_("Language"), own_name(call.language)),
        (_("Voice"), VOICES[call.voice].name if call.voice in VOICES else call.voice),
        (_("Kind"), kind_words(call)),
        (_("Consent"), consent_words(call.consent)),
        (_("Recording"), about_sound),
        (_("Source"), ", ".join(f"{name}: {value}" for name, value in call.source.items())),
        (_("Started"), moment(call.created_at, seconds=True)),
        (_("Visitor joined"), moment(call.joined_at, seconds=True)),
        (_("Agent answered"), moment(call.answered_at, seconds=True)),
        (_("Ended"), moment(call.ended_at, seconds=True)),
        (_("Duration"), duration_words(call.duration)),
        (_("How it ended"), call.get_end_reason_display()),
        (_("Used"), used := usage_words(call)),
        (_("Cost"), str(call_cost(call)) if used else ""),
        (_("Agents called"), str(call.dispatches)),
        (_("Held by"), ", ".join(attempt.worker_id for attempt in attempts)),
        (_("Erased"), moment(call.erased_at)),
        (_("Call id"), str(call.pk)),
    ]
    return [(label, value) for label, value in rows if value]


def other_calls(call: Call) -> list[tuple[Any, Call]]:
    """The calls that this one continues or that continue it, each after words that say which."""
    before = [(_("Continues the call of"), call.continues)] if call.continues else []
    return [*before, *((_("Continued by the call of"), later) for later in call.continued_by.order_by("created_at"))]


def kind_words(call: Call) -> str:
    """Visitor, trial, …, and whether it was held in writing only."""
    kind = call.get_kind_display()
    return _("%(kind)s, without sound") % {"kind": kind} if call.typed else kind


def consent_words(consent: dict[str, Any]) -> str:
    """What the visitor agreed to."""
    agreed = [
        str(words)
        for name, words in (("recording", _("recording")), ("callback", _("being called back")))
        if consent.get(name)
    ]
    return ", ".join(agreed) or str(_("to nothing beyond the call"))


def recording_words(call: Call, recordings: list[Recording], *, begun: bool) -> str:
    """What became of the call's recording; empty for a call of which none was `begun`."""
    if any(recording.erased_at is None for recording in recordings):
        until = call.created_at + timedelta(days=call.agent.recordings_kept_days)
        return _("kept until %(day)s") % {"day": date_format(localtime(until), "j M Y")}
    if recordings:
        return _("deleted on %(day)s") % {"day": date_format(localtime(recordings[-1].erased_at), "j M Y")}
    if not begun:
        return ""
    return str(_("being made") if call.status == Call.Status.LIVE else _("on its way from the worker"))


def moment(when: datetime | None, *, seconds: bool = False) -> str:
    """A time on the site's clock; empty for none."""
    return date_format(localtime(when), "j M Y, H:i:s" if seconds else "j M Y, H:i") if when else ""


def own_name(code: str) -> str:
    """A language by its own name."""
    return LANGUAGES[code].own_name if code in LANGUAGES else code


def duration_words(length: timedelta | None) -> str:
    """Minutes and seconds, as `2:05`; empty for a call nobody answered."""
    if length is None:
        return ""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"
