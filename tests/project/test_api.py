"""The API as a whole: its published shape, its errors, its documentation page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from vaani.api import api
from vaani.problems import Problem

SNAPSHOT = Path(__file__).parent / "openapi.json"
REWRITE = (
    ".venv/bin/python manage.py export_openapi_schema --api vaani.api.api --sorted --indent 2"
    " --output tests/project/openapi.json"
)


def test_the_api_is_as_it_was_published() -> None:
    now = json.loads(json.dumps(api.get_openapi_schema()))
    assert now == json.loads(SNAPSHOT.read_text()), (
        f"The API has changed. Read the change, then write it down: {REWRITE}"
    )


def test_the_documentation_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "/api/openapi.json" in page.content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert loaded
    assert all(re.match(r"/(?!/)", address) for address in loaded)
    assert client.get("/api/openapi.json").json()["info"]["title"] == "Vaani"


@pytest.mark.parametrize(
    ("body", "status", "code", "fields"),
    [
        (b"", 422, "invalid_request", ["body"]),
        (b"{", 400, "invalid_json", ["body"]),
        (b"\xff\xfe", 400, "invalid_json", ["body"]),
        (b"[" * 100_000, 400, "invalid_json", ["body"]),
        (b"[]", 422, "agent_missing", ["agentId"]),
        (b'"demo"', 422, "agent_missing", ["agentId"]),
        (b'{"agentId": 3, "source": []}', 422, "invalid_request", ["agentId", "source"]),
    ],
)
def test_a_wrong_body_is_a_problem_that_names_the_field(
    client: Client, body: bytes, status: int, code: str, fields: list[str]
) -> None:
    answer = client.post("/api/token", body, content_type="application/json")
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem.keys() == {"type", "title", "status", "code", "detail", "errors"}
    assert [fault["field"] for fault in problem["errors"]] == fields
    assert all(fault["message"] for fault in problem["errors"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/nowhere", 404, "unknown_address"),
        ("post", "/api/calls/no-id/claim", 404, "unknown_address"),
        ("get", "/api/token", 405, "wrong_method"),
    ],
)
def test_an_address_or_method_that_is_none_is_a_problem_too(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = getattr(client, method)(path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
    assert answer.headers.get("Allow") == ("POST" if status == 405 else None)
    assert "text/html" in client.get("/nowhere").headers["Content-Type"]


def test_a_problem_tells_what_would_have_been_taken() -> None:
    problem = Problem(422, "unoffered_voice", "Asha does not have this voice.", field="voice", allowed=iter(["arya"]))
    assert problem.body() == {
        "type": "about:blank",
        "title": "Unoffered voice",
        "status": 422,
        "code": "unoffered_voice",
        "detail": "Asha does not have this voice.",
        "errors": [{"field": "voice", "message": "Asha does not have this voice.", "allowed": ["arya"]}],
    }
    assert "errors" not in Problem(410, "call_ended", "This call has ended.").body()
