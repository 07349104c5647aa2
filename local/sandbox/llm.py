"""OpenAI's chat completions on their own wire, streamed or whole, for Groq and OpenAI alike."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from local.sandbox import extraction, faults, receptionist
from local.sandbox.control import BOOK
from local.sandbox.ledger import CallFile, Part
from local.sandbox.orders import Fault, ToolReply
from local.sandbox.prompt import Brief
from local.sandbox.receptionist import Reply, ToolCall

log = logging.getLogger(__name__)

MODELS = {
    "groq": ("openai/gpt-oss-120b", "openai/gpt-oss-20b", "llama-3.1-8b-instant", "qwen/qwen3-32b"),
    "openai": ("gpt-4o-mini", "gpt-4o", "gpt-4.1-mini", "gpt-5-mini"),
}
# Any other name is taken: an operator may choose what he likes. These are what a provider has shut off.
_RETIRED = {"groq": {"llama-3.3-70b-versatile"}, "openai": set[str]()}
_NO_SCHEMAS = {"llama-3.1-8b-instant", "qwen/qwen3-32b"}  # Groq lets only some of its models answer in one
_ARGUMENT_PIECE = 12  # characters of a tool's arguments in one fragment


async def models(request: web.Request) -> web.Response:
    """`GET /{call_id}/{provider}/v1/models`."""
    if refused := faults.openai_refusal(request):
        return refused
    provider = request.match_info["provider"]
    rows = [{"id": name, "object": "model", "created": 0, "owned_by": provider} for name in MODELS[provider]]
    return web.json_response({"object": "list", "data": rows})


async def complete(request: web.Request) -> web.StreamResponse:
    """`POST /{call_id}/{provider}/v1/chat/completions`."""
    provider = request.match_info["provider"]
    call = request.app[BOOK].open(request.match_info["call_id"])
    if refused := faults.openai_refusal(request):
        return refused
    try:
        body = json.loads(await request.text())
        messages, tools, model = _checked(body)
    except ValueError as error:
        return faults.openai_error(400, str(error), "invalid_request")
    part: Part = "data" if _wants_data(body) else "llm"
    fault = faults.take(call, part)
    call.last_language = Brief.of(messages).language or call.last_language
    entry = call.write(part, provider=provider, model=model, messages=call.share(messages), tools=call.share(tools))
    entry |= {"reply": None, "fault": fault.kind if fault else None}
    log.info("llm request call=%s provider=%s model=%s messages=%d", call.call_id, provider, model, len(messages))
    if fault is not None and fault.kind in faults.STATUS:
        return faults.openai_fault(fault, model)
    if model.startswith("retired-") or model in _RETIRED[provider]:
        entry["fault"] = "refuse_model"
        return faults.model_not_found(model)
    if model in _NO_SCHEMAS and part == "data" and body["response_format"]["type"] == "json_schema":
        entry["fault"] = "refuse_schema"
        return faults.openai_error(400, "This model does not support response format `json_schema`", "invalid_request")
    await asyncio.sleep(call.delay(part))
    if fault is not None and fault.kind == "hang":
        await faults.hang()
    reply = _reply(call, body, messages, tools)
    entry["reply"] = reply.as_json()
    answer = _Answer(model, reply, _tokens(json.dumps([messages, tools], ensure_ascii=False)))
    if body.get("stream"):
        options = body.get("stream_options")
        return await _stream(request, answer, fault, isinstance(options, dict) and bool(options.get("include_usage")))
    return await _whole(request, answer, fault)


def _checked(body: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
    """Messages, tools and model of a request. Raises `ValueError` naming what is wrong, as the provider does."""
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object")
    messages, tools, model = body.get("messages"), body.get("tools") or [], body.get("model")
    if not isinstance(model, str) or not model:
        raise ValueError("'model' is a required property")
    for name, rows in (("messages", messages), ("tools", tools)):
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError(f"'{name}' must be a list of objects")
    if not messages:
        raise ValueError("'messages' must not be empty")
    return messages, tools, model


def _wants_data(body: dict[str, Any]) -> bool:
    asked = body.get("response_format")
    return isinstance(asked, dict) and asked.get("type") in ("json_schema", "json_object")


def _reply(call: CallFile, body: dict[str, Any], messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Reply:
    """The ordered reply, else what the request asks for: data in a schema, or the receptionist's next words."""
    if _wants_data(body):
        ordered = call.next_of("data", call.order("data") or [])
        return Reply(ordered if isinstance(ordered, str) else _data(body["response_format"], messages))
    ordered = call.next_of("replies", call.order("replies") or [])
    if isinstance(ordered, ToolReply):
        return Reply(tools=(ToolCall(ordered.tool, ordered.arguments),))
    if isinstance(ordered, str):
        return Reply(ordered)
    return receptionist.reply(messages, [] if body.get("tool_choice") == "none" else tools)


