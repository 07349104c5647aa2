"""Examples held with a draft: started, taken up, judged, and what they say of publishing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone

from agents.contract import EXAMPLE_TASK
from agents.examples import Expected, Step, faults
from agents.models import AgentProfile, AgentVersion, Example, ExampleRun
from vaani.celery import app
from vaani.logs import get_logger

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = get_logger(__name__)

RUNS = 3
HOLDING_FAILURES = 2  # a model is never twice the same, so one failure of three is let pass
TAKEN_FOR = timedelta(seconds=95)  # no task lives longer, so a message that comes again then may be taken up again

Status = ExampleRun.Status


class State(Enum):
    """How an example stands with one draft."""

    NOT_RUN = "not_run"
    RUNNING = "running"
    PASSES = "passes"
    FAILS = "fails"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An example, and its runs against one draft, in order; none when it has not been run against it."""

    example: Example
    runs: list[ExampleRun]

    @property
    def state(self) -> State:
        if not self.runs:
            return State.NOT_RUN
        statuses = [Status.UNFINISHED if run.is_lost else run.status for run in self.runs]
        if Status.QUEUED in statuses or Status.RUNNING in statuses:
            return State.RUNNING
        if statuses.count(Status.FAILED) >= HOLDING_FAILURES:
            return State.FAILS
        return State.UNFINISHED if Status.UNFINISHED in statuses else State.PASSES


class PublishHeldError(Exception):
    """The examples do not let the draft be published: some fail, or have not finished on it yet."""

    def __init__(self, failing: list[Example], pending: list[Example]) -> None:
        super().__init__(", ".join(map(str, failing + pending)))
        self.failing = failing
        self.pending = pending


def verdicts(profile: AgentProfile, content_hash: str) -> list[Verdict]:
    """Every example of the agent with its runs against the draft of that hash. Two queries."""
    runs = ExampleRun.objects.filter(version__content_hash=content_hash)
    examples = profile.examples.prefetch_related(Prefetch("runs", queryset=runs, to_attr="of_draft"))
    return [Verdict(example, example.of_draft) for example in examples]


def require_passed(profile: AgentProfile, content_hash: str) -> None:
    """Raise `PublishHeldError` unless every example has finished on that draft and failed less than twice.

    One that could not finish holds nothing: what it depends on may be down for days.
    """
    found = verdicts(profile, content_hash)
    failing = [verdict.example for verdict in found if verdict.state is State.FAILS]
    pending = [verdict.example for verdict in found if verdict.state in (State.NOT_RUN, State.RUNNING)]
    if failing or pending:
        raise PublishHeldError(failing, pending)


def keep(example: Example, author: User | None = None) -> None:
    """Store an example. What its runs said of it before is forgotten: other things may be asked of it now."""
    if example.pk is None:
        example.author = author
    with transaction.atomic():
        example.save()
        example.runs.all().delete()


# Runs ------------------------------------------------------------------------------------------


@transaction.atomic
def start_runs(version: AgentVersion, *, again: bool) -> int:
    """Have Celery hold the agent's examples three times each with `version`, a snapshot of the draft.

    Those under way are left alone; with `again` those that have finished are held anew. Returns how
    many examples were started.
    """
    # Two who press the button at once would start everything twice.
    profile = AgentProfile.objects.select_for_update(of=("self",)).get(pk=version.agent_id)
    wanted = [
        verdict
        for verdict in verdicts(profile, version.content_hash)
        if verdict.state is State.NOT_RUN or (again and verdict.state is not State.RUNNING)
    ]
    ExampleRun.objects.filter(pk__in=[run.pk for verdict in wanted for run in verdict.runs]).delete()
    runs = ExampleRun.objects.bulk_create(
        ExampleRun(example=verdict.example, version=version, attempt=attempt)
        for attempt in range(1, RUNS + 1)
        for verdict in wanted
    )
    # A broker that is down must not undo what was saved: such runs are lost, and can be started again.
    transaction.on_commit(lambda: _send([run.pk for run in runs]), robust=True)
    return len(wanted)


def _send(runs: Iterable[UUID]) -> None:
    for run in runs:
        app.send_task(EXAMPLE_TASK, [str(run)])


def take_run(run_id: UUID) -> ExampleRun | None:
    """The run, now in the caller's hands; None when somebody else has it, or it is no longer wanted."""
    now = timezone.now()
    free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, started_at__lt=now - TAKEN_FOR)
    if not ExampleRun.objects.filter(free, pk=run_id).update(status=Status.RUNNING, started_at=now):
        return None
    return ExampleRun.objects.select_related("example", "version__agent").get(pk=run_id)


def finish_run(run: ExampleRun, steps: list[Step], *, trouble: str = "", detail: str = "") -> None:
    """Keep what came of a run: passed or failed, or unfinished when there was `trouble`."""
    wrong = [] if trouble else faults(expected(run.example), steps)
    status = Status.UNFINISHED if trouble else Status.FAILED if wrong else Status.PASSED
    kept: dict[str, Any] = {"steps": [asdict(step) for step in steps], "faults": [asdict(fault) for fault in wrong]}
    # The hold of a task that was given up on has passed to another.
    ExampleRun.objects.filter(pk=run.pk, status=Status.RUNNING, started_at=run.started_at).update(
        status=status, trouble=trouble, detail=detail[:300], ended_at=timezone.now(), **kept
    )
    log.info("example_run", run=str(run.pk), example=run.example_id, status=status, trouble=trouble)


def expected(example: Example) -> Expected:
    """What must happen in an example."""
    return Expected(
        language=example.language,
        says=example.says,
        never_says=example.never_says,
        tool=example.tool,
        tool_values=example.tool_values,
        keeps_language=example.keeps_language,
    )
