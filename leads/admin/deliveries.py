"""What was sent of leads, try by try, and sending it again."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from leads.models import Delivery, DeliveryAttempt, Endpoint
from leads.sending import replay

_COLOURS = {
    Delivery.Status.WAITING: "info",
    Delivery.Status.DELIVERED: "success",
    Delivery.Status.GIVEN_UP: "danger",
}
_MOMENT = {"type": "datetime-local"}


class RangeForm(BaseDialogForm):
    """Which deliveries to send again: by when they were written, where to, and whether only those that were given up."""

    since = forms.DateTimeField(label=_("Written from"), widget=UnfoldAdminTextInputWidget(attrs=_MOMENT))
    until = forms.DateTimeField(label=_("Until"), widget=UnfoldAdminTextInputWidget(attrs=_MOMENT))
    endpoint = forms.ModelChoiceField(
        label=_("To"), queryset=Endpoint.objects.all(), required=False, empty_label=_("All endpoints"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    status = forms.ChoiceField(
        label=_("Which"), required=False, initial=Delivery.Status.GIVEN_UP, widget=UnfoldAdminSelectWidget,
        choices=[(Delivery.Status.GIVEN_UP, _("Only those given up")), ("", _("All, also those that arrived"))],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "since" in cleaned and "until" in cleaned and cleaned["until"] < cleaned["since"]:
            self.add_error("until", _("This is before the start."))
        return cleaned

    def chosen(self) -> QuerySet[Delivery]:
        """The deliveries of a valid form."""
        asked = self.cleaned_data
        found = Delivery.objects.filter(created_at__range=(asked["since"], asked["until"]))
        found = found.filter(endpoint=asked["endpoint"]) if asked["endpoint"] else found
        return found.filter(status=asked["status"]) if asked["status"] else found


class AttemptInline(TabularInline):
    model = DeliveryAttempt
    fields = readonly_fields = ["when", "took", "result", "answer"]
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("leads.view_delivery")

    @display(description=_("when"))
    def when(self, attempt: DeliveryAttempt) -> str:
        return _moment(attempt.started_at)

    @display(description=_("took"))
    def took(self, attempt: DeliveryAttempt) -> str:
        return "–" if attempt.seconds is None else f"{attempt.seconds:.2f} s"

    @display(description=_("result"))
    def result(self, attempt: DeliveryAttempt) -> str:
        if attempt.status_code:
            return str(attempt.status_code)
        return attempt.fault or str(_("Under way, or cut off"))


@admin.register(Delivery)
class DeliveryAdmin(ModelAdmin):
    list_display = ["written", "event", "endpoint", "the_lead", "state", "tries"]
    list_filter = ["status", "endpoint", "event", "created_at"]
    list_select_related = ["endpoint", "lead"]
    list_per_page = 50
    search_fields = ["webhook_id", "=lead__id"]
    search_help_text = _("webhook-id, or a lead's number")
    sortable_by = ["written"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = InfinitePaginator
    actions = ["send_again"]
    actions_list = ["send_range_again"]
    actions_detail = ["send_this_again"]
    fields = readonly_fields = ["event", "why", "endpoint", "the_lead", "status", "next_try", "webhook_id", "the_body"]
    inlines = [AttemptInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("leads.replay_delivery")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        deliveries: QuerySet[Delivery] = super().get_queryset(request)
        return deliveries.prefetch_related("lead__values")

    @display(description=_("written"), ordering="-created_at")
    def written(self, delivery: Delivery) -> str:
        return _moment(delivery.created_at)

    @display(description=_("lead"))
    def the_lead(self, delivery: Delivery) -> str:
        if delivery.lead is None:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:leads_lead_change", args=[delivery.lead_id]), delivery.lead
        )

    @display(description=_("status"), label=_COLOURS)
    def state(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(description=_("next try"))
    def next_try(self, delivery: Delivery) -> str:
        if delivery.status != Delivery.Status.WAITING:
            return "–"
        rests = delivery.endpoint.resting_until
        return _moment(max(delivery.next_try_at, rests) if rests else delivery.next_try_at)

    @display(description=_("body"))
    def the_body(self, delivery: Delivery) -> str:
        text = json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)
        return format_html('<pre class="delivery-body" tabindex="0">{}</pre>', text)

    # Sending again ---------------------------------------------------------------------------

    @admin.action(description=_("Send again"), permissions=["replay"])
    def send_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        _tell(request, replay(deliveries))

    @action(
        description=_("Send again"), permissions=["replay"], icon="replay",
        dialog={
            "title": _("Send this again?"),
            "description": _("The same body, under the same webhook-id: a receiver that has it already drops it."),
            "form_class": None,
            "form_submit_text": _("Send again"),
        },
    )  # fmt: skip
    def send_this_again(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        _tell(request, replay(Delivery.objects.filter(pk=object_id)))
        return dialog_done(reverse("admin:leads_delivery_change", args=[object_id]))

    @action(
        description=_("Send a range again"), permissions=["replay"], icon="replay", variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Send a range again"),
            "description": _("Each goes out as it was written, under its own webhook-id."),
            "form_class": RangeForm,
            "form_submit_text": _("Send again"),
        },
    )  # fmt: skip
    def send_range_again(self, request: HttpRequest, form: RangeForm) -> HttpResponse:
        _tell(request, replay(form.chosen()))
        return dialog_done(reverse("admin:leads_delivery_changelist"))


def dialog_done(address: str) -> HttpResponse:
    """Where the browser goes from a dialog that did its work: htmx would follow a plain redirect by itself, unseen."""
    return HttpResponse(headers={"HX-Redirect": address})


def _tell(request: HttpRequest, count: int) -> None:
    if count:
        told = ngettext("%(count)d delivery is sent again.", "%(count)d deliveries are sent again.", count)
        messages.success(request, told % {"count": count})
    else:
        messages.warning(request, _("There is nothing to send again, or it is on its way right now."))


def _moment(when: Any) -> str:
    return date_format(timezone.localtime(when), "j M Y, H:i:s")
