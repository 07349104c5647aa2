"""The dialog that pauses an agent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from agents.models import AgentProfile

NOTE = AgentProfile._meta.get_field("pause_note")


class PauseForm(BaseDialogForm):
    """Asks for the sentence that visitors read meanwhile, and offers the last one."""

    note = forms.CharField(
        label=_("Sentence for visitors"),
        max_length=NOTE.max_length,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=NOTE.help_text,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        notes = AgentProfile.objects.filter(pk=self.object_id).values_list("pause_note", flat=True)
        self.fields["note"].initial = notes.first()
