"""How often machines found out what is right, measured against what staff made of it. See `manage.py lead_accuracy`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch

from leads.models import Lead, LeadValue
from leads.people import values_of

CHUNK = 500  # leads read at a time


@dataclass(slots=True)
class Score:
    """Of one field: values that staff let stand, values they corrected or rejected, values they had to write.

    What staff corrected counts twice: something wrong was found, and what is right was missed.
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right; None when nothing was found."""
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """Share of what was to be found that was found right; None when there was nothing."""
        wanted = self.right + self.missed
        return self.right / wanted if wanted else None


def accuracy(agent_id: str = "") -> dict[str, Score]:
    """The score of each field by its key, over the accepted leads of one agent or of all; samples left out."""
    accepted = Lead.objects.people().real().filter(accepted_at__isnull=False)
    if agent_id:
        accepted = accepted.filter(agent__agent_id=agent_id)
    joined = Prefetch("joined", Lead.objects.prefetch_related("values"))
    scores: dict[str, Score] = {}
    for lead in accepted.prefetch_related("values", joined).iterator(CHUNK):
        for value in values_of(lead):
            _count(scores.setdefault(value.key, Score()), value)
    return dict(sorted(scores.items()))


def _count(score: Score, value: LeadValue) -> None:
    by_people = value.state in (LeadValue.State.STAFF, LeadValue.State.TYPED)
    found = value.found or ("" if by_people else value.value)
    right = "" if value.verdict == LeadValue.Verdict.REJECTED else value.value
    if value.state == LeadValue.State.TYPED and not found:
        return  # the visitor wrote it, there was nothing to find
    score.right += found == right
    score.wrong += bool(found) and found != right
    score.missed += bool(right) and found != right
