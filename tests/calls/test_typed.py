"""A visitor may call without any sound, where the agent takes text."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from django.test import Client

from calls.models import Call
from tests.conftest import Beat
from tests.factories import make_agent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somebody_is_free(heartbeat: Beat) -> None:
    heartbeat(5)


def ask(**body: Any) -> Any:
    return Client().post("/api/token", {"agentId": "demo", **body}, content_type="application/json")


def test_a_typed_call_has_no_microphone() -> None:
    make_agent(text_chat=True)
    claims = jwt.decode(ask(typed=True).json()["token"], options={"verify_signature": False})
    assert Call.objects.get().typed
    assert (claims["video"]["canPublish"], claims["video"]["canPublishData"]) == (False, True)


def test_an_agent_that_takes_no_text_takes_no_typed_call() -> None:
    make_agent(text_chat=False)
    answer = ask(typed=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "typing_not_offered")
    assert not Call.objects.exists()
    assert ask().status_code == 200
