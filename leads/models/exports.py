"""A file of leads that is too large to be made while somebody waits for the page."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT_DAYS = 7
LOST_AFTER = timedelta(minutes=3)  # Celery ends a task after 90 s and hands it to another after 120


class Export(models.Model):
    """A file that somebody asked for: which leads, how far it has come, and where it is in the storage.

    `leads` are ids, in the order of the file. `done` are those written so far.
    """

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=4, choices=Format.choices)
    leads = ArrayField(models.BigIntegerField())
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    done = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(default=timezone.now)  # when it last came forward

    class Meta:
        default_permissions = ()  # whoever may export leads sees their own

    def __str__(self) -> str:
        return f"{self.get_format_display()}, {len(self.leads)}"

    @property
    def is_under_way(self) -> bool:
        """Whether somebody works at it, or will soon."""
        under_way = self.status in (self.Status.WAITING, self.Status.RUNNING)
        return under_way and timezone.now() - self.moved_at < LOST_AFTER
