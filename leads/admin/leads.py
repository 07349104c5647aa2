"""The list of leads: the queue that staff work off, and what is done to many at once."""

from __future__ import annotations

from functools import partial
from textwrap import shorten
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

from agents.models import FieldToFindOut
from leads import review
from leads.admin.exporting import LeadExportAdmin
from leads.admin.filters import (
    CallbackFilter,
    LanguageFilter,
    OwnerFilter,
    PhoneFilter,
    SampleFilter,
    TodoFilter,
)
from leads.admin.page import LeadPageAdmin
from leads.admin.samples import LeadSamplesAdmin
from leads.admin.words import STATUS_COLOURS, call_back_words, known, lead_name
from leads.models import Export, Lead
from leads.people import values_of
from leads.queue import ORDER, find, in_queue_order
from leads.shown import phone_link
from leads.tables import language_of

SUMMARY_LENGTH = 90  # characters of the list's column


@admin.register(Lead)
class LeadAdmin(LeadPageAdmin, LeadExportAdmin, LeadSamplesAdmin):
    list_display = [
        "person",
        "phone",
        "agent_and_language",
        "about",
        "doubts",
        "state",
        "owner_and_follow_up",
        "age",
    ]
    list_filter = [
        TodoFilter,
        "agent",
        LanguageFilter,
        "status",
        OwnerFilter,
        PhoneFilter,
        CallbackFilter,
        SampleFilter,
    ]
    list_filter_sheet = True
    list_per_page = 50
    sortable_by = ["age", "owner_and_follow_up"]
    search_fields = ["values__value"]  # only says that there is a search: see `get_search_results`
    search_help_text = _("A name in any script, a phone number, or another value")
    # Counting every lead would grow with the table.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = InfinitePaginator
    actions = ["take_over", "export_csv", "export_xlsx"]
    actions_list = ["export", "remove_samples"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Lead | None = None) -> bool:
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.export_lead")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        leads = in_queue_order(Lead.objects.people())
        joined = Lead.objects.select_related("call").prefetch_related("values")
        return leads.select_related("agent", "call", "owner").prefetch_related("values", Prefetch("joined", joined))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ORDER

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        return find(queryset, search_term), False

    # Columns ---------------------------------------------------------------------------------

    @display(description=_("person"), header=True)
    def person(self, lead: Lead) -> tuple[str, str]:
        name = lead_name(lead)
        latin = lead.latin_name if lead.latin_name.casefold() != name.casefold() else ""
        if lead.is_sample:
            name = format_html('{} <span class="lead-sample">{}</span>', name, gettext("Sample"))
        return name, latin

    @display(description=_("phone"))
    def phone(self, lead: Lead) -> str:
        return phone_link(known(lead, FieldToFindOut.Kind.PHONE))

    @display(description=_("agent"), header=True)
    def agent_and_language(self, lead: Lead) -> tuple[str, str]:
        return lead.agent.name, language_of(lead)

    @display(description=_("what about"))
    def about(self, lead: Lead) -> str:
        if lead.locked_at:
            return gettext("Locked, as the person asked")
        first = next(iter(lead.summary.splitlines()), "")
        wish = call_back_words(lead)
        text = shorten(first, SUMMARY_LENGTH, placeholder=" …")
        return format_html('<span class="lead-about"><b>{}</b> {}</span>', wish, text) if wish else text

    @display(description=_("doubts"), label={"some": "warning", "accepted": "success"})
    def doubts(self, lead: Lead) -> tuple[str, str]:
        if count := sum(value.is_doubtful for value in values_of(lead)):
            return "some", str(count)
        return "accepted", gettext("accepted") if lead.accepted_at else ""

    @display(description=_("status"), label=STATUS_COLOURS, ordering="status")
    def state(self, lead: Lead) -> tuple[str, str]:
        return lead.status, lead.get_status_display()

    @display(description=_("owner"), header=True, ordering="follow_up_on")
    def owner_and_follow_up(self, lead: Lead) -> tuple[str, str]:
        day = date_format(lead.follow_up_on, "j M") if lead.follow_up_on else ""
        words = gettext("Due %(day)s") % {"day": day} if day else ""
        return str(lead.owner or ""), words

    @display(description=_("age"), ordering="-created_at")
    def age(self, lead: Lead) -> str:
        return timesince(lead.created_at, depth=1)

    # Done to many ----------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if self.has_change_permission(request):
            for status in Lead.Status:
                words = _("Status: %(status)s") % {"status": status.label}
                actions[f"status_{status}"] = (partial(_set_status, status=status), f"status_{status}", words)
        return actions

    @action(description=_("Take over as owner"), permissions=["change"])
    def take_over(self, request: HttpRequest, leads: QuerySet[Lead]) -> None:
        user = cast(User, request.user)
        for_each(request, leads, lambda lead: review.set_owner(lead, user, who=user, seen=lead.owner))

    @action(description=_("Export as CSV"), permissions=["export"])
    def export_csv(self, request: HttpRequest, leads: QuerySet[Lead]) -> HttpResponse:
        return self.export_answer(request, leads, Export.Format.CSV)

    @action(description=_("Export for Excel"), permissions=["export"])
    def export_xlsx(self, request: HttpRequest, leads: QuerySet[Lead]) -> HttpResponse:
        return self.export_answer(request, leads, Export.Format.XLSX)


def _set_status(model_admin: LeadAdmin, request: HttpRequest, leads: QuerySet[Lead], *, status: Lead.Status) -> None:
    user = cast(User, request.user)
    for_each(request, leads, lambda lead: review.set_status(lead, status, who=user, seen=lead.status))


def for_each(request: HttpRequest, leads: QuerySet[Lead], verb: Any) -> None:
    """Do it to each lead, and tell the person to how many it was done and to which it was not."""
    done, undone = 0, []
    for lead in leads:
        try:
            verb(lead)
            done += 1
        except review.ReviewError as error:
            undone.append(f"{lead_name(lead)}: {error}")
    if done:
        words = ngettext("Done for %(count)s lead.", "Done for %(count)s leads.", done)
        messages.success(request, words % {"count": done})
    for words in undone[:5]:
        messages.warning(request, words)
