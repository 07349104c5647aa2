"""Who speaks: the edited profile, what has been published of it, and the keys programs use."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.catalogue import STT_MODEL, TTS_MODEL
from agents.contract import AgentConfig

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class AgentProfileQuerySet(models.QuerySet["AgentProfile"]):
    def open(self) -> AgentProfileQuerySet:
        """Profiles visitors can call: published and not paused."""
        return self.filter(enabled=True, published__isnull=False)


class AgentProfile(models.Model):
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
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.ADMIN)

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
    text_chat = models.BooleanField(_("visitors may type"), default=True)
    max_seconds = models.PositiveIntegerField(
        _("longest call, in seconds"), default=600, validators=[MinValueValidator(30), MaxValueValidator(3600)]
    )
    consent = models.TextField(
        _("consent text"), max_length=2000, blank=True, help_text=_("Shown above the call button.")
    )

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
        return AgentConfig.model_validate(self.snapshot)


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
