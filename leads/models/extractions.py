"""The reading of a finished call by a model: what is to be done, what was tried, and how it ended."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call


class Extraction(models.Model):
    """One a call. Written when the call settles, and begun anew when words of it come later.

    Status moves by compare-and-swap: waiting (from `next_at` on), running (since `taken_at`), then done, waiting for
    the next try, or failed for good.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being read")
        DONE = "done", _("Read")
        FAILED = "failed", _("Could not be read")

    call = models.OneToOneField(Call, verbose_name=_("call"), on_delete=models.CASCADE, related_name="extraction")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try"), default=timezone.now)
    taken_at = models.DateTimeField(_("begun"), null=True)
    untold = models.BooleanField(_("something new to announce"), default=True)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("reading of a call")
        verbose_name_plural = _("readings of calls")
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(status__in=["waiting", "running"]),
                name="leads_extraction_due_idx",
            )
        ]

    def __str__(self) -> str:
        return f"{self.call}: {self.get_status_display()}"
