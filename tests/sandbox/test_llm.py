"""OpenAI's chat completions, through LiveKit's own plugin and by hand."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from livekit.agents import APIConnectionError, APIError, APIStatusError, APITimeoutError, llm, utils
from livekit.agents.types import APIConnectOptions
from livekit.plugins import openai

from local.sandbox.phrases import CATALOGUE
from local.sandbox.script import SCRIPT
from tests.sandbox.conftest import Sandbox

PROMPT = "You are Asha, the receptionist of Sharma Clinic.\nSpeak {language}.\nThe speaker is a man."
KEY = {"Authorization": "Bearer sandbox"}
ONCE = APIConnectOptions(max_retry=0, timeout=2)


@pytest_asyncio.fixture
async def livekit(sandbox: Sandbox) -> AsyncIterator[None]:
    async with utils.http_context.open():
        yield


@llm.function_tool
async def save_details(name: str, phone: str | None = None, need: str | None = None) -> str:
    """Save what the visitor told."""
    return f"saved {name} {phone} {need}"


@llm.function_tool
async def end_call() -> None:
    """End the call."""


def model(sandbox: Sandbox, name: str = "openai/gpt-oss-120b", key: str = "sandbox") -> openai.LLM:
    return openai.LLM(model=name, base_url=sandbox.url("groq/v1"), api_key=key)


async def ask(
    brain: openai.LLM,
    context: llm.ChatContext,
    tools: list[llm.Tool] | None = None,
    options: APIConnectOptions = ONCE,
) -> tuple[str, list[llm.FunctionToolCall], list[llm.ChatChunk]]:
    chunks = []
    async with brain.chat(chat_ctx=context, tools=tools, conn_options=options) as stream:
        chunks = [chunk async for chunk in stream]
    deltas = [chunk.delta for chunk in chunks if chunk.delta]
    text = "".join(delta.content or "" for delta in deltas)
    return text, [call for delta in deltas for call in delta.tool_calls], chunks


def context(language: str = "hi-IN") -> llm.ChatContext:
    chat = llm.ChatContext.empty()
    chat.add_message(role="system", content=PROMPT.format(language=language))
    return chat


@pytest.mark.asyncio
@pytest.mark.parametrize("language", ["hi-IN", "ta-IN", "en-IN"])
async def test_the_plugin_walks_through_a_call(sandbox: Sandbox, livekit: None, language: str) -> None:
    brain, chat = model(sandbox), context(language)
    tools: list[llm.Tool] = [save_details, end_call]
    need, name, phone, yes, _thanks = SCRIPT[language]
    said, _, _ = await ask(brain, chat, tools)
    assert "Asha" in said
    for line, expected in ((need, "name"), (name, "phone"), (phone, "digits")):
        chat.add_message(role="assistant", content=said)
        chat.add_message(role="user", content=line)
        said, calls, chunks = await ask(brain, chat, tools)
        number = "9840012345" if language == "ta-IN" else "9876543210"
        wanted = CATALOGUE[language].spell(number) if expected == "digits" else CATALOGUE[language].ask[expected]
        assert wanted in said
        assert not calls
        assert len([chunk for chunk in chunks if chunk.delta and chunk.delta.content]) > 3, "word by word"
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens > 3
    chat.add_message(role="assistant", content=said)
    chat.add_message(role="user", content=yes)
    said, calls, _ = await ask(brain, chat, tools)
    assert [call.name for call in calls] == ["save_details"]
    arguments = json.loads(calls[0].arguments)
    assert (arguments["phone"], arguments["need"]) == (number, need)
    call = llm.FunctionCall(call_id=calls[0].call_id, name="save_details", arguments=calls[0].arguments)
    output = llm.FunctionCallOutput(
        call_id=call.call_id, name=call.name, output=await save_details(**arguments), is_error=False
    )
    chat.items.extend([call, output])
    said, calls, _ = await ask(brain, chat, tools)
    assert CATALOGUE[language].goodbye in said
    assert [call.name for call in calls] == ["end_call"]
    entries = await sandbox.ledger("llm")
    assert len(entries) == 6
    assert entries[-1]["reply"]["text"] == said
    assert (entries[0]["provider"], entries[0]["model"]) == ("groq", "openai/gpt-oss-120b")
    assert entries[-1]["messages"][-1]["role"] == "tool"
    assert [tool["function"]["name"] for tool in entries[0]["tools"]] == ["save_details", "end_call"]
    await brain.aclose()


@pytest.mark.asyncio
async def test_ordered_replies_come_in_order_and_then_its_own(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order(replies=["पहला जवाब।", {"tool": "save_details", "arguments": {"name": "रवि"}}])
    brain = model(sandbox)
    assert (await ask(brain, context()))[0] == "पहला जवाब।"
    calls = (await ask(brain, context(), [save_details]))[1]
    assert json.loads(calls[0].arguments) == {"name": "रवि"}
    assert "Asha" in (await ask(brain, context()))[0]
    await brain.aclose()


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["retired-model", "llama-3.3-70b-versatile"])
async def test_a_retired_model_is_not_found(sandbox: Sandbox, livekit: None, name: str) -> None:
    brain = model(sandbox, name)
    with pytest.raises(APIStatusError) as refused:
        await ask(brain, context())
    assert refused.value.status_code == 404
    assert isinstance(refused.value.body, dict)
    assert refused.value.body["code"] == "model_not_found"
    await brain.aclose()


@pytest.mark.asyncio
async def test_a_wrong_key_is_401(sandbox: Sandbox, livekit: None) -> None:
    brain = model(sandbox, key="wrong")
    with pytest.raises(APIStatusError) as refused:
        await ask(brain, context())
    assert refused.value.status_code == 401
    await brain.aclose()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("refuse_key", APIStatusError, 401),
        ("rate_limit", APIStatusError, 429),
        ("error", APIStatusError, 500),
        ("refuse_model", APIStatusError, 404),
        ("hang", APITimeoutError, None),
        ("drip", APITimeoutError, None),
        ("reset", APIConnectionError, None),
        ("garbage", APIError, None),
    ],
)
async def test_each_fault_reaches_the_plugin_once(
    sandbox: Sandbox, livekit: None, kind: str, error: type[Exception], status: int | None
) -> None:
    await sandbox.order(faults={"llm": {"kind": kind}})
    brain = model(sandbox)
    with pytest.raises(error) as raised:
        await ask(brain, context(), options=APIConnectOptions(max_retry=0, timeout=0.3))
    if status:
        assert getattr(raised.value, "status_code", None) == status
    assert "Asha" in (await ask(brain, context()))[0]
    await brain.aclose()


@pytest.mark.asyncio
async def test_a_polite_close_cuts_the_reply_short(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order(faults={"llm": {"kind": "close", "after": 1, "times": 0}})
    brain = model(sandbox)
    whole = (await ask(brain, context()))[0]
    for _ in range(2):
        part, _, chunks = await ask(brain, context())
        assert part
        assert whole.startswith(part)
        assert part != whole
        assert all(chunk.usage is None for chunk in chunks)
    await brain.aclose()


@pytest.mark.asyncio
async def test_a_delay_is_kept(sandbox: Sandbox, livekit: None) -> None:
    await sandbox.order("*", delays={"llm": 250})
    brain, before = model(sandbox), time.monotonic()
    await ask(brain, context())
    assert 0.25 < time.monotonic() - before < 1
    await brain.aclose()


async def post(sandbox: Sandbox, body: Any, provider: str = "openai") -> tuple[int, Any]:
    url = sandbox.url(f"{provider}/v1/chat/completions")
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with sandbox.http.post(url, data=data, headers=KEY) as answer:
        return answer.status, json.loads(await answer.text())


@pytest.mark.asyncio
async def test_a_whole_completion_and_the_catalogue_of_models(sandbox: Sandbox) -> None:
    body = {"model": "gpt-4o-mini", "messages": [{"role": "system", "content": PROMPT.format(language="en-IN")}]}
    status, answer = await post(sandbox, body)
    assert status == 200
    assert "Asha" in answer["choices"][0]["message"]["content"]
    assert answer["usage"]["total_tokens"] > 10
    for provider, name in (("groq", "openai/gpt-oss-120b"), ("openai", "gpt-4o-mini")):
        async with sandbox.http.get(sandbox.url(f"{provider}/v1/models"), headers=KEY) as models:
            assert name in [row["id"] for row in (await models.json())["data"]]
    async with sandbox.http.get(sandbox.url("groq/v1/models")) as models:
        assert models.status == 401


@pytest.mark.asyncio
async def test_the_retry_after_header_is_told(sandbox: Sandbox) -> None:
    await sandbox.order(faults={"llm": {"kind": "rate_limit", "retry_after": 2}})
    url, body = sandbox.url("groq/v1/chat/completions"), {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    async with sandbox.http.post(url, json=body, headers=KEY) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2")


@pytest.mark.asyncio
async def test_data_is_returned_in_the_schema_asked_for(sandbox: Sandbox) -> None:
    schema = {
        "type": "object",
        "properties": {"phone": {"type": ["string", "null"]}, "email": {"type": ["string", "null"]}},
        "required": ["phone", "email"],
        "additionalProperties": False,
    }
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "मेरा नंबर 98765 43210 है"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "lead", "strict": True, "schema": schema}},
    }
    _, answer = await post(sandbox, body)
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"phone": "9876543210", "email": None}


@pytest.mark.asyncio
async def test_requests_for_data_have_answers_faults_and_a_ledger_of_their_own(sandbox: Sandbox) -> None:
    await sandbox.order(replies=["Hello."], data=["no JSON"], faults={"data": {"kind": "error"}})
    speech = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "my name is Ravi"}]}
    data = {**speech, "response_format": {"type": "json_object"}}
    assert (await post(sandbox, data))[0] == 500
    said = [(await post(sandbox, body))[1]["choices"][0]["message"]["content"] for body in (data, speech, data)]
    assert said == ["no JSON", "Hello.", "{}"]
    assert (len(await sandbox.ledger("data")), len(await sandbox.ledger("llm"))) == (3, 1)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        {},
        {"model": "m"},
        {"model": "m", "messages": []},
        {"model": "m", "messages": [1]},
        {"model": 3, "messages": [{}]},
        {"model": "m", "messages": [{}], "tools": [1]},
    ],
)
async def test_a_bad_request_is_400(sandbox: Sandbox, body: Any) -> None:
    status, answer = await post(sandbox, body)
    assert status == 400
    assert answer["error"]["message"]