def _data(asked: dict[str, Any], messages: list[dict[str, Any]]) -> str:
    wrapper = asked.get("json_schema")
    schema = wrapper.get("schema") if isinstance(wrapper, dict) else None
    found = extraction.extract(schema if isinstance(schema, dict) else {"type": "object"}, messages)
    return json.dumps(found, ensure_ascii=False)


def _tokens(text: str) -> int:
    """A count of the right order: four bytes a token, which also makes Indian scripts dearer, as they are."""
    return max(1, len(text.encode()) // 4)


class _Answer:
    """One completion, as pieces of a stream or as a whole."""

    def __init__(self, model: str, reply: Reply, prompt_tokens: int) -> None:
        self.id = f"chatcmpl-{uuid.uuid4().hex}"
        self.model = model
        self.reply = reply
        self.calls = [(f"call_{uuid.uuid4().hex[:20]}", call) for call in reply.tools]
        said = reply.text + "".join(call.name + call.arguments_json for call in reply.tools)
        spent = _tokens(said)
        self.usage = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": spent,
            "total_tokens": prompt_tokens + spent,
        }

    @property
    def finish_reason(self) -> str:
        return "tool_calls" if self.calls else "stop"

    def deltas(self) -> Iterator[dict[str, Any]]:
        """The reply in the pieces a model streams: words, then each tool call's name, then its arguments."""
        yield {"role": "assistant", "content": "" if self.reply.text else None}
        for piece in re.findall(r"\s*\S+|\s+$", self.reply.text):
            yield {"content": piece}
        for index, (call_id, call) in enumerate(self.calls):
            head = {"name": call.name, "arguments": ""}
            yield {"tool_calls": [{"index": index, "id": call_id, "type": "function", "function": head}]}
            text = call.arguments_json
            for place in range(0, len(text), _ARGUMENT_PIECE):
                rest = {"arguments": text[place : place + _ARGUMENT_PIECE]}
                yield {"tool_calls": [{"index": index, "function": rest}]}

    def chunk(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        """One server-sent event."""
        event = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": self.model,
            "choices": choices,
            **more,
        }
        return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()

    def delta(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        """The event of one piece."""
        return self.chunk([{"index": 0, "delta": delta, "finish_reason": finish}])

    def whole(self) -> dict[str, Any]:
        """The completion in one object."""
        calls = [
            {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments_json}}
            for call_id, call in self.calls
        ]
        message: dict[str, Any] = {"role": "assistant", "content": self.reply.text or None}
        if calls:
            message["tool_calls"] = calls
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
            "usage": self.usage,
        }


async def _stream(request: web.Request, answer: _Answer, fault: Fault | None, usage: bool) -> web.StreamResponse:
    kind = fault.kind if fault else None
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    try:
        for number, delta in enumerate(answer.deltas()):
            if kind == "garbage":
                await response.write(b'data: {"id": "chatcmpl-\n\n')
                break
            await response.write(answer.delta(delta))
            if kind == "drip":
                await asyncio.sleep(faults.DRIP_SECONDS)
            if kind in ("reset", "close") and number:
                break
        if kind == "reset":
            faults.abort(request)
        elif kind not in ("close", "garbage"):
            await response.write(answer.delta({}, answer.finish_reason))
            if usage:
                await response.write(answer.chunk([], usage=answer.usage))
            await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
    except ConnectionError:
        log.debug("llm stream broke: the client has gone")
    return response


async def _whole(request: web.Request, answer: _Answer, fault: Fault | None) -> web.StreamResponse:
    kind = fault.kind if fault else None
    if kind == "garbage":
        return web.Response(text='{"id": "chatcmpl-', content_type="application/json")
    if kind in ("reset", "close"):
        faults.abort(request)
    if kind != "drip":
        return web.json_response(answer.whole())
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for byte in json.dumps(answer.whole()).encode():
        await response.write(bytes([byte]))
        await asyncio.sleep(faults.DRIP_SECONDS)
    await response.write_eof()
    return response
