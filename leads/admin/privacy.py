"""What is held about a person: shown, copied, locked, erased. The list is of the receipts."""

from __future__ import annotations

import tempfile
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from leads import erasing
from leads.held import Held, NoPersonError, held_about, identifier_of, write_copy
from leads.models import Erasure


class PersonForm(forms.Form):
    person = forms.CharField(
        label=_("Phone number or e-mail"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    why = forms.CharField(
        label=_("Why"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text=_("For the receipt and the history, such as “asked by e-mail on 3 May”. Do not write who."),
    )  # fmt: skip

    def clean_person(self) -> str:
        try:
            return identifier_of(self.cleaned_data["person"])
        except NoPersonError as error:
            raise ValidationError(_("This is neither a phone number with all its digits nor an e-mail.")) from error


@admin.register(Erasure)
class ErasureAdmin(ModelAdmin):
    list_display = ["receipt", "asked_at", "due", "done_at", "leads", "calls", "told", "why"]
    list_display_links = None
    actions = None
    show_full_result_count = False
    list_before_template = "leads/admin/_to_person.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the page of a person is the way

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("receipt"), ordering="pk")
    def receipt(self, erasure: Erasure) -> str:
        return str(erasure.pk)

    @admin.display(description=_("to be erased from"), ordering="due_at")
    def due(self, erasure: Erasure) -> str:
        return "" if erasure.done_at else day(erasure.due_at)

    # A person's page ---------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = path("person/", self.admin_site.admin_view(self.person_view), name="leads_erasure_person")
        return [own, *super().get_urls()]

    def person_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show what is held about a person, and do what was asked for. Posted, so that no log has the number."""
        if not request.user.has_perm("leads.add_erasure"):
            raise PermissionDenied
        form = PersonForm(request.POST or None)
        context: dict[str, Any] = {"form": form, "title": _("What is held about a person")}
        if request.method == "POST" and form.is_valid():
            identifier, why = form.cleaned_data["person"], form.cleaned_data["why"]
            held = held_about(identifier)
            who = cast(User, request.user)
            match request.POST.get("do"):
                case "copy":
                    return _copy(held)
                case "lock":
                    count = erasing.lock(held, who=who, why=why)
                    messages.success(request, ngettext("%d lead is locked.", "%d leads are locked.", count) % count)
                case "unlock":
                    count = erasing.unlock(held, who=who, why=why)
                    messages.success(
                        request, ngettext("%d lock is taken off.", "%d locks are taken off.", count) % count
                    )
                case "erase":
                    return self._erase(request, identifier, who, why)
            held = held_about(identifier)
            context |= {"held": held, "due_from": erasing.due_from(held), "now": localtime()}
            context |= {"locked": [lead for lead in held.leads if lead.locked_at]}
            context["receipts"] = erasing.receipts_of(identifier)
        return TemplateResponse(
            request, "leads/admin/privacy.html", {**self.admin_site.each_context(request), **context}
        )

    def _erase(self, request: HttpRequest, identifier: str, who: User, why: str) -> HttpResponse:
        if request.POST.get("sure") != "yes":
            messages.error(request, gettext("Tick the box that you are sure, then erase."))
            return HttpResponseRedirect(reverse("admin:leads_erasure_person"))
        erasure = erasing.ask_erasure(identifier, who=who, why=why)
        if erasure.done_at:
            messages.success(request, gettext("Everything about this person is erased. %s is the receipt.") % erasure)
        elif erasure.due_at > timezone.now():
            text = gettext("Everything about this person is locked, and will be erased after %s.")
            messages.warning(request, text % day(erasure.due_at))
        else:
            text = gettext("A call with this person is not over, or has only just ended. It is erased within the hour.")
            messages.warning(request, text)
        return HttpResponseRedirect(reverse("admin:leads_erasure_changelist"))


def _copy(held: Held) -> FileResponse:
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    write_copy(held, file)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename="person.zip", content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response


def day(when: Any) -> str:
    """A day on the site's calendar."""
    return date_format(localtime(when), "j M Y")
