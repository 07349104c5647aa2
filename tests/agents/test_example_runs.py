"""Examples and publishing: when they are run, which results count, and what holds a draft back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from redis import Redis

from agents.example_runs import (
    PublishHeldError,
    State,
    finish_run,
    keep,
    start_runs,
    take_run,
    verdicts,
)
from agents.examples import Said
from agents.models import LOST_RUNNING, LOST_WAITING, AgentProfile, Example, ExampleRun
from agents.services import content_hash, draft_config, publish, publish_from_n8n, trial_version
from tests.factories import agent_config, make_agent, make_example, run_results

pytestmark = pytest.mark.django_db

Status = ExampleRun.Status
P, F, U, Q = Status.PASSED, Status.FAILED, Status.UNFINISHED, Status.QUEUED


@pytest.fixture
def draft(agent: AgentProfile) -> AgentProfile:
    """An agent whose draft differs from what is published."""
    agent.knows = "Open on Sundays."
    agent.save()
    return agent


def state(profile: AgentProfile) -> State:
    (verdict,) = verdicts(profile, content_hash(draft_config(profile)))
    return verdict.state


def test_a_run_is_held_three_times_and_each_is_a_task_of_its_own(
    draft: AgentProfile, redis: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    make_example(draft)
    assert state(draft) is State.NOT_RUN
    with django_capture_on_commit_callbacks(execute=True):
        assert start_runs(trial_version(draft), again=False) == 1
    assert state(draft) is State.RUNNING
    assert list(ExampleRun.objects.values_list("attempt", flat=True)) == [1, 2, 3]
    assert redis.llen("chores") == 3


def test_what_is_running_is_not_started_again_and_what_is_over_only_when_asked(draft: AgentProfile) -> None:
    run_results(make_example(draft), Q, P, P)
    version = trial_version(draft)
    assert start_runs(version, again=True) == 0
    ExampleRun.objects.filter(status=Q).update(status=P)
    assert start_runs(version, again=False) == 0
    before = set(ExampleRun.objects.values_list("pk", flat=True))
    assert start_runs(version, again=True) == 1
    assert before.isdisjoint(ExampleRun.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((P, P, P), State.PASSES),
        ((P, F, P), State.PASSES),
        ((F, P, F), State.FAILS),
        ((F, F, U), State.FAILS),
        ((F, U, P), State.UNFINISHED),
        ((U, U, U), State.UNFINISHED),
        ((F, F, Q), State.RUNNING),
    ],
)
def test_an_example_fails_by_two_failures_of_three(
    draft: AgentProfile, statuses: tuple[Status, ...], expected: State
) -> None:
    run_results(make_example(draft), *statuses)
    assert state(draft) is expected


@pytest.mark.parametrize(
    ("status", "field", "age"),
    [(Q, "queued_at", LOST_WAITING), (Status.RUNNING, "started_at", LOST_RUNNING)],
    ids=["waiting", "running"],
)
def test_a_run_that_nobody_works_at_any_more_could_not_finish(
    draft: AgentProfile, status: Status, field: str, age: timedelta
) -> None:
    run_results(make_example(draft), P, P, status)
    now = timezone.now()
    ExampleRun.objects.filter(attempt=3).update(**{field: now - age + timedelta(seconds=30)})
    assert state(draft) is State.RUNNING
    ExampleRun.objects.filter(attempt=3).update(**{field: now - age - timedelta(seconds=1)})
    assert state(draft) is State.UNFINISHED
    assert start_runs(trial_version(draft), again=True) == 1


# One run ---------------------------------------------------------------------------------------


def queued(profile: AgentProfile, **parts: Any) -> ExampleRun:
    run_results(make_example(profile, **parts), Q)
    return ExampleRun.objects.get()


def test_a_run_is_taken_once_and_again_when_its_task_must_be_dead(draft: AgentProfile) -> None:
    run = queued(draft)
    assert take_run(run.pk)
    assert take_run(run.pk) is None
    ExampleRun.objects.update(started_at=timezone.now() - timedelta(seconds=100))
    assert take_run(run.pk)
    assert take_run(uuid4()) is None


def test_a_run_passes_fails_or_could_not_finish(draft: AgentProfile) -> None:
    run_results(make_example(draft, says=["ten"]), Q, Q, Q)
    steps = {1: "At ten.", 2: "At nine.", 3: "At"}
    for attempt, words in steps.items():
        run = take_run(ExampleRun.objects.get(attempt=attempt).pk)
        assert run
        finish_run(run, [Said("agent", words)], trouble="broke_off" if attempt == 3 else "", detail="x" * 400)
    passed, failed, unfinished = ExampleRun.objects.order_by("attempt")
    assert (passed.status, failed.status, unfinished.status) == (P, F, U)
    assert failed.faults == [{"kind": "says", "what": "ten"}]
    assert (unfinished.faults, unfinished.trouble, len(unfinished.detail)) == ([], "broke_off", 300)
    assert unfinished.steps == [{"role": "agent", "text": "At"}]


def test_a_run_taken_over_keeps_what_its_new_holder_brings(draft: AgentProfile) -> None:
    run = queued(draft, says=["ten"])
    first = take_run(run.pk)
    assert first
    ExampleRun.objects.update(started_at=timezone.now() - timedelta(seconds=100))
    second = take_run(run.pk)
    assert second
    finish_run(first, [])
    assert ExampleRun.objects.get().status == Status.RUNNING
    finish_run(second, [Said("agent", "At ten.")])
    assert ExampleRun.objects.get().status == P


# Publishing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("statuses", [(P, P, P), (P, F, P), (F, U, P), (U, U, U)])
def test_what_does_not_fail_twice_holds_nothing(draft: AgentProfile, statuses: tuple[Status, ...]) -> None:
    run_results(make_example(draft), *statuses)
    version = publish(draft, author=None, override_reason="not needed")
    assert (version.number, version.override_reason) == (2, "")


@pytest.mark.parametrize(("statuses", "fails"), [((F, F, P), True), ((Q, Q, Q), False), ((), False)])
def test_failures_and_missing_results_hold_the_draft_back_without_a_reason(
    draft: AgentProfile, statuses: tuple[Status, ...], fails: bool
) -> None:
    example = make_example(draft)
    run_results(example, *statuses)
    with pytest.raises(PublishHeldError) as held:
        publish(draft, author=None)
    assert (held.value.failing, held.value.pending) == (([example], []) if fails else ([], [example]))
    assert AgentProfile.objects.get().published == draft.published
    version = publish(draft, author=None, override_reason="The hotline opens today.")
    assert (version.number, version.override_reason) == (2, "The hotline opens today.")


def test_results_of_another_draft_say_nothing_of_this_one(draft: AgentProfile) -> None:
    run_results(make_example(draft), P, P, P)
    draft.knows = "Closed on Sundays."
    with pytest.raises(PublishHeldError):
        publish(draft, author=None)
    draft.knows = "Open on Sundays."
    assert publish(draft, author=None).number == 2


def test_a_changed_example_forgets_its_results(draft: AgentProfile) -> None:
    example = make_example(draft)
    run_results(example, P, P, P)
    keep(example)
    assert state(draft) is State.NOT_RUN


def test_another_agents_examples_hold_nothing(draft: AgentProfile) -> None:
    make_example(make_agent(agent_id="other"))
    assert publish(draft, author=None).number == 2


def test_what_is_published_already_needs_no_results(agent: AgentProfile) -> None:
    make_example(agent)
    assert publish(agent, author=None) == agent.published


def test_n8n_is_not_held(agent: AgentProfile) -> None:
    make_example(agent)
    assert publish_from_n8n(agent, agent_config(name="Kaveri")).number == 2


def test_examples_go_with_their_agent_and_their_draft(agent: AgentProfile) -> None:
    spare = make_agent(agent_id="spare", published=False)
    run_results(make_example(spare), P, P, P)
    spare.versions.all().delete()
    assert not ExampleRun.objects.exists()
    spare.delete()
    assert not Example.objects.exists()
