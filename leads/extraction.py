"""What a finished call told, read from its stored turns: first by the transcript itself, then by the agent's own model.

Every step may be killed and done again: each looks at what is there and leaves the same behind.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.asking import NoAnswerError, ask
from agents.contract import ModelChoice
from agents.services import language_models, mark_refused
from calls.models import Call
from calls.services.usage import add_usage
from leads.announce import announce
from leads.callbacks import keep_wish
from leads.evidence import Transcript
from leads.joining import join_by_itself, lock_leads_of
from leads.keeping import find, keep, keep_typed_name, keep_words, transcript_of
from leads.models import Extraction, Lead
from leads.questions import Reading, messages, read, schema
from vaani.celery import app
from vaani.env import get_env
from vaani.logs import get_logger

log = get_logger(__name__)

EXTRACT_TASK = "leads.extract"
SWEEP_SECONDS = 15
SWEEP_MOST = 100  # calls: a backlog is worked off oldest first, and is not sent again whole at every sweep
TAKEN_FOR = timedelta(seconds=95)  # no task lives longer, so what was begun before then was killed
# Seconds after each failed try until the next; after the last one the call is given up, in plain sight.
WAITS = (15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600)
MOST_TRIES = len(WAITS) + 1
BROKER_SECONDS = 2

Status = Extraction.Status


class _TakenOverError(Exception):
    """More was said meanwhile, or this took too long: somebody else reads the call now."""


def want_extraction(*, call_id: UUID, **_: Any) -> None:
    """Have the call read, again if it was read before: it has settled, or more of what was said has come.

    Only writes a row; a task takes it up. Receives the signals of `calls.signals`.
    """
    if not Call.objects.filter(pk=call_id, kind__in=Call.MAKING_LEADS).exists():
        return
    row, created = Extraction.objects.get_or_create(call_id=call_id)
    if not created:
        again = {"status": Status.WAITING, "tries": 0, "next_at": timezone.now(), "error": ""}
        Extraction.objects.filter(pk=row.pk).update(**again)
    transaction.on_commit(lambda: _send(row.pk), robust=True)  # without a broker, the sweep finds the row


def send_due() -> None:
    """Send a task for the calls that are due to be read. What is still waiting at the next sweep is sent again."""
    for pk in Extraction.objects.filter(_due()).order_by("next_at").values_list("pk", flat=True)[:SWEEP_MOST]:
        _send(pk, expires=SWEEP_SECONDS)


def read_failed_again() -> int:
    """Have every call read again that was given up. Returns how many; the sweep takes them up."""
    again = {"status": Status.WAITING, "tries": 0, "next_at": timezone.now(), "error": ""}
    return Extraction.objects.filter(status=Status.FAILED).update(**again)


def extract(pk: int) -> None:
    """Read one call. Does nothing for a row that somebody else has, or that is not due."""
    row = _take(pk)
    if row is None:
        return
    try:
        if row.tries > MOST_TRIES:  # killed each time, or it would have been given up before
            _finish(row, status=Status.FAILED)
        else:
            _read(row)
    except _TakenOverError:
        log.info("extraction_taken_over", call_id=str(row.call_id))


def _read(row: Extraction) -> None:
    try:
        transcript = transcript_of(row.call)
        # What needs no model is there at once, however long a model takes.
        lead = _store(row, transcript, Reading())
        if _is_worth_asking(row.call, transcript, lead):
            _store(row, transcript, _ask(row.call, transcript))
    except NoAnswerError as error:
        _put_off(row, str(error), error.wait)
    except _TakenOverError:
        raise
    except Exception as error:
        _put_off(row, type(error).__name__)
        raise
    else:
        _finish(row, status=Status.DONE, error="")


def _send(pk: int, **options: Any) -> None:
    # The watch settles calls: a broker that hangs must not hold it up.
    limits = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
    with app.connection_for_write(transport_options=limits) as connection:
        app.send_task(EXTRACT_TASK, [pk], connection=connection, retry=False, **options)


# The row ----------------------------------------------------------------------------------------


def _due() -> Q:
    now = timezone.now()
    return Q(status=Status.WAITING, next_at__lte=now) | Q(status=Status.RUNNING, taken_at__lt=now - TAKEN_FOR)


def _take(pk: int) -> Extraction | None:
    row = Extraction.objects.filter(_due(), pk=pk).select_related("call__version", "call__agent").first()
    if row is None:
        return None
    seen = {"status": row.status, "tries": row.tries, "taken_at": row.taken_at}
    row.status, row.tries, row.taken_at = Status.RUNNING, row.tries + 1, timezone.now()
    taken = {"status": row.status, "tries": row.tries, "taken_at": row.taken_at}
    return row if Extraction.objects.filter(pk=pk, **seen).update(**taken) else None


def _own(row: Extraction) -> Any:
    """The row while it is this task's."""
    return Extraction.objects.filter(pk=row.pk, status=Status.RUNNING, taken_at=row.taken_at)


