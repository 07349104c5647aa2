"""Which job holds a call. The newest attempt does; a claim by another job fences the older one off."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.contract import Claim, ClaimRequest, Stored, StoredTurn
from agents.services import language_models, speech_models
from calls.live import tell
from calls.models import VISITOR_IDENTITY, Attempt, Call
from calls.services.caps import seconds_left
from calls.workers import heartbeats, held_calls
from vaani.logs import get_logger
from vaani.problems import Problem

log = get_logger(__name__)

# A job claims before its worker's next heartbeat can name it.
GRACE = timedelta(seconds=5)


def get_call(call_id: UUID) -> Call:
    """The call. Raises `Problem` 404, as for one that was erased."""
    call = Call.objects.select_related("version").filter(pk=call_id, erased_at=None).first()
    if call is None:
        raise Problem(404, "unknown_call", "There is no call with this id.", field="call_id")
    return call


@transaction.atomic
def claim_call(call_id: UUID, request: ClaimRequest) -> Claim:
    """Give the call to a job, as a new attempt; the same job asking again gets its attempt again.

    Raises `Problem`: 404 unknown call, 409 while a live attempt holds it, 410 when it has ended.
    """
    get_call(call_id)
    call = Call.objects.select_for_update().get(pk=call_id)
    if call.status in (Call.Status.ENDED, Call.Status.SETTLED):
        raise Problem(410, "call_ended", "This call has ended.")
    newest = call.attempts.last()
    if newest is None or newest.job_id != request.job_id:
        if call.attempts.filter(job_id=request.job_id).exists() or (newest and _is_alive(newest)):
            raise Problem(409, "call_held", "Another job holds this call.")
        newest = call.attempts.create(
            number=newest.number + 1 if newest else 1, job_id=request.job_id, worker_id=request.worker_id
        )
        _mark_live(call)
        log.info("call_claimed", call_id=str(call_id), attempt=newest.number, worker=request.worker_id)
        tell(call_id, moved=True)
    return _claim_answer(call, newest)


def _is_alive(attempt: Attempt) -> bool:
    if attempt.ended_at is not None:
        return False
    if timezone.now() - attempt.claimed_at < GRACE:
        return True
    return held_calls(heartbeats()).get(attempt.call_id) == attempt.worker_id


def _mark_live(call: Call) -> None:
    now = timezone.now()
    call.status = Call.Status.LIVE
    call.answered_at = call.answered_at or now
    call.joined_at = call.joined_at or now
    # The row is locked and was read unfinished, so this cannot raise it from the dead.
    call.save(update_fields=["status", "answered_at", "joined_at"])


def _claim_answer(call: Call, attempt: Attempt) -> Claim:
    config = call.version.config
    stt_model, tts_model, voice = speech_models(config, call.voice)
    talked = call.duration or timedelta()
    return Claim(
        call_id=call.pk,
        attempt=attempt.number,
        agent=config,
        language=call.language,
        voice=voice,
        stt_model=stt_model,
        tts_model=tts_model,
        models=language_models(config),
        visitor_name=call.visitor_name,
        visitor_identity=VISITOR_IDENTITY,
        turns=_said_in(call),
        earlier=[turn for each in call.earlier() for turn in _said_in(each)],
        typed=call.typed,
        record=call.may_be_recorded and not call.typed,
        max_seconds=_seconds_left(call, config.max_seconds - int(talked.total_seconds())),
    )


def conversation(call_id: UUID) -> list[StoredTurn]:
    """What was said so far, in the calls that this one goes on with and in itself. Raises `Problem` 404."""
    call = get_call(call_id)
    return [turn for each in (*call.earlier(), call) for turn in _said_in(each)]


def _said_in(call: Call) -> list[StoredTurn]:
    return [StoredTurn(item_id=turn.item_id, role=turn.role, text=turn.text) for turn in call.turns.exclude(text="")]


def _seconds_left(call: Call, longest: int) -> int:
    """Seconds the call may still take: the agent's own limit, shortened by what is left of the day for visitors."""
    today = seconds_left(call.agent_id) if call.kind == Call.Kind.VISITOR else None
    return max(0, longest if today is None else min(longest, today))


def stored_items(call_id: UUID) -> Stored:
    """What Postgres holds of a call, for the worker to drop from its journal. Raises `Problem` 404."""
    call = get_call(call_id)
    turns = call.turns.values_list("item_id", "final", "revision")
    return Stored(
        turns={item: "final" if final else "draft" for item, final, _revision in turns},
        revisions={item: revision for item, _final, revision in turns},
        events=list(call.events.values_list("item_id", flat=True)),
        ended_attempts=list(call.attempts.filter(ended_at__isnull=False).values_list("number", flat=True)),
    )
