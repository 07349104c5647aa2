"""The worker's paths open to the worker's own bearer, and to no other token signed with the same secret."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

import jwt
import pytest
from django.test import Client
from livekit import api as livekit

from calls.models import Call
from calls.rooms import visitor_token
from calls.services.admission import start_call
from tests.conftest import Beat, SetEnv
from tests.factories import make_agent, worker_bearer
from vaani.api import api
from vaani.env import get_env

pytestmark = pytest.mark.django_db

# Paths anyone may ask. Whatever else the API has must turn strangers away.
PUBLIC = {
    "/api/config/{agent_id}",
    "/api/token",
    "/api/languages",
    "/api/livekit/webhook",
    "/api/callback",
    "/api/apologies/{language}.wav",
    "/api/voices/{voice}/{language}.wav",
}
CLOSED = [
    (method, path)
    for path, operations in api.get_openapi_schema()["paths"].items()
    if path not in PUBLIC
    for method in operations
]
WORKERS = {
    ("post", "/api/calls/{call_id}/claim"),
    ("get", "/api/calls/{call_id}/stored"),
    ("post", "/api/calls/{call_id}/tools/{name}"),
    ("put", "/api/calls/{call_id}/recordings/{attempt}"),
    ("post", "/api/invalidate-cache"),
}


def visitor() -> str:
    call = start_call(agent_id="demo")
    return visitor_token(call, text_chat=True)


def agent() -> str:
    """What LiveKit's server gives a job to join its room with."""
    grants = livekit.VideoGrants(room_join=True, room="call-x", agent=True, can_publish=True)
    token = livekit.AccessToken(get_env().livekit_api_key, get_env().livekit_api_secret)
    return token.with_identity("agent-AJ_1").with_kind("agent").with_grants(grants).to_jwt()


def webhook() -> str:
    return livekit.AccessToken(get_env().livekit_api_key, get_env().livekit_api_secret).with_sha256("x").to_jwt()


def unsigned() -> str:
    claims = {"iss": get_env().livekit_api_key, "aud": "vaani-worker", "exp": int(time.time()) + 60}
    return jwt.encode(claims, None, algorithm="none")  # type: ignore[arg-type]  # none takes no key


def by_another_secret() -> str:
    claims = {"iss": get_env().livekit_api_key, "aud": "vaani-worker", "exp": int(time.time()) + 60}
    return jwt.encode(claims, "x" * 32, algorithm="HS256")


STRANGERS: dict[str, Callable[[], str]] = {
    "nobody": str,
    "garbage": lambda: "garbage",
    "visitor": visitor,
    "agent": agent,
    "webhook": webhook,
    "unsigned": unsigned,
    "another secret": by_another_secret,
    "expired": lambda: worker_bearer(exp=int(time.time()) - 1),
    "endless": lambda: worker_bearer(exp=None),
    "another audience": lambda: worker_bearer(aud="vaani"),
    "no audience": lambda: worker_bearer(aud=None),
    "another issuer": lambda: worker_bearer(iss="other"),
    "no issuer": lambda: worker_bearer(iss=None),
    "worker that can join rooms": lambda: worker_bearer(video={"roomJoin": True}),
}


def ask(method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    address = path.replace("{call_id}", str(Call.objects.values_list("pk", flat=True).first() or uuid4()))
    address = address.replace("{name}", "save_lead").replace("{attempt}", "1")
    answer = Client().generic(method.upper(), address, "{}", content_type="application/json", headers=headers)
    return answer.status_code, answer.headers["Content-Type"]


def test_the_workers_paths_are_among_the_closed() -> None:
    assert set(CLOSED) >= WORKERS


@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_get_nowhere(heartbeat: Beat, stranger: str) -> None:
    make_agent()
    heartbeat(5)
    token = STRANGERS[stranger]()
    headers = {"Authorization": f"Bearer {token}"} if stranger != "nobody" else {}
    for method, path in CLOSED:
        assert ask(method, path, headers) == (401, "application/problem+json"), (method, path)
    assert all(call.status == "created" for call in Call.objects.all())


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_the_right_token_under_another_scheme_is_no_bearer(call: Call, scheme: str) -> None:
    for method, path in CLOSED:
        assert ask(method, path, {"Authorization": f"{scheme} {worker_bearer()}".strip()})[0] == 401


def test_the_workers_own_bearer_opens_its_paths(call: Call) -> None:
    for method, path in WORKERS:
        assert ask(method, path, {"Authorization": f"Bearer {worker_bearer()}"})[0] != 401, (method, path)


def test_without_a_secret_there_is_no_worker(call: Call, set_env: SetEnv) -> None:
    bearer = worker_bearer()
    set_env(livekit_api_secret="")
    assert ask("get", "/api/calls/{call_id}/stored", {"Authorization": f"Bearer {bearer}"})[0] == 401
