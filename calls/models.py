"""What was said: a call, the attempts of jobs to hold it, its turns and its events."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.languages import LANGUAGES
from agents.models import AgentProfile, AgentVersion

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

VISITOR_IDENTITY = "visitor"  # a room holds one visitor, so one name does for all of them
JOIN_SECONDS = 20  # a created call holds a slot this long while its visitor has not joined


class CallQuerySet(models.QuerySet["Call"]):
    def unfinished(self) -> CallQuerySet:
        """Calls that may still be spoken in."""
        return self.filter(status__in=[Call.Status.CREATED, Call.Status.LIVE])

    def holding_a_slot(self) -> CallQuerySet:
        """Calls a worker is, or is about to be, busy with."""
        recently = timezone.now() - timedelta(seconds=JOIN_SECONDS)
        joined = Q(joined_at__isnull=False) | Q(created_at__gte=recently)
        return self.filter(Q(status=Call.Status.LIVE) | Q(status=Call.Status.CREATED) & joined)


class Call(models.Model):
    """One conversation, pinned for life to the version it began with.

    Status only moves forward, by compare-and-swap: created, live (a job holds it), ended (nobody
    can speak any more), settled (all that was said is stored).
    """

    class Kind(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        TRIAL = "trial", _("Trial")
        EXAMPLE = "example", _("Example")
        SAMPLE = "sample", _("Sample")

    MAKING_LEADS = (Kind.VISITOR, Kind.SAMPLE)  # what is said in others is kept of nobody

    class Status(models.TextChoices):
        CREATED = "created", _("Connecting")
        LIVE = "live", _("Live")
        ENDED = "ended", _("Ending")
        SETTLED = "settled", _("Finished")

    class EndReason(models.TextChoices):
        VISITOR_LEFT = "visitor_left", _("Visitor hung up")
        AGENT_ENDED = "agent_ended", _("Agent said goodbye")
        TIME_LIMIT = "time_limit", _("Longest call reached")
        SILENCE = "silence", _("Nobody spoke any more")
        NEVER_JOINED = "never_joined", _("Visitor never joined")
        NO_AGENT = "no_agent", _("No agent could come")
        WORKER_LOST = "worker_lost", _("The agent was lost")
        WORKER_STOPPED = "worker_stopped", _("The agent was stopped")
        FAILED = "failed", _("Something failed")
        ROOM_CLOSED = "room_closed", _("The room was closed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.VISITOR)
    agent = models.ForeignKey(AgentProfile, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="calls")
    version = models.ForeignKey(AgentVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="calls")
    language = models.CharField(
        _("language"), max_length=10, choices=[(code, lang.name) for code, lang in LANGUAGES.items()]
    )
    voice = models.CharField(_("voice"), max_length=40)
    typed = models.BooleanField(_("without sound"), default=False)
    visitor_name = models.CharField(_("visitor"), max_length=100, blank=True)
    consent = models.JSONField(_("consent"), default=dict, blank=True)
    source = models.JSONField(_("source"), default=dict, blank=True)

    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.CREATED)
    end_reason = models.CharField(_("how it ended"), max_length=20, choices=EndReason.choices, blank=True)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    joined_at = models.DateTimeField(_("visitor joined"), null=True)
    answered_at = models.DateTimeField(_("agent answered"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    erased_at = models.DateTimeField(_("erased"), null=True)
    dispatches = models.PositiveSmallIntegerField(_("dispatches"), default=1)
    dispatched_at = models.DateTimeField(_("last dispatch"), default=timezone.now)
    continues = models.ForeignKey(
        "self",
        verbose_name=_("continues"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="continued_by",
        help_text=_("The call that was cut off and that its visitor went on with in this one."),
    )

    objects = CallQuerySet.as_manager()

    if TYPE_CHECKING:
        attempts: RelatedManager[Attempt]
        turns: RelatedManager[Turn]
        events: RelatedManager[CallEvent]
        usage: RelatedManager[UsageLine]
        recordings: RelatedManager[Recording]
        continued_by: RelatedManager[Call]

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="calls_call_created_idx"),
            models.Index(fields=["agent", "-created_at"], name="calls_call_agent_created_idx"),
            models.Index(
                fields=["status"], condition=~Q(status="settled"), name="calls_call_unsettled_idx"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.visitor_name or _('Visitor')}, {self.get_language_display()}"

    @property
    def room(self) -> str:
        """Name of the call's own LiveKit room."""
        return f"call-{self.id}"

    @property
    def may_be_recorded(self) -> bool:
        """Whether a recording may exist: the agent asks for one, and the visitor agreed. One query without `version`."""
        return self.version.config.recording and self.consent.get("recording") is True

    def earlier(self) -> list[Call]:
        """The calls that this one goes on with, oldest first. One query each."""
        found: list[Call] = []
        call = self
        while call.continues is not None:
            call = call.continues
            found.insert(0, call)
        return found

    def chain(self) -> list[Call]:
        """All calls of this conversation, oldest first: those it goes on with, itself, and those that went on with it."""
        found = [next(iter(self.earlier()), self)]
        for call in found:
            found += call.continued_by.all()
        return sorted(found, key=lambda call: call.created_at)

    @property
    def duration(self) -> timedelta | None:
        """From the agent's answer to the end, or to now while live. None when no agent answered."""
        if self.answered_at is None:
            return None
        return (self.ended_at or timezone.now()) - self.answered_at


