"""What the page of calls now shows: the calls under way, out of Postgres, and the workers, out of Redis."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from agents.contract import Heartbeat
from agents.languages import LANGUAGES
from calls.models import Attempt, Call
from calls.workers import told_heartbeats

PROVIDERS = {"sarvam": "Sarvam", "groq": "Groq", "openai": "OpenAI"}
KEY_STATES = {
    "ok": _("accepted"),
    "refused": _("refused"),
    "unreachable": _("not checked, as it can't be reached"),
    "missing": _("none"),
}


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call that is connecting or live. `worker` is whose job took it last, empty before any did."""

    id: UUID
    live: bool
    status: str
    agent: str
    visitor: str
    language: str
    since: datetime
    worker: str


@dataclass(frozen=True, slots=True)
class WorkerNow:
    """A worker. Draining, it finishes its calls and takes no more; `keys` are provider and state, in words."""

    id: str
    host: str
    slots: int
    free: int
    draining: bool
    keys: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Now:
    """All of the page. `workers` is None while Redis cannot be asked."""

    calls: list[CallNow]
    workers: list[WorkerNow] | None

    @property
    def free(self) -> int:
        """Calls that could start now."""
        return sum(worker.free for worker in self.workers or ())

    @property
    def mark(self) -> str:
        """Changes with anything the page shows."""
        return hashlib.md5(repr((self.calls, self.workers)).encode(), usedforsecurity=False).hexdigest()


def calls_now() -> Now:
    """The calls under way, oldest first, and the workers by name. One query, and Redis."""
    calls = list(_calls())
    beats = told_heartbeats()
    return Now(
        calls,
        None if beats is None else [_worker(beat, calls) for beat in sorted(beats, key=lambda beat: beat.worker_id)],
    )


def _calls() -> Iterator[CallNow]:
    held_by = Attempt.objects.filter(call=OuterRef("pk")).order_by("-number").values("worker_id")[:1]
    unfinished: Any = Call.objects.unfinished().select_related("agent").order_by("created_at", "id")
    for call in unfinished.annotate(held_by=Subquery(held_by)):
        yield CallNow(
            id=call.pk,
            live=call.status == Call.Status.LIVE,
            status=call.get_status_display(),
            agent=call.agent.name,
            visitor=call.visitor_name,
            language=LANGUAGES[call.language].own_name if call.language in LANGUAGES else call.language,
            since=call.answered_at or call.created_at,
            worker=call.held_by or "",
        )


def _worker(beat: Heartbeat, calls: list[CallNow]) -> WorkerNow:
    # A heartbeat is two seconds old at times, and names no call that was taken since.
    taken = {*beat.active, *(call.id for call in calls if call.worker == beat.worker_id)}
    return WorkerNow(
        id=beat.worker_id,
        host=beat.host,
        slots=beat.slots,
        free=max(0, beat.slots - len(taken)),
        draining=beat.slots == 0,
        keys=[(PROVIDERS.get(name, name), str(KEY_STATES[state])) for name, state in sorted(beat.keys.items())],
    )
