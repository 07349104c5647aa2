"""What came of calls: a lead, and each value with the turns it was heard in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.languages import LANGUAGES
from agents.models import AgentProfile, FieldToFindOut
from calls.models import Call

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Lead(models.Model):
    """A person who called and said something worth keeping, or who could not and asks to be called back."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        CONTACTED = "contacted", _("Contacted")
        QUALIFIED = "qualified", _("Qualified")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        SPAM = "spam", _("Spam")

    agent = models.ForeignKey(AgentProfile, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="leads")
    call = models.OneToOneField(
        Call, verbose_name=_("call"), null=True, blank=True, on_delete=models.PROTECT, related_name="lead"
    )
    callback_at = models.DateTimeField(_("asked to be called back"), null=True, blank=True)
    callback_language = models.CharField(
        _("language to call back in"), max_length=10, blank=True,
        choices=[(code, language.name) for code, language in LANGUAGES.items()],
    )  # fmt: skip
    callback_consent = models.JSONField(_("agreed to"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.NEW)
    created_at = models.DateTimeField(_("caught"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    if TYPE_CHECKING:
        values: RelatedManager[LeadValue]

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.value_of(FieldToFindOut.Kind.NAME) or self.value_of(FieldToFindOut.Kind.PHONE) or str(_("Lead"))

    def value_of(self, kind: str) -> str:
        """The first value of that kind, or an empty string. No query when `values` is prefetched."""
        return next((value.value for value in self.values.all() if value.kind == kind), "")


class LeadValue(models.Model):
    """One thing found out. `turns` are the item ids of the turns it was heard in."""

    class State(models.TextChoices):
        HEARD = "heard", _("Heard")
        CONFIRMED = "confirmed", _("Confirmed")
        INFERRED = "inferred", _("Not heard in these words")
        STAFF = "staff", _("Entered by staff")
        TYPED = "typed", _("Typed by the visitor")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="values")
    key = models.CharField(_("key"), max_length=40)
    label = models.CharField(_("what"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=FieldToFindOut.Kind.choices)
    value = models.CharField(_("value"), max_length=500)
    state = models.CharField(_("how we know"), max_length=10, choices=State.choices, default=State.INFERRED)
    turns = models.JSONField(_("turns"), default=list)

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["lead", "key"], name="leads_leadvalue_lead_key_unique")]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"
