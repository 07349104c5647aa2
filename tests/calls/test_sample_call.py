"""Sample calls: what they are, what they need, and why one may not start."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO

import jwt
import pytest
from django.core.management import CommandError, call_command

from agents.models import AgentProfile
from agents.services import pause, publish
from calls.models import Call, DailyCap
from calls.services.admission import start_call, start_sample
from tests.conftest import Beat, SetEnv
from tests.factories import make_agent
from vaani.env import get_env
from vaani.problems import Problem

pytestmark = pytest.mark.django_db


def ring(agent_id: str = "demo", language: str = "ta-IN") -> dict[str, str]:
    """What the command prints."""
    out = StringIO()
    call_command("sample_call", agent_id, language, stdout=out)
    (line,) = out.getvalue().splitlines()
    told: dict[str, str] = json.loads(line)
    return told


def test_its_caller_is_told_how_to_join(agent: AgentProfile, heartbeat: Beat) -> None:
    heartbeat(1)
    AgentProfile.objects.update(knows="A draft that nobody has published.")
    told = ring()
    call = Call.objects.get(pk=told["call_id"])
    assert (call.kind, call.language, call.version, call.typed) == ("sample", "ta-IN", agent.published, False)
    assert (call.consent, call.may_be_recorded) == ({}, False)
    assert told["url"] == get_env().livekit_url
    grants = jwt.decode(told["token"], options={"verify_signature": False})["video"]
    assert (grants["room"], grants["canPublishSources"]) == (call.room, ["microphone"])


def not_published() -> None:
    make_agent(agent_id="draft", published=False)


def paused() -> None:
    pause(AgentProfile.objects.get())


def speaks_hindi_only() -> None:
    AgentProfile.objects.update(languages=["hi-IN"], default_language="hi-IN", greetings={"hi-IN": "नमस्ते"})
    publish(AgentProfile.objects.get(), author=None)


@pytest.mark.parametrize(
    ("change", "agent_id", "words"),
    [
        (not_published, "draft", "There is no agent with this id. Choose one of: demo."),
        (paused, "demo", "This agent is not taking calls now."),
        (speaks_hindi_only, "demo", "Asha does not speak this language. Choose one of: hi-IN."),
    ],
)
def test_why_there_is_none_is_said_in_a_sentence(
    agent: AgentProfile, heartbeat: Beat, change: Callable[[], None], agent_id: str, words: str
) -> None:
    heartbeat(1)
    change()
    with pytest.raises(CommandError) as refused:
        ring(agent_id)
    assert str(refused.value) == words
    assert not Call.objects.exists()


def test_it_needs_a_free_slot_and_takes_it(agent: AgentProfile, heartbeat: Beat) -> None:
    with pytest.raises(CommandError, match="Nobody can take calls at the moment"):
        ring()
    heartbeat(1)
    ring()
    with pytest.raises(Problem, match="Everyone is talking"):
        start_call(agent_id="demo")
    with pytest.raises(CommandError, match="Everyone is talking"):
        ring()


def test_it_counts_to_no_cap_on_visitors_calls(agent: AgentProfile, heartbeat: Beat, set_env: SetEnv) -> None:
    heartbeat(9)
    set_env(max_calls="1")
    AgentProfile.objects.update(max_calls=1)
    DailyCap.objects.create(minutes=0)
    for _ in range(2):
        start_sample("demo", language="hi-IN")
    DailyCap.objects.all().delete()
    assert start_call(agent_id="demo").kind == Call.Kind.VISITOR
