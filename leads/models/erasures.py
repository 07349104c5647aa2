"""What people asked to have erased, and the receipt of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """A person's wish to be erased. `identifier`, their number or e-mail, is kept until it is carried out.

    Afterwards only `mark` is left, by which somebody who asks with the same identifier can be told that it was done.
    """

    identifier = models.CharField(_("phone number or e-mail"), max_length=254, blank=True)
    mark = models.CharField(max_length=64, editable=False)
    why = models.CharField(_("why"), max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    due_at = models.DateTimeField(_("to be erased from"))
    done_at = models.DateTimeField(_("erased"), null=True)
    leads = models.PositiveIntegerField(_("leads"), default=0)
    calls = models.PositiveIntegerField(_("calls"), default=0)
    told = models.PositiveIntegerField(_("endpoints told"), default=0)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-asked_at", "-id"]
        default_permissions = ("view", "add")
        indexes = [models.Index(fields=["mark"], name="leads_erasure_mark_idx")]

    def __str__(self) -> str:
        return f"{_('Receipt')} {self.pk}"
