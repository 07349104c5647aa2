"""A run of an example by Celery, against the sandbox; and a call kept as an example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import requests
from django.contrib.auth.models import Permission, User
from django.test import Client

from agents.example_form import ExampleForm
from agents.models import AgentProfile, Example, ExampleRun, ModelRefusal
from agents.worker import thinking
from calls.models import Call
from calls.services.record import record
from calls.tasks import run_example
from calls.tools import _handlers
from leads.models import Lead
from tests.factories import happened, live_call, make_agent, make_example, run_results, said

pytestmark = pytest.mark.django_db

Status = ExampleRun.Status
GOOD = {"name": "Rahul Sharma", "phone": "98450 12345", "need": "2 BHK"}
Order = Callable[..., None]


@pytest.fixture
def order(sandboxed: str) -> Order:
    """Tell the sandbox how to answer a run, or all of them."""

    def put(run: ExampleRun, **orders: Any) -> None:
        requests.put(f"http://{sandboxed}/control/calls/{run.pk}", json=orders, timeout=5).raise_for_status()

    return put


def queued(agent: AgentProfile, **parts: Any) -> ExampleRun:
    run_results(make_example(agent, language="en-IN", **parts), Status.QUEUED)
    return ExampleRun.objects.get()


def after(run: ExampleRun) -> ExampleRun:
    run_example(str(run.pk))
    run.refresh_from_db()
    return run


def test_a_run_passes_and_keeps_what_was_said(agent: AgentProfile, order: Order) -> None:
    run = queued(agent, says=["ten"], keeps_language=True)
    order(run, replies=["We open at ten o'clock."])
    assert after(run).status == Status.PASSED
    assert [step["role"] for step in run.steps] == ["agent", "visitor", "agent"]
    assert run.steps[-1]["text"] == "We open at ten o'clock."
    assert run.ended_at
    assert not Call.objects.exists()


def test_a_reply_in_another_language_fails(agent: AgentProfile, order: Order) -> None:
    run = queued(agent, keeps_language=True)
    order(run, replies=["हम सुबह दस बजे खुलते हैं।"])
    assert after(run).status == Status.FAILED
    assert run.faults == [{"kind": "language", "what": "हम सुबह दस बजे खुलते हैं।"}]


@pytest.mark.parametrize(("phone", "status"), [("98450 12345", Status.PASSED), ("98450 54321", Status.FAILED)])
def test_a_tool_is_checked_as_in_a_call_and_keeps_nothing(
    agent: AgentProfile, order: Order, phone: str, status: Status
) -> None:
    run = queued(agent, tool="save_details", tool_values={"phone": "98450 12345"}, keeps_language=False)
    order(run, replies=[{"tool": "save_details", "arguments": {**GOOD, "phone": phone}}, "Thank you."])
    assert after(run).status == status
    assert [(step["tool"], step["ok"]) for step in run.steps if "tool" in step] == [("save_details", True)]
    assert not Lead.objects.exists()


def test_a_value_that_cannot_be_right_is_refused_as_in_a_call(agent: AgentProfile, order: Order) -> None:
    run = queued(agent)
    order(run, replies=[{"tool": "save_details", "arguments": {**GOOD, "phone": "98450"}}, "All ten digits, please?"])
    (use,) = [step for step in after(run).steps if "tool" in step]
    assert not use["ok"]
    assert "ten digits" in use["answer"]


def test_it_is_held_with_the_draft_as_it_was_when_the_run_was_asked_for(order: Order, sandbox_host: str) -> None:
    agent = make_agent()
    agent.name = "Kaveri"
    agent.save()
    run = queued(agent)
    AgentProfile.objects.update(name="Somebody else")
    order(run, replies=["At ten."])
    assert "Kaveri" in after(run).steps[0]["text"]
    ledger = requests.get(f"http://{sandbox_host}/control/calls/{run.pk}/ledger", timeout=5).json()["entries"]
    assert "You are Kaveri" in ledger[0]["messages"][0]["content"]


def test_a_model_that_is_refused_is_remembered_and_its_successor_passes(agent: AgentProfile, order: Order) -> None:
    AgentProfile.objects.update(llm_model="retired-model")
    agent.refresh_from_db()
    run = queued(agent, says=["ten"])
    order(run, replies=["At ten."])
    assert after(run).status == Status.PASSED
    assert ModelRefusal.objects.get().model == "retired-model"


def test_a_provider_that_hangs_makes_no_failure(
    agent: AgentProfile, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinking, "FIRST_TOKEN_SECONDS", 0.3)
    run = queued(agent, says=["ten"])
    order(run, faults={"llm": {"kind": "hang", "times": 0}})
    assert after(run).status == Status.UNFINISHED
    assert (run.trouble, run.faults) == ("no_model", [])


def test_a_provider_that_fails_says_why(agent: AgentProfile, order: Order) -> None:
    run = queued(agent)
    order(run, faults={"llm": {"kind": "rate_limit", "times": 0}})
    assert after(run).trouble == "no_model"
    assert "Rate limit" in run.detail


def test_a_language_the_draft_has_dropped_could_not_be_spoken(agent: AgentProfile, order: Order) -> None:
    AgentProfile.objects.update(languages=["hi-IN"])
    agent.refresh_from_db()
    run = queued(agent)
    assert (after(run).status, run.trouble) == (Status.UNFINISHED, "language")


def test_a_fault_of_ours_does_not_leave_it_running(
    agent: AgentProfile, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(_handlers, "save_details", break_down)
    run = queued(agent)
    order(run, replies=[{"tool": "save_details", "arguments": GOOD}])
    with pytest.raises(ZeroDivisionError):
        run_example(str(run.pk))
    run.refresh_from_db()
    assert (run.status, run.trouble) == (Status.UNFINISHED, "failed")


def test_a_message_that_comes_again_changes_nothing(agent: AgentProfile, order: Order) -> None:
    run = queued(agent)
    order(run, replies=["At ten.", "At eleven."])
    before = after(run).steps
    assert after(run).steps == before
    run_example(str(UUID(int=0)))


# Keeping a call ---------------------------------------------------------------------------------


@pytest.fixture
def talked(agent: AgentProfile) -> Call:
    call = live_call(agent, voice="karun", kind=Call.Kind.TRIAL)
    record(said(call, 1, "नमस्ते!", role="agent"))
    record(said(call, 2, "मेरा नाम राहुल है।"))
    record(happened(call, 3, name="save_details", arguments={"name": "Rahul", "phone": "1", "need": None}))
    record(happened(call, 4, name="save_details", arguments={"name": "Rahul", "phone": "98450 12345", "need": None}))
    record(happened(call, 5, name="end_call"))
    record(said(call, 6, "  फ्लैट\nदेखना है।  "))
    record(said(call, 7, ""))
    return call


def keep_page(call: Call) -> str:
    return f"/admin/calls/call/{call.pk}/keep_as_example/"


def test_a_call_begins_an_example_that_can_be_saved_as_it_is(talked: Call, admin_client: Client) -> None:
    page = admin_client.get(keep_page(talked))
    form: ExampleForm = page.context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    assert shown["lines"] == "मेरा नाम राहुल है।\nफ्लैट देखना है।"
    assert (shown["tool"], shown["tool_values"]) == ("save_details", "name = Rahul\nphone = 98450 12345")
    answer = admin_client.post(keep_page(talked), {name: value or "" for name, value in shown.items()})
    assert answer.headers["Location"] == f"/admin/agents/agentprofile/{talked.agent_id}/examples/", answer.context[
        "adminform"
    ].form.errors
    example = Example.objects.get()
    assert (example.agent, example.language, example.voice) == (talked.agent, "hi-IN", "karun")
    assert example.lines == ["मेरा नाम राहुल है।", "फ्लैट देखना है।"]
    assert example.tool_values == {"name": "Rahul", "phone": "98450 12345"}
    assert example.keeps_language
    assert example.author
    assert example.author.username == "admin"


def test_a_call_in_which_nothing_was_done_suggests_no_tool(agent: AgentProfile, admin_client: Client) -> None:
    call = live_call(agent)
    record(happened(call, 1, name="end_call"))
    form = admin_client.get(keep_page(call)).context["adminform"].form
    assert not form["tool"].value()
    assert not form["lines"].value()


@pytest.mark.parametrize("permission", ["view_call", "change_agentprofile"])
def test_who_may_not_read_calls_or_change_agents_keeps_none(talked: Call, permission: str) -> None:
    user = User.objects.create_user("meera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=permission))
    client = Client()
    client.force_login(user)
    assert client.get(keep_page(talked)).status_code == 403


def test_the_calls_page_leads_there(talked: Call, admin_client: Client) -> None:
    page = admin_client.get(f"/admin/calls/call/{talked.pk}/change/").content.decode()
    assert keep_page(talked) in page
