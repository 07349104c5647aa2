"""What came of calls: a lead, each value with the turns it was heard in, and every change made to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from agents.languages import LANGUAGES
from agents.models import AgentProfile, FieldToFindOut
from calls.models import Call

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

MAX_VALUE = 500


class LeadQuerySet(models.QuerySet["Lead"]):
    def people(self) -> LeadQuerySet:
        """One lead a person: those that joined another are a part of that one."""
        return self.filter(joined_to=None)

    def samples(self) -> LeadQuerySet:
        """Leads of scripted callers."""
        return self.filter(call__kind=Call.Kind.SAMPLE)

    def real(self) -> LeadQuerySet:
        """All others."""
        return self.exclude(call__kind=Call.Kind.SAMPLE)

    def like(self, lead: Lead) -> LeadQuerySet:
        """Those that may be the same person as this one: samples among themselves, and all others."""
        return self.samples() if lead.is_sample else self.real()


class Lead(models.Model):
    """A person who called and said something worth keeping, or who could not and asks to be called back.

    Each call has a lead of its own, so that every value stays with its call. When the same person calls again, the later
    lead is `joined_to` the first one, which from then on stands for the person; taking it apart again loses nothing.
    """

    class Status(models.TextChoices):
        NEW = "new", _("New")
        CONTACTED = "contacted", _("Contacted")
        QUALIFIED = "qualified", _("Qualified")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        SPAM = "spam", _("Spam")

    OPEN = (Status.NEW, Status.CONTACTED, Status.QUALIFIED)  # somebody still works on it

    agent = models.ForeignKey(AgentProfile, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="leads")
    call = models.OneToOneField(
        Call, verbose_name=_("call"), null=True, blank=True, on_delete=models.PROTECT, related_name="lead"
    )
    joined_to = models.ForeignKey(
        "self",
        verbose_name=_("the same person as"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="joined",
    )
    kept_apart = models.BooleanField(
        _("kept apart"), default=False, help_text=_("Staff said that this is another person: never joined again.")
    )
    callback_at = models.DateTimeField(_("asked to be called back"), null=True, blank=True)
    callback_language = models.CharField(
        _("language to call back in"), max_length=10, blank=True,
        choices=[(code, language.name) for code, language in LANGUAGES.items()],
    )  # fmt: skip
    callback_consent = models.JSONField(_("agreed to"), default=dict, blank=True)
    summary = models.TextField(_("summary"), blank=True, help_text=_("Two lines in English, written by a model."))
    latin_name = models.CharField(_("name in Latin letters"), max_length=200, blank=True)
    sounds = models.TextField(blank=True, editable=False)  # how its names sound: see `leads.sounds`
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.NEW)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="leads",
    )  # fmt: skip
    follow_up_on = models.DateField(_("follow up on"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    locked_at = models.DateTimeField(
        _("locked"),
        null=True,
        blank=True,
        help_text=_("The person asked for it: kept as long as the law says, not used."),
    )
    created_at = models.DateTimeField(_("caught"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = LeadQuerySet.as_manager()

    if TYPE_CHECKING:
        values: RelatedManager[LeadValue]
        joined: RelatedManager[Lead]
        changes: RelatedManager[LeadChange]

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "created_at"], condition=Q(joined_to=None), name="leads_lead_queue_idx"),
            models.Index(fields=["-created_at", "-id"], name="leads_lead_created_idx"),
            GinIndex(OpClass("sounds", name="gin_trgm_ops"), name="leads_lead_sounds_idx"),
        ]
        permissions = [("export_lead", "Can export leads")]

    def __str__(self) -> str:
        name, phone = FieldToFindOut.Kind.NAME, FieldToFindOut.Kind.PHONE
        doubtful = next(
            (f"{value.value}?" for value in self.values.all() if value.kind == name and value.is_doubtful), ""
        )
        return self.value_of(name) or doubtful or self.value_of(phone) or str(_("Lead"))

    @property
    def is_sample(self) -> bool:
        """Whether a scripted caller's: nobody stands behind it, and nobody is told of it. No query with `call` selected."""
        return self.call is not None and self.call.kind == Call.Kind.SAMPLE

    def value_of(self, kind: str) -> str:
        """The first value of that kind that counts, or an empty string. No query when `values` is prefetched."""
        return next((value.value for value in self.values.all() if value.kind == kind and value.counts), "")


class LeadValue(models.Model):
    """One thing found out. `turns` are the item ids of the turns, of the lead's own call, that it was heard in.

    `found` is what was found before staff touched it, empty when staff added it: what `lead_accuracy` measures.
    """

    class State(models.TextChoices):
        HEARD = "heard", _("Heard")
        CONFIRMED = "confirmed", _("Confirmed")
        INFERRED = "inferred", _("Not heard in these words")
        STAFF = "staff", _("Entered by staff")
        TYPED = "typed", _("Typed by the visitor")

    class Verdict(models.TextChoices):
        OPEN = "", _("not looked at")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="values")
    key = models.CharField(_("key"), max_length=40)
    label = models.CharField(_("what"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=FieldToFindOut.Kind.choices)
    value = models.CharField(_("value"), max_length=MAX_VALUE)
    found = models.CharField(_("as found"), max_length=MAX_VALUE, blank=True)
    other = models.CharField(
        _("also heard"), max_length=MAX_VALUE, blank=True, help_text=_("Where two ways of reading the call differ.")
    )
    state = models.CharField(_("how we know"), max_length=10, choices=State.choices, default=State.INFERRED)
    verdict = models.CharField(_("staff say"), max_length=10, choices=Verdict.choices, default=Verdict.OPEN, blank=True)
    turns = models.JSONField(_("turns"), default=list)

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["lead", "key"], name="leads_leadvalue_lead_key_unique")]
        indexes = [GinIndex(OpClass(Upper("value"), name="gin_trgm_ops"), name="leads_leadvalue_value_idx")]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"

    @property
    def counts(self) -> bool:
        """Whether it is taken for a fact: staff did not reject it, and either said so or a turn supports it."""
        if self.verdict == self.Verdict.REJECTED:
            return False
        return self.verdict == self.Verdict.ACCEPTED or self.state != self.State.INFERRED

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody must look at it before the lead is accepted."""
        return self.verdict == self.Verdict.OPEN and (self.state == self.State.INFERRED or bool(self.other))


class LeadChange(models.Model):
    """What was changed of a lead, by whom and why. `who` is nobody for what the machine or the visitor did."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(_("when"), auto_now_add=True)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    field = models.CharField(_("what"), max_length=80)
    old = models.TextField(_("from"), blank=True)
    new = models.TextField(_("to"), blank=True)
    why = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.field}: {self.old} → {self.new}"
