"""The page of one lead, made for sixty a day: its values beside what was said, and every verb by button and by key."""

from __future__ import annotations

from copy import copy
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from agents.contract import RECORDING_EVENT
from agents.models import FieldToFindOut
from calls.admin import HEAR
from calls.models import CallEvent
from leads.admin.deeds import Refused, do
from leads.admin.details import DetailsForm
from leads.admin.rows import calls_of, consents_of, missing_rows, value_rows
from leads.admin.words import STATUS_COLOURS, call_back_words, known, lead_name
from leads.matches import matches
from leads.models import Lead, LeadChange
from leads.people import family, values_of
from leads.queue import to_review
from leads.review import lead_stamp
from leads.shown import as_read, whatsapp
from leads.tables import language_of

FILTERS = "_changelist_filters"  # Django's name for what a list hands to the page of a row
MOST_AHEAD = 1000  # leads of the list that a page knows of
MOST_CHANGES = 100


class LeadPageAdmin(ModelAdmin):
    """The part of the leads' admin that is the page of one."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        lead = _read(object_id)
        if lead is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        if not self.has_view_permission(request, lead):
            raise PermissionDenied
        if lead.joined_to_id:
            return self._to(request, lead.joined_to_id)
        refused = None
        if request.method == "POST":
            if not self.has_change_permission(request, lead):
                raise PermissionDenied
            try:
                return self._done(request, lead)
            except Refused as refusal:
                refused = refusal
                lead = cast(Lead, _read(object_id))  # as it is now
                if not refused.place:
                    messages.error(request, str(refused))
        return TemplateResponse(request, "leads/admin/lead.html", self._context(request, lead, refused))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history is a part of the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._to(request, object_id, "#history")

    def _done(self, request: HttpRequest, lead: Lead) -> HttpResponse:
        following = self._next_to_review(request, lead)
        name = lead_name(lead)
        place = do(lead, cast(User, request.user), request.POST)
        if place.lead:
            return self._to(request, place.lead.pk, place.anchor)
        messages.success(request, _("%(name)s is accepted.") % {"name": name})
        if following:
            return self._to(request, following)
        messages.info(request, _("That was the last one to review."))
        return HttpResponseRedirect(self._list_address(request))

    def _context(self, request: HttpRequest, lead: Lead, refused: Refused | None) -> dict[str, Any]:
        values = values_of(lead)
        phone = known(lead, FieldToFindOut.Kind.PHONE)
        rows = value_rows(lead, values, refused)
        may_change = self.has_change_permission(request, lead) and not lead.locked_at
        ids = list(self._listed(request).values_list("pk", flat=True)[:MOST_AHEAD])
        at = ids.index(lead.pk) if lead.pk in ids else -1
        following = self._next_to_review(request, lead)
        return {
            **self.admin_site.each_context(request),
            "title": lead_name(lead),
            "opts": self.opts,
            "lead": lead,
            "latin_name": lead.latin_name if lead.latin_name.casefold() != lead_name(lead).casefold() else "",
            "language": language_of(lead),
            "status_colour": STATUS_COLOURS[Lead.Status(lead.status)],
            "call_back": call_back_words(lead),
            "summary": lead.summary.splitlines(),
            "phone": phone,
            "phone_words": as_read(FieldToFindOut.Kind.PHONE, phone),
            "whatsapp": "" if lead.is_sample else whatsapp(phone),  # a script's number may be somebody's
            "rows": rows,
            "missing": missing_rows(lead, values, refused) if may_change else [],
            "doubtful": [row for row in rows if row.value.is_doubtful],
            "calls": calls_of(lead, values, may_hear=request.user.has_perm(HEAR)),
            "consents": consents_of(lead),
            "joined": [each for each in family(lead) if each.pk != lead.pk],
            "matches": matches(lead),
            "details": (refused.form if refused else None) or DetailsForm(lead),
            "changes": _changes(lead),
            "may_change": may_change,
            "seen": lead_stamp(values),
            "list_address": self._list_address(request),
            "previous_address": self._address(request, ids[at - 1]) if at > 0 else "",
            "next_address": self._address(request, ids[at + 1]) if at + 1 < len(ids) else "",
            "following_address": self._address(request, following) if following else "",
        }

    # The list that the person comes from ------------------------------------------------------

    def _listed(self, request: HttpRequest) -> QuerySet[Lead]:
        """What the list shows under the filters that the person came with, in its order."""
        listing = copy(request)
        listing.GET = QueryDict(request.GET.get(FILTERS, ""))
        try:
            listed: QuerySet[Lead] = self.get_changelist_instance(listing).get_queryset(listing)
        except IncorrectLookupParameters:
            listed = self.get_queryset(request)
        return listed

    def _next_to_review(self, request: HttpRequest, lead: Lead) -> int | None:
        """The one after this lead that waits for a review; after the last one the first."""
        ids = list(to_review(self._listed(request)).values_list("pk", flat=True)[:MOST_AHEAD])
        at = ids.index(lead.pk) if lead.pk in ids else -1
        return next(iter([*ids[at + 1 :], *ids[: max(at, 0)]]), None)

    def _address(self, request: HttpRequest, pk: int | str, anchor: str = "") -> str:
        query = f"?{urlencode({FILTERS: request.GET[FILTERS]})}" if request.GET.get(FILTERS) else ""
        return reverse("admin:leads_lead_change", args=[pk]) + query + anchor

    def _list_address(self, request: HttpRequest) -> str:
        filters = request.GET.get(FILTERS, "")
        return reverse("admin:leads_lead_changelist") + (f"?{filters}" if filters else "")

    def _to(self, request: HttpRequest, pk: int | str, anchor: str = "") -> HttpResponse:
        return HttpResponseRedirect(self._address(request, pk, anchor))


def _read(object_id: str) -> Lead | None:
    """The lead with all that its page shows, its calls and those that joined it; None for an unknown id."""
    if not object_id.isdecimal():
        return None
    whole = Lead.objects.select_related("agent__published", "owner", "call__agent", "call__version")
    dated = Prefetch("call__events", CallEvent.objects.filter(kind=RECORDING_EVENT))
    whole = whole.prefetch_related("values", "call__turns", "call__recordings", dated)
    return whole.prefetch_related(Prefetch("joined", whole)).filter(pk=object_id).first()


def _changes(lead: Lead) -> QuerySet[LeadChange]:
    """The newest lines of history of the lead and of those that joined it."""
    return LeadChange.objects.filter(lead__in=family(lead)).select_related("who")[:MOST_CHANGES]
