"""Who speaks: the edited profile, what has been published of it, and the keys programs use."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.branding import Branding
from agents.catalogue import STT_MODEL, TTS_MODEL
from agents.contract import AgentConfig

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

LOST_WAITING = timedelta(minutes=15)  # a run that no worker took up by then is not waited for
LOST_RUNNING = timedelta(minutes=3)  # the task's own limit is 90 s


class AgentProfileQuerySet(models.QuerySet["AgentProfile"]):
    def open(self) -> AgentProfileQuerySet:
        """Profiles visitors can call: published and not paused."""
        return self.filter(enabled=True, published__isnull=False)


class AgentProfile(Branding):
    """An agent as staff edit it: the draft. Visitors hear `published`, never this."""

    class Source(models.TextChoices):
        ADMIN = "admin", _("This admin")
        N8N = "n8n", _("n8n")

    class Provider(models.TextChoices):
        DEFAULT = "", _("The site's default")
        GROQ = "groq", "Groq"
        OPENAI = "openai", "OpenAI"

    agent_id = models.SlugField(
        _("id"),
        unique=True,
        max_length=60,
        help_text=_("Part of the agent's public address. Small letters, digits and hyphens."),
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Use small letters, digits and hyphens."))],
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("How the agent introduces itself."))
    description = models.CharField(
        _("description"), max_length=200, blank=True, help_text=_("One line under the name on the visitor's page.")
    )
    is_default = models.BooleanField(
        _("default agent"), default=False, help_text=_("Answers at the site's front page.")
    )
    enabled = models.BooleanField(_("takes calls"), default=True, help_text=_("Untick to pause the agent at once."))
    pause_note = models.CharField(
        _("sentence for visitors"), max_length=200, blank=True,
        help_text=_("They read it while the agent is paused. Empty: “Please try again later.”"),
    )  # fmt: skip
    origins = models.JSONField(_("sites"), default=list, blank=True)  # whose pages may call it, at once
    source = models.CharField(
        _("fed by"), max_length=10, choices=Source.choices, default=Source.ADMIN,
        help_text=_("n8n: its workflow sends the profile, and what it leaves out is taken from here. At once when saved."),
    )  # fmt: skip

    who = models.TextField(
        _("who the agent is"),
        max_length=4000,
        help_text=_("Its job and its manner, as you would brief a new colleague."),
    )
    knows = models.TextField(
        _("what it knows"),
        max_length=40000,
        blank=True,
        help_text=_("Hours, prices, addresses, answers to common questions."),
    )
    never = models.TextField(_("what it must never do"), max_length=4000, blank=True)
    ends = models.TextField(
        _("how it ends the call"), max_length=2000, blank=True, help_text=_("What to promise and how to say goodbye.")
    )
    greetings = models.JSONField(_("greetings"), default=dict, blank=True)

    languages = models.JSONField(_("languages"), default=list)
    default_language = models.CharField(_("first language"), max_length=10)
    voices = models.JSONField(_("voices"), default=list)
    default_voice = models.CharField(_("first voice"), max_length=40)
    stt_model = models.CharField(_("listening model"), max_length=60, default=STT_MODEL)
    tts_model = models.CharField(_("speaking model"), max_length=60, default=TTS_MODEL)
    pace = models.FloatField(
        _("speaking pace"), default=1.0, validators=[MinValueValidator(0.5), MaxValueValidator(2.0)],
        help_text=_("1 is normal, 0.8 slower, 1.2 quicker."),
    )  # fmt: skip
    say_as = models.JSONField(_("how to say a word"), default=list, blank=True)
    variables = models.JSONField(_("the agent's own names"), default=dict, blank=True)
    llm_provider = models.CharField(
        _("language model provider"), max_length=10, choices=Provider.choices, default=Provider.DEFAULT, blank=True
    )
    llm_model = models.CharField(
        _("language model"), max_length=100, blank=True, help_text=_("Empty: the provider's default.")
    )
    temperature = models.FloatField(
        _("freedom"), default=0.4, validators=[MinValueValidator(0), MaxValueValidator(2)],
        help_text=_("0 keeps to the brief word for word, 1 varies more."),
    )  # fmt: skip
    # The limits of these are the contract's.
    extra_wait = models.FloatField(
        _("wait after the visitor stops, in seconds"), default=0.2, validators=[MinValueValidator(0), MaxValueValidator(3)],
        help_text=_("0 to 3, on top of the shortest pause. More: it cuts in less. Less: it answers quicker."),
    )  # fmt: skip
    stop_after = models.FloatField(
        _("talking over it that stops it, in seconds"), default=0.5, validators=[MinValueValidator(0.1), MaxValueValidator(3)],
        help_text=_("0.1 to 3. A shorter sound, such as a cough, does not stop it."),
    )  # fmt: skip
    ask_after = models.FloatField(
        _("silence before it asks, in seconds"), default=10, validators=[MinValueValidator(3), MaxValueValidator(120)],
        help_text=_("3 to 120. Then it asks whether the visitor is still there."),
    )  # fmt: skip
    leave_after = models.FloatField(
        _("silence after that before it says goodbye, in seconds"), default=10,
        validators=[MinValueValidator(3), MaxValueValidator(120)], help_text=_("3 to 120."),
    )  # fmt: skip
    text_chat = models.BooleanField(_("visitors may type"), default=True)
    max_seconds = models.PositiveIntegerField(
        _("longest call, in seconds"), default=600, validators=[MinValueValidator(30), MaxValueValidator(3600)],
        help_text=_("30 to 3600."),
    )  # fmt: skip
    max_calls = models.PositiveSmallIntegerField(
        _("most calls at a time"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Visitors beyond are told that everyone is busy. Empty: as many as the workers take. At once when saved."),
    )  # fmt: skip
    consent = models.TextField(
        _("consent text"), max_length=2000, blank=True, help_text=_("Shown above the call button.")
    )
    recording = models.BooleanField(
        _("offer to record"), default=False,
        help_text=_("Visitors may then agree to a recording, which is off until they do. Without it no sound is ever kept."),
    )  # fmt: skip
    callback = models.BooleanField(
        _("offer to call back"), default=False,
        help_text=_("Visitors may then ask for a call back before they call, which is off until they do."),
    )  # fmt: skip
    recordings_kept_days = models.PositiveSmallIntegerField(
        _("days recordings are kept"), default=30, validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("1 to 3650, then they are deleted, those already made too. At once when saved."),
    )  # fmt: skip
    calls_kept_days = models.PositiveSmallIntegerField(
        _("days conversations are kept"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("1 to 3650, then what was said is erased, with its recording. Empty: for ever. At once when saved."),
    )  # fmt: skip
    leads_kept_days = models.PositiveSmallIntegerField(
        _("days leads are kept"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("1 to 3650 from a lead's last change, then it is erased with its calls. Empty: for ever. At once when saved."),
    )  # fmt: skip

    published = models.OneToOneField(
        "AgentVersion", verbose_name=_("published version"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="published_of",
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = AgentProfileQuerySet.as_manager()

    if TYPE_CHECKING:
        fields: RelatedManager[FieldToFindOut]
        versions: RelatedManager[AgentVersion]
        n8n_askings: RelatedManager[N8nAsking]
        examples: RelatedManager[Example]

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="agents_agentprofile_one_default"
            )
        ]
        permissions = [("publish_agentprofile", _("Can publish agents"))]

    def __str__(self) -> str:
        return self.name


class FieldToFindOut(models.Model):
    """One thing the agent must find out during a call."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NAME = "name", _("Name")
        PHONE = "phone", _("Phone number")
        EMAIL = "email", _("E-mail address")
        NUMBER = "number", _("Number")
        MONEY = "money", _("Money")
        DATE = "date", _("Date")
        CHOICE = "choice", _("One of a list")
        YES_NO = "yes_no", _("Yes or no")

    agent = models.ForeignKey(AgentProfile, on_delete=models.CASCADE, related_name="fields")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    key = models.SlugField(
        _("key"), max_length=40, help_text=_("Its name in exports and in n8n."),
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use small letters, digits and underscores."))],
    )  # fmt: skip
    label = models.CharField(_("what to find out"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TEXT)
    required = models.BooleanField(_("needed"), default=False)
    hint = models.CharField(_("hint for the agent"), max_length=200, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True)

    class Meta:
        verbose_name = _("thing to find out")
        verbose_name_plural = _("what it must find out")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["agent", "key"], name="agents_fieldtofindout_agent_key_unique")]

    def __str__(self) -> str:
        return self.label


