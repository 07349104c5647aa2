"""Who is told of leads: the addresses, their secrets, and how it stands with each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from leads.admin.deliveries import dialog_done
from leads.announce import announce_test
from leads.backlog import COLOURS, standing
from leads.endpoints import all_endpoints, switch_on
from leads.models import Delivery, Endpoint
from leads.outgoing import AddressError, check_address
from leads.signing import shown_to_libraries
from vaani.logs import get_logger
from vaani.sealing import SealError, seal

if TYPE_CHECKING:
    BaseForm = forms.ModelForm[Endpoint]
else:
    BaseForm = forms.ModelForm

log = get_logger(__name__)

_OURS = {"content-type", "content-length", "transfer-encoding", "connection", "host", "accept-encoding"}


class EndpointForm(BaseForm):
    header_name = forms.CharField(
        label=_("Extra header"), required=False, max_length=100, widget=UnfoldAdminTextInputWidget,
        help_text=_("Sent with everything, for receivers that ask for one, such as Authorization."),
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$", _("Letters, digits and hyphens only."))],
    )  # fmt: skip
    header_value = forms.CharField(
        label=_("Its value"), required=False, max_length=500, strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Not shown again. Left empty, the one that is stored stays."),
        validators=[RegexValidator(r"^[\x20-\x7e]+$", _("Plain letters, digits and signs only."))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "url" in self.fields:
            self.fields["url"].required = True  # the environment's has none

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            check_address(url)
        except AddressError as error:
            raise ValidationError(str(error)) from error
        return url

    def clean_header_name(self) -> str:
        name: str = self.cleaned_data["header_name"]
        if name.lower() in _OURS or name.lower().startswith("webhook-"):
            raise ValidationError(_("This header is ours. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_empty = cleaned.get("header_value") == "" and not self.instance.sealed_header_value
        if cleaned.get("header_name") and is_empty:
            self.add_error("header_value", _("Write the value of the extra header."))
        return cleaned

    def save(self, commit: bool = True) -> Endpoint:
        if self.cleaned_data.get("header_value"):
            self.instance.sealed_header_value = seal(self.cleaned_data["header_value"])
        if self.cleaned_data.get("header_name") == "":
            self.instance.sealed_header_value = ""
        return super().save(commit)


@admin.register(Endpoint)
class EndpointAdmin(ModelAdmin):
    form = EndpointForm
    list_display = ["name", "where", "whose", "when", "state", "waiting", "given_up"]
    list_display_links = ["name"]
    list_select_related = ["agent"]
    actions = None
    actions_detail = ["send_test", "show_secret"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return all_endpoints().with_backlog()

    def get_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> list[str]:
        if obj and obj.is_environments:
            return ["name", "where", "agent", "when", "enabled", "state_words"]
        known = ["enabled", "state_words"] if obj else []
        return ["name", "url", "agent", "when", "header_name", "header_value", *known]

    def get_readonly_fields(self, request: HttpRequest, obj: Endpoint | None = None) -> list[str]:
        return ["where", "state_words"]

    def has_delete_permission(self, request: HttpRequest, obj: Endpoint | None = None) -> bool:
        # The environment's would come back by itself: it is switched off instead.
        return super().has_delete_permission(request, obj) and not (obj and obj.is_environments)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Deliveries are nobody's to delete one by one, yet go with their endpoint.
        counts = [f"{endpoint}: {_('deliveries')} {endpoint.deliveries.count()}" for endpoint in objs]
        return counts, {str(Endpoint._meta.verbose_name_plural): len(counts)}, set(), []

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            _show(request, obj)
        elif obj.enabled and "enabled" in form.changed_data:
            switch_on(obj)

    # How it stands ---------------------------------------------------------------------------

    @display(description=_("address"))
    def where(self, endpoint: Endpoint) -> str:
        return endpoint.address or "–"

    @display(description=_("leads of"))
    def whose(self, endpoint: Endpoint) -> str:
        return str(endpoint.agent or _("All agents"))

    @display(description=_("how it stands"), label={colour: colour for colour in COLOURS})
    def state(self, endpoint: Endpoint) -> tuple[str, str]:
        how = standing(endpoint)
        return how.colour, how.words

    @display(description=_("how it stands"))
    def state_words(self, endpoint: Endpoint) -> str:
        return standing(endpoint).words

    @display(description=_("waiting"))
    def waiting(self, endpoint: Endpoint) -> str:
        return _counted(endpoint, Delivery.Status.WAITING, endpoint.waiting)

    @display(description=_("given up"))
    def given_up(self, endpoint: Endpoint) -> str:
        return _counted(endpoint, Delivery.Status.GIVEN_UP, endpoint.given_up)

    # What is done to one ---------------------------------------------------------------------

    @action(
        description=_("Send a test"), permissions=["change"], icon="send",
        dialog={
            "title": _("Send a test?"),
            "description": _("An invented lead is sent there, as lead.test, and nowhere else."),
            "form_class": None,
            "form_submit_text": _("Send it"),
        },
    )  # fmt: skip
    def send_test(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        delivery = announce_test(get_object_or_404(Endpoint, pk=object_id))
        messages.success(request, _("On its way. Load this page again to see how it went."))
        return dialog_done(reverse("admin:leads_delivery_change", args=[delivery.pk]))

    @action(
        description=_("Show the secret"), permissions=["change"], icon="visibility",
        dialog={
            "title": _("Show the secret?"),
            "description": _("Whoever knows it can sign messages that look like ours. That you saw it is logged."),
            "form_class": None,
            "form_submit_text": _("Show it"),
        },
    )  # fmt: skip
    def show_secret(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        _show(request, get_object_or_404(Endpoint, pk=object_id))
        return dialog_done(reverse("admin:leads_endpoint_change", args=[object_id]))


def _show(request: HttpRequest, endpoint: Endpoint) -> None:
    log.info("endpoint_secret_shown", endpoint=endpoint.name, user_id=request.user.pk)
    try:
        secret = endpoint.key
    except SealError as error:
        messages.error(request, str(error))
        return
    # The texts end with the secret, so that nothing else is copied with it.
    messages.warning(request, _("The secret is %(secret)s") % {"secret": secret})
    coded = {"secret": shown_to_libraries(secret)}
    messages.warning(request, _("Libraries of Standard Webhooks take it as %(secret)s") % coded)


def _counted(endpoint: Endpoint, status: Delivery.Status, count: int) -> str:
    if not count:
        return "0"
    query = urlencode([("endpoint__id__exact", endpoint.pk), ("status__exact", status.value)])
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:leads_delivery_changelist"), query, count)
