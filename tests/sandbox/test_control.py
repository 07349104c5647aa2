"""The control endpoint checks what it is told, gives it back, and keeps a bounded ledger."""

from __future__ import annotations

from typing import Any

import pytest

from local.sandbox.ledger import MOST_CALLS, Book
from local.sandbox.orders import Orders
from tests.sandbox.conftest import Sandbox

FULL = {
    "hear": ["एक", {"text": "two", "language": "en-IN"}],
    "replies": ["जी", {"tool": "save_details", "arguments": {"name": "Ravi"}}],
    "language": "ta-IN",
    "delays": {"stt": 10, "llm": 20, "tts": 30},
    "faults": {"llm": {"kind": "rate_limit", "times": 2, "after": 1, "retry_after": 3}},
}


@pytest.mark.asyncio
async def test_it_is_healthy(sandbox: Sandbox) -> None:
    async with sandbox.http.get(f"http://{sandbox.host}/health") as answer:
        assert answer.status == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("call", ["a1", "*"])
async def test_orders_are_given_back_and_deleted(sandbox: Sandbox, call: str) -> None:
    url = f"http://{sandbox.host}/control/calls/{call}"
    async with sandbox.http.put(url, json=FULL) as answer:
        assert await answer.json() == FULL
    async with sandbox.http.get(url) as answer:
        assert await answer.json() == FULL
    async with sandbox.http.delete(url) as answer:
        assert answer.status == 204
    async with sandbox.http.get(url) as answer:
        assert await answer.json() == {}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"here": []}, "here"),
        ({"hear": "x"}, "hear"),
        ({"hear": [{"words": "x"}]}, "hear.0.HeardLine.text"),
        ({"language": "fr-FR"}, "language"),
        ({"delays": {"stt": -1}}, "delays.stt"),
        ({"delays": {"vad": 1}}, "delays.vad"),
        ({"faults": {"llm": {"kind": "explode"}}}, "faults.llm.kind"),
        ({"faults": {"llm": {"kind": "hang", "times": -1}}}, "faults.llm.times"),
        ([], "body"),
    ],
)
async def test_a_wrong_body_is_a_problem_that_names_the_field(sandbox: Sandbox, body: Any, field: str) -> None:
    async with sandbox.http.put(f"http://{sandbox.host}/control/calls/a1", json=body) as answer:
        assert answer.status == 422
        assert answer.content_type == "application/problem+json"
        assert field in [error["field"] for error in (await answer.json())["errors"]]


@pytest.mark.asyncio
async def test_broken_json_is_a_problem(sandbox: Sandbox) -> None:
    async with sandbox.http.put(f"http://{sandbox.host}/control/calls/a1", data=b"{\xff") as answer:
        assert answer.status == 422


@pytest.mark.asyncio
async def test_an_unknown_path_or_provider_is_404(sandbox: Sandbox) -> None:
    for path in ("control/nothing", "t1/mistral/v1/models", "t1/sarvam/translate"):
        async with sandbox.http.get(f"http://{sandbox.host}/{path}") as answer:
            assert answer.status == 404


def test_a_calls_own_orders_stand_before_the_defaults_of_all() -> None:
    book = Book()
    book.give("*", Orders.model_validate({"language": "ta-IN", "delays": {"llm": 500, "tts": 100}}))
    book.give("a", Orders.model_validate({"delays": {"llm": 0}, "faults": {"stt": {"kind": "hang"}}}))
    call = book.open("a")
    assert call.order("language") == "ta-IN"
    assert (call.delay("llm"), call.delay("tts"), call.delay("stt")) == (0, 0.1, 0)
    assert call.fault("stt") is not None
    assert call.fault("llm") is None
    assert book.open("b").delay("llm") == 0.5


def test_memory_is_bounded() -> None:
    book = Book()
    for number in range(MOST_CALLS + 50):
        book.open(str(number)).write("tts", text="x")
        book.open("kept")
    assert len(book.calls) == MOST_CALLS
    assert book.find("kept") is not None
    assert book.find("0") is None
