"""Whatever the API's description allows, and what it forbids, gets an answer that was meant: never a crash, never a page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import requests
import schemathesis
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from agents.models import AgentProfile, IntegrationKey
from calls.services.admission import start_call
from calls.visitor_key import visitor_key
from tests.conftest import Beat, SetEnv
from tests.factories import worker_bearer
from vaani.api import api

pytestmark = pytest.mark.django_db

EXAMPLES = 4
MEANT = {"voice_unavailable"}  # what is told with a status of 502

DESCRIBED = api.get_openapi_schema()
schema = schemathesis.openapi.from_dict(DESCRIBED)
OPERATIONS: dict[str, APIOperation[Any, Any, Any, Any]] = {
    f"{found.ok().method} {found.ok().path}": found.ok()
    for found in schema.get_all_operations()
    if isinstance(found, Ok)
}


@schemathesis.serializer("audio/ogg")
def _sound(ctx: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def call_id(agent: AgentProfile, heartbeat: Beat, set_env: SetEnv, closed_port: int) -> UUID:
    """A call, and room for every call that is asked for; whatever is outside does not answer."""
    outside = f"http://127.0.0.1:{closed_port}"
    set_env(sarvam_base_url=outside, groq_base_url=outside, openai_base_url=outside)
    set_env(starts_per_minute="100000", callbacks_per_minute="100000", sarvam_stt_sockets="0")
    heartbeat(10_000)
    return start_call(agent_id=agent.agent_id).pk


@pytest.fixture
def people(call_id: UUID) -> dict[str, dict[str, str]]:
    """Who asks, by the headers that say so."""
    staff = Client()
    staff.force_login(User.objects.create_superuser("meera"))
    staff.get("/admin/")
    token = "c" * 32
    key = IntegrationKey(name="CRM", hashed=IntegrationKey.hash("k" * 40))
    key.save()
    bearers = {"visitor": visitor_key(call_id), "worker": worker_bearer(exp=2_000_000_000), "program": "k" * 40}
    return {
        "nobody": {},
        "staff": {"Cookie": f"sessionid={staff.cookies['sessionid'].value}; csrftoken={token}", "X-CSRFToken": token},
        **{who: {"Authorization": f"Bearer {bearer}"} for who, bearer in bearers.items()},
    }


def test_no_operation_is_left_out() -> None:
    assert OPERATIONS.keys() == {f"{way} {path}" for path, ways in DESCRIBED["paths"].items() for way in ways}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_request_gets_an_answer_that_was_meant(
    name: str, call_id: UUID, people: dict[str, dict[str, str]]
) -> None:
    operation = OPERATIONS[name]
    ways = [operation.as_strategy(mode) for mode in GenerationMode]

    @given(case=st.one_of(ways), known=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case[Any], known: bool) -> None:
        ours = {"call_id": str(call_id), "agent_id": "demo", "attempt": 1}
        if known:
            case.path_parameters |= {part: ours[part] for part in case.path_parameters if part in ours}
        for who, headers in people.items():
            _assert_meant(_sent(case, headers), who)

    ask()


def _sent(case: Case[Any], headers: dict[str, str]) -> Any:
    """The answer of Django's own client to what `case` comes to on the wire."""
    wire = requests.Request(**case.as_transport_kwargs(base_url="http://localhost", headers=headers)).prepare()
    told = {
        name: value for name, value in wire.headers.items() if name.lower() not in ("content-length", "content-type")
    }
    kind = wire.headers.get("Content-Type", "")
    client = Client(raise_request_exception=False)
    return client.generic(case.method, wire.path_url, data=wire.body or b"", content_type=kind, headers=told)


def _assert_meant(answer: Any, who: str) -> None:
    said = b"" if answer.streaming else answer.content[:500]
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json", (who, answer.status_code, said)
    if answer.status_code >= 500:
        assert answer.json()["code"] in MEANT, (who, said)