class AgentVersion(models.Model):
    """A snapshot of an agent, never changed once written. Without a number it is a trial's snapshot of a draft."""

    agent = models.ForeignKey(AgentProfile, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"), null=True)
    snapshot = models.JSONField(_("snapshot"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(_("author"), max_length=150)
    note = models.CharField(_("note"), max_length=200, blank=True)
    override_reason = models.CharField(
        _("published anyway because"), max_length=300, blank=True,
        help_text=_("Why it was published although its examples failed or had not finished."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("published"), auto_now_add=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "number"], name="agents_agentversion_agent_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.number}" if self.number else f"{self.agent}, {_('draft')}"

    @property
    def config(self) -> AgentConfig:
        """The snapshot as its typed self."""
        return AgentConfig.model_validate(self.snapshot, extra="ignore")  # a newer web server may have written it


class Example(models.Model):
    """A conversation to hold again, and what must happen in it. Each line is said once the one before is answered."""

    class Tool(models.TextChoices):
        NONE = "", _("Any or none")
        SAVE_DETAILS = "save_details", _("Save the details")
        END_CALL = "end_call", _("End the call")
        SPEAK_LANGUAGE = "speak_language", _("Change the language")

    agent = models.ForeignKey(
        AgentProfile, verbose_name=_("agent"), on_delete=models.CASCADE, related_name="examples"
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=10)
    voice = models.CharField(_("voice"), max_length=40, blank=True)
    lines = models.JSONField(_("what the visitor says"), default=list)
    says = models.JSONField(_("the agent says"), default=list, blank=True)
    never_says = models.JSONField(_("the agent never says"), default=list, blank=True)
    tool = models.CharField(_("it uses the tool"), max_length=40, choices=Tool.choices, blank=True)
    tool_values = models.JSONField(_("with these values"), default=dict, blank=True)
    keeps_language = models.BooleanField(_("it keeps the language"), default=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("kept"), auto_now_add=True)
    kept_from = models.UUIDField(null=True, blank=True)  # the call whose lines it began with, and with which it goes

    if TYPE_CHECKING:
        runs: RelatedManager[ExampleRun]

    class Meta:
        verbose_name = _("example conversation")
        verbose_name_plural = _("example conversations")
        ordering = ["pk"]
        default_permissions = ()  # whoever may change the agent may change its examples
        constraints = [models.UniqueConstraint(fields=["agent", "name"], name="agents_example_agent_name_unique")]

    def __str__(self) -> str:
        return self.name


class ExampleRun(models.Model):
    """One of three times an example was held with a draft. Its id stands for the call's in providers' addresses."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")
        UNFINISHED = "unfinished", _("Could not finish")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    example = models.ForeignKey(Example, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey(AgentVersion, on_delete=models.CASCADE, related_name="+")
    attempt = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    steps = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    trouble = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["attempt"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["example", "version", "attempt"], name="agents_examplerun_attempt_unique"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.example} {self.attempt}"

    @property
    def is_lost(self) -> bool:
        """Whether nobody works at it any more: its task was killed, or lost on its way."""
        now = timezone.now()
        if self.status == self.Status.QUEUED:
            return now - self.queued_at > LOST_WAITING
        return self.status == self.Status.RUNNING and now - (self.started_at or now) > LOST_RUNNING


class N8nAsking(models.Model):
    """One time n8n was asked for an agent's profile: how that went, and what calls use since. The newest are kept."""

    class Taken(models.TextChoices):
        N8N = "n8n", _("n8n's profile")
        LAST_GOOD_COPY = "last_good_copy", _("the last good copy")
        STORED_PROFILE = "stored_profile", _("the profile stored here")
        DEFAULT = "default", _("the default profile")

    agent = models.ForeignKey(AgentProfile, on_delete=models.CASCADE, related_name="n8n_askings")
    asked_at = models.DateTimeField()
    seconds = models.FloatField()
    fault = models.CharField(max_length=300, blank=True)
    taken = models.CharField(max_length=20, choices=Taken.choices)
    version = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()  # whoever may see the agent may see these

    def __str__(self) -> str:
        return f"{self.agent} {self.asked_at:%Y-%m-%d %H:%M:%S}"


class ModelRefusal(models.Model):
    """A model its provider said it does not know. Calls go to the successor while this row stands."""

    model = models.CharField(_("model"), max_length=100, unique=True)
    message = models.CharField(_("what the provider said"), max_length=300)
    refused_at = models.DateTimeField(_("refused"), auto_now_add=True)

    class Meta:
        verbose_name = _("refused model")
        verbose_name_plural = _("refused models")

    def __str__(self) -> str:
        return self.model


class IntegrationKey(models.Model):
    """A key another program authenticates with. Only its hash is kept; the key is shown once."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    hashed = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("integration key")
        verbose_name_plural = _("integration keys")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash(key: str) -> str:
        """Hash a key is stored under. Keys are 256 random bits, so a plain digest is enough."""
        return hashlib.sha256(key.encode()).hexdigest()