def _put_off(row: Extraction, fault: str, wait: float = 0) -> None:
    """Have it tried again, after `wait` seconds at least, or give it up after the last try."""
    log.warning("extraction_failed", call_id=str(row.call_id), tries=row.tries, fault=fault[:300])
    if row.tries >= MOST_TRIES:
        _finish(row, status=Status.FAILED, error=fault[:300])
        return
    wait = max(WAITS[row.tries - 1], min(wait, WAITS[-1]))
    next_at = timezone.now() + timedelta(seconds=wait)
    _finish(row, status=Status.WAITING, error=fault[:300], next_at=next_at)


@transaction.atomic
def _finish(row: Extraction, **columns: Any) -> None:
    """Give the row back, and announce the lead when there is something new to tell of it."""
    if not _own(row).update(**columns):
        raise _TakenOverError
    lead = Lead.objects.filter(call=row.call).first()
    if lead is None or lead.locked_at:
        return
    keep_typed_name(lead, row.call)
    if Extraction.objects.filter(pk=row.pk, untold=True).update(untold=False):
        announce(lead, "lead.captured", why=_("read from the call"))


# Reading ----------------------------------------------------------------------------------------


def _is_worth_asking(call: Call, transcript: Transcript, lead: Lead | None) -> bool:
    locked = lead is not None and lead.locked_at is not None
    return bool(call.version.config.fields and transcript.visitors) and not locked


def _ask(call: Call, transcript: Transcript) -> Reading:
    """What the agent's own model reads in the call. Raises `NoAnswerError`."""
    config = call.version.config
    refused: list[tuple[ModelChoice, str]] = []
    try:
        answer = async_to_sync(ask)(
            get_env(),
            language_models(config),
            call_id=str(call.pk),
            messages=messages(config.fields, transcript.said, call.created_at),
            schema=schema(config.fields),
            report=lambda choice, message: refused.append((choice, message)),
        )
    except NoAnswerError as error:
        add_usage(call.pk, error.used)
        raise
    finally:
        for choice, message in refused:
            mark_refused(choice.model, message)
    add_usage(call.pk, answer.used)
    return read(answer.data, config.fields, transcript.said)


def _store(row: Extraction, transcript: Transcript, reading: Reading) -> Lead | None:
    """Keep what was read; the call's lead, if it has one now. Raises `_TakenOverError`."""
    call, fields = row.call, row.call.version.config.fields
    with transaction.atomic():
        lock_leads_of(call.agent_id)
        if not _own(row).select_for_update().exists():
            raise _TakenOverError
        lead = Lead.objects.select_for_update(of=("self",)).filter(call=call).first()
        if lead and lead.locked_at:
            return lead
        found = find(fields, lead, transcript, reading.values)
        if lead is None:
            if not any(finding.turns for finding in found.values()):
                return None
            lead = Lead.objects.create(agent_id=call.agent_id, call=call)
            log.info("lead_found", call_id=str(call.pk), lead_id=lead.pk)
        changed = keep(lead, fields, found, why=_("read from the call"))
        changed |= keep_words(lead, reading)
        changed |= join_by_itself(lead) is not None
        keep_wish(lead, call)
        if changed:
            Extraction.objects.filter(pk=row.pk).update(untold=True)
        return lead