class Attempt(models.Model):
    """A job's hold on a call. The newest attempt is the call's agent; older ones are fenced off."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    job_id = models.CharField(max_length=100)
    worker_id = models.CharField(max_length=100)
    claimed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    last_n = models.PositiveIntegerField(null=True, help_text="Last item of the attempt, known once it ended.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="calls_attempt_call_number_unique"),
            models.UniqueConstraint(fields=["call", "job_id"], name="calls_attempt_call_job_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.number}"


class Turn(models.Model):
    """One item by one speaker. A draft is what the agent was saying when last heard of."""

    class Role(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        AGENT = "agent", _("Agent")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="turns")
    item_id = models.CharField(max_length=40)
    attempt = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()
    role = models.CharField(_("speaker"), max_length=10, choices=Role.choices)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    typed = models.BooleanField(_("typed"), default=False)
    final = models.BooleanField(_("final"), default=True)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    interrupted = models.BooleanField(_("interrupted"), default=False)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    latencies = models.JSONField(_("latencies"), default=dict)
    heard_wait = models.FloatField(
        _("wait as heard"),
        null=True,
        help_text=_("Seconds from the visitor's last sound to this turn's first, as the visitor's page measured them."),
    )

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering = ["attempt", "seq"]
        constraints = [models.UniqueConstraint(fields=["call", "item_id"], name="calls_turn_call_item_unique")]
        indexes = [models.Index(fields=["call", "attempt", "seq"], name="calls_turn_call_order_idx")]

    def __str__(self) -> str:
        return self.text[:60]


class Recording(models.Model):
    """The sound of one attempt, in Django's storage under the name `file`. Erased, only the fact stays."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    attempt = models.PositiveIntegerField()
    file = models.CharField(max_length=200, blank=True)
    bytes = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField(auto_now=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ["attempt"]
        constraints = [models.UniqueConstraint(fields=["call", "attempt"], name="calls_recording_call_attempt_unique")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.attempt}"


class CallEvent(models.Model):
    """Something that happened in a call and is not speech. `item_id` is the job's, or the sender's own id."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    item_id = models.CharField(max_length=100)
    attempt = models.PositiveIntegerField(null=True)
    seq = models.PositiveIntegerField(null=True)
    kind = models.CharField(_("what"), max_length=40)
    at = models.DateTimeField(_("when"))
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["call", "item_id"], name="calls_callevent_call_item_unique")]

    def __str__(self) -> str:
        return self.kind


class Unit(models.TextChoices):
    """What providers bill by. The names are those of `agents.contract.Unit`."""

    STT_SECONDS = "stt_seconds", _("seconds heard")
    TTS_CHARACTERS = "tts_characters", _("characters spoken")
    LLM_INPUT = "llm_input", _("tokens read")
    LLM_CACHED_INPUT = "llm_cached_input", _("tokens read from a cache")
    LLM_OUTPUT = "llm_output", _("tokens written")


class UsageLine(models.Model):
    """What one attempt of a call has used of one model, in one unit."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="usage")
    attempt = models.PositiveIntegerField()
    provider = models.CharField(_("provider"), max_length=40)
    model = models.CharField(_("model"), max_length=100)
    unit = models.CharField(_("unit"), max_length=20, choices=Unit.choices)
    amount = models.FloatField(_("amount"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call", "attempt", "provider", "model", "unit"], name="calls_usageline_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model}, {self.get_unit_display()}: {self.amount:g}"


class Price(models.Model):
    """What a provider asks for one model, from a day on. Operators keep it right."""

    model = models.CharField(_("model"), max_length=100)
    unit = models.CharField(_("for"), max_length=20, choices=Unit.choices)
    rupees = models.DecimalField(
        _("rupees"),
        max_digits=10,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=_("For an hour heard, 10,000 characters spoken, or a million tokens."),
    )
    since = models.DateField(_("from"), help_text=_("Calls of this day and later cost this, until a later price."))
    source = models.CharField(_("where it was found"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["model", "unit", "-since"]
        constraints = [models.UniqueConstraint(fields=["model", "unit", "since"], name="calls_price_unique")]

    def __str__(self) -> str:
        return f"{self.model}, {self.get_unit_display()}"


class DailyCap(models.Model):
    """The most that visitors' calls of one agent, or without an agent of the whole site, may take a day."""

    agent = models.OneToOneField(
        AgentProfile,
        verbose_name=_("agent"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="daily_cap",
        help_text=_("Empty: the whole site."),
    )
    minutes = models.PositiveIntegerField(_("minutes a day"), null=True, blank=True, help_text=_("Empty: no limit."))
    rupees = models.PositiveIntegerField(_("rupees a day"), null=True, blank=True, help_text=_("Empty: no limit."))

    class Meta:
        verbose_name = _("daily cap")
        verbose_name_plural = _("daily caps")
        constraints = [
            models.UniqueConstraint(
                fields=["agent"],
                nulls_distinct=False,
                name="calls_dailycap_unique",
                violation_error_message=_("There is a cap for this already. Change that one."),
            )
        ]

    def __str__(self) -> str:
        return str(self.agent or _("The whole site"))
