"""What staff keep about a lead beside its values."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from leads import review
from leads.models import Lead

MAX_NOTES = 5000


class DetailsForm(forms.Form):
    """Status, owner, follow-up and notes. Each carries what it was, so that only what the person changed is changed."""

    status = forms.ChoiceField(
        label=_("Status"), choices=Lead.Status.choices, widget=UnfoldAdminSelectWidget, show_hidden_initial=True
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody"), widget=UnfoldAdminSelectWidget,
        show_hidden_initial=True,
    )  # fmt: skip
    follow_up_on = forms.DateField(
        label=_("Follow up on"), required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        show_hidden_initial=True,
    )  # fmt: skip
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=MAX_NOTES, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        show_hidden_initial=True,
    )  # fmt: skip

    def __init__(self, lead: Lead, data: Any = None) -> None:
        initial = {
            "status": lead.status,
            "owner": lead.owner_id,
            "follow_up_on": lead.follow_up_on,
            "notes": lead.notes,
        }
        super().__init__(data, initial=initial)
        backend = "django.contrib.auth.backends.ModelBackend"  # of several, that which knows permissions
        may = User.objects.with_perm("leads.change_lead", include_superusers=True, backend=backend)
        self.fields["owner"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            Q(pk__in=may.values("pk")) | Q(pk=lead.owner_id)
        ).order_by("username")

    def clean_follow_up_on(self) -> date | None:
        """A day of the calendars that people use: the database and the export take others, nobody means them."""
        day: date | None = self.cleaned_data["follow_up_on"]
        if day and not 2000 <= day.year < 2100:
            raise forms.ValidationError(_("This day is too far off."))
        return day

    def clean_notes(self) -> str:
        return _plain(self.cleaned_data["notes"])

    def save(self, lead: Lead, who: User) -> None:
        """Change what the person changed. Raises `ReviewError` when somebody else changed the same meanwhile."""
        verbs: dict[str, Any] = {
            "status": review.set_status,
            "owner": review.set_owner,
            "follow_up_on": review.set_follow_up,
            "notes": review.set_notes,
        }
        for name in self.changed_data:
            verbs[name](lead, self.cleaned_data[name], who=who, seen=self._seen(name))

    def _seen(self, name: str) -> Any:
        try:
            seen = self.fields[name].clean(self.data.get(self.add_initial_prefix(name)))
        except forms.ValidationError as error:
            raise review.ChangedError from error
        return _plain(seen) if name == "notes" else seen


def _plain(text: str) -> str:
    """With line ends as they are stored: browsers send others."""
    return text.replace("\r\n", "\n")
