"""Who is told of leads, each thing they are told, and every try at telling them."""

from __future__ import annotations

import secrets
import string
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import AgentProfile
from leads.models.leads import Lead
from vaani.env import get_env
from vaani.sealing import SealError, seal, unseal

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


def new_secret() -> str:
    """32 random letters and digits: they can be typed anywhere, and n8n's Crypto node takes its key as text."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))


def new_sealed_secret() -> str:
    """A new secret as it is stored."""
    return seal(new_secret())


def new_webhook_id() -> str:
    """An id for one event at one endpoint, the same for every try. Holds no dot, as Standard Webhooks asks."""
    return f"msg_{uuid.uuid4().hex}"


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def listening(self) -> EndpointQuerySet:
        """Those that new deliveries are written for. One that said it is gone may come back, so its news waits."""
        return self.filter(Q(enabled=True) | Q(gone_at__isnull=False))

    def for_agent(self, agent_pk: int) -> EndpointQuerySet:
        """Those that hear of this agent's leads."""
        return self.filter(Q(agent=None) | Q(agent=agent_pk))

    def reachable(self, now: datetime) -> EndpointQuerySet:
        """Those that may be asked now: switched on, and not resting after a failure."""
        found = self.filter(enabled=True).exclude(resting_until__gt=now)
        return found if get_env().n8n_base_url else found.filter(is_environments=False)

    def with_backlog(self) -> EndpointQuerySet:
        """Each with `waiting` and `given_up`, how many of its deliveries there are of either."""
        own = Delivery.objects.filter(endpoint=OuterRef("pk")).order_by().values("endpoint").annotate(count=Count("pk"))
        counts = {
            name: Coalesce(Subquery(own.filter(status=status).values("count")), 0)
            for name, status in (("waiting", Delivery.Status.WAITING), ("given_up", Delivery.Status.GIVEN_UP))
        }
        return self.annotate(**counts)


class Endpoint(models.Model):
    """An address that is told of leads.

    The one of the environment (`N8N_BASE_URL`) has no address here: the environment may change it at any time.
    """

    class When(models.TextChoices):
        CAPTURE = "capture", _("as soon as it is caught")
        REVIEW = "review", _("when staff accept it")
        BOTH = "both", _("when it is caught, and again when staff accept it")

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_environments = models.BooleanField(_("from N8N_BASE_URL"), default=False, editable=False)
    url = models.CharField(_("address"), max_length=500, blank=True)
    agent = models.ForeignKey(
        AgentProfile, verbose_name=_("agent"), null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        help_text=_("Empty: the leads of all agents."),
    )  # fmt: skip
    when = models.CharField(_("a lead is sent"), max_length=10, choices=When.choices, default=When.CAPTURE)
    sealed_secret = models.TextField(default=new_sealed_secret, editable=False)
    header_name = models.CharField(_("extra header"), max_length=100, blank=True)
    sealed_header_value = models.TextField(blank=True, editable=False)
    enabled = models.BooleanField(
        _("switched on"), default=True, help_text=_("Switched off, it is told of nothing new, and what waits goes on waiting.")
    )  # fmt: skip
    gone_at = models.DateTimeField(_("said that it is gone"), null=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    resting_until = models.DateTimeField(_("next try"), null=True, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = EndpointQuerySet.as_manager()

    if TYPE_CHECKING:
        deliveries: RelatedManager[Delivery]
        waiting: int  # of `with_backlog`
        given_up: int

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_environments"], condition=Q(is_environments=True), name="leads_endpoint_one_environments"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where it is now; empty for the environment's while `N8N_BASE_URL` is not set."""
        if not self.is_environments:
            return self.url
        env = get_env()
        return f"{env.n8n_base_url}{env.n8n_webhook_lead_capture}" if env.n8n_base_url else ""

    @property
    def key(self) -> str:
        """The secret that its deliveries are signed with now. Raises `SealError`."""
        return (self.is_environments and get_env().n8n_webhook_secret) or unseal(self.sealed_secret)

    @property
    def extra_header(self) -> tuple[str, str] | None:
        """Name and value of the header that goes with every delivery, if there is one. Raises `SealError`."""
        if self.is_environments and (header := get_env().n8n_webhook_header):
            name, _colon, value = header.partition(":")
            return name.strip(), value.strip()
        return (self.header_name, unseal(self.sealed_header_value)) if self.header_name else None

    @property
    def seal_fault(self) -> str:
        """Why its secrets cannot be read, for staff; empty when they can."""
        try:
            _read = self.key, self.extra_header
        except SealError as error:
            return str(error)
        return ""


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> DeliveryQuerySet:
        """Not arrived, and not given up."""
        return self.filter(status=Delivery.Status.WAITING)

    def given_up(self) -> DeliveryQuerySet:
        """Those that only a person can send again."""
        return self.filter(status=Delivery.Status.GIVEN_UP)


class Delivery(models.Model):
    """One event for one endpoint: the outbox. The body is kept as it was written, and so sent the same every time.

    A try takes the delivery by moving `next_try_at` past the time that any try may take, and counting `tries` up:
    whoever finishes with another number than `tries` was too late, and changes nothing.
    """

    class Event(models.TextChoices):
        CAPTURED = "lead.captured", _("lead caught")
        UPDATED = "lead.updated", _("lead changed")
        ERASED = "lead.erased", _("lead erased")
        TEST = "lead.test", _("test")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    endpoint = models.ForeignKey(
        Endpoint, verbose_name=_("endpoint"), on_delete=models.CASCADE, related_name="deliveries"
    )
    lead = models.ForeignKey(
        Lead, verbose_name=_("lead"), null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.CharField(_("what happened"), max_length=20, choices=Event.choices)
    why = models.CharField(_("why"), max_length=200, blank=True)
    webhook_id = models.CharField(_("webhook-id"), max_length=40, unique=True, default=new_webhook_id)
    body = models.TextField(_("body"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.WAITING)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    ended_at = models.DateTimeField(_("arrived or given up"), null=True)

    objects = DeliveryQuerySet.as_manager()

    if TYPE_CHECKING:
        attempts: RelatedManager[DeliveryAttempt]

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-id"]
        permissions = [("replay_delivery", _("Can send deliveries again"))]
        indexes = [
            models.Index(fields=["next_try_at"], condition=~Q(status="delivered"), name="leads_delivery_open_idx"),
            models.Index(fields=["-created_at", "-id"], name="leads_delivery_created_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "lead"], condition=Q(event="lead.captured"), name="leads_delivery_captured_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {self.endpoint}"


class DeliveryAttempt(models.Model):
    """One try. Written before it is sent, so that one whose process was killed is seen: it has no end."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(_("when"), default=timezone.now)
    seconds = models.FloatField(_("seconds"), null=True)
    status_code = models.PositiveIntegerField(_("answer's status"), null=True)
    answer = models.TextField(_("answer"), blank=True, help_text=_("Its beginning."))
    fault = models.CharField(_("what went wrong"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="leads_deliveryattempt_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.status_code or self.fault or '…'}"
