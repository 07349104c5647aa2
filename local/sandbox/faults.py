"""When an ordered fault strikes, and the providers' own way of saying no.

An error the product has never seen in the provider's real shape is an error it cannot handle, so the bodies here are
shaped as Sarvam and OpenAI shape them.
"""

from __future__ import annotations

import asyncio
import uuid

from aiohttp import web

from local.sandbox.ledger import CallFile, Part
from local.sandbox.orders import Fault

KEY = "sandbox"  # the one key that the sandbox takes
DRIP_SECONDS = 1.0
STATUS = {"refuse_key": 401, "rate_limit": 429, "error": 500, "refuse_model": 404}
MESSAGES = {
    "refuse_key": "Invalid API key provided",
    "rate_limit": "Rate limit reached. Please try again later",
    "error": "The server had an error while processing your request",
    "refuse_model": "The requested model does not exist or you do not have access to it",
}


def take(call: CallFile, part: Part) -> Fault | None:
    """Count a request or utterance; return the fault if this is one that it strikes."""
    fault = call.fault(part)
    number = call.used[f"faults:{part}:seen"]
    call.used[f"faults:{part}:seen"] += 1
    return _strike(call, part, fault, number)


def take_at_door(call: CallFile, part: Part) -> Fault | None:
    """The fault, if it is due now and can be told as an HTTP status: a socket is then refused at the handshake."""
    fault = call.fault(part)
    if fault is None or fault.kind not in STATUS:
        return None
    return _strike(call, part, fault, call.used[f"faults:{part}:seen"])


def _strike(call: CallFile, part: Part, fault: Fault | None, number: int) -> Fault | None:
    if fault is None or number < fault.after:
        return None
    if fault.times and call.used[f"faults:{part}:struck"] >= fault.times:
        return None
    call.used[f"faults:{part}:struck"] += 1
    return fault


def abort(request: web.BaseRequest) -> None:
    """Break the connection, as a crashed provider or a bad network does."""
    if request.transport is not None:
        request.transport.abort()


async def hang() -> None:
    """Never answer. Ends by cancellation, when the client has gone or the server stops."""
    await asyncio.Event().wait()


def request_id() -> str:
    """An id as providers put on every answer."""
    return f"sandbox_{uuid.uuid4().hex[:16]}"


def _headers(fault: Fault | None) -> dict[str, str]:
    if fault is None or fault.retry_after is None:
        return {}
    return {"Retry-After": f"{fault.retry_after:g}"}


def sarvam_error(status: int, message: str, code: str, fault: Fault | None = None) -> web.Response:
    """An error as Sarvam's HTTP endpoints and handshakes tell it."""
    body = {"error": {"message": message, "code": code, "request_id": request_id()}}
    return web.json_response(body, status=status, headers=_headers(fault))


def sarvam_fault(fault: Fault) -> web.Response:
    """The answer of Sarvam to a request that `fault` strikes. A refused key is 403 there."""
    codes = {403: "invalid_api_key_error", 429: "rate_limit_exceeded_error", 404: "not_found_error"}
    status = sarvam_status(fault)
    return sarvam_error(status, MESSAGES[fault.kind], codes.get(status, "internal_server_error"), fault)


def sarvam_status(fault: Fault) -> int:
    """HTTP status by which Sarvam tells this fault."""
    return 403 if fault.kind == "refuse_key" else STATUS[fault.kind]


def sarvam_refusal(request: web.Request) -> web.Response | None:
    """Sarvam's answer to a wrong key, None when the key is right."""
    if request.headers.get("api-subscription-key") == KEY:
        return None
    return sarvam_error(403, MESSAGES["refuse_key"], "invalid_api_key_error")


def openai_error(
    status: int, message: str, code: str, kind: str = "invalid_request_error", fault: Fault | None = None
) -> web.Response:
    """An error as OpenAI and Groq tell it."""
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=_headers(fault))


def openai_fault(fault: Fault, model: str) -> web.Response:
    """The answer of OpenAI or Groq to a request that `fault` strikes."""
    if fault.kind == "refuse_model":
        return model_not_found(model)
    if fault.kind == "refuse_key":
        return openai_error(401, MESSAGES["refuse_key"], "invalid_api_key")
    if fault.kind == "rate_limit":
        return openai_error(429, MESSAGES["rate_limit"], "rate_limit_exceeded", "tokens", fault)
    return openai_error(500, MESSAGES["error"], "internal_error", "server_error")


def model_not_found(model: str) -> web.Response:
    """What a provider says of a model it has retired, or never had."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return openai_error(404, message, "model_not_found")


def openai_refusal(request: web.Request) -> web.Response | None:
    """The answer to a wrong key, None when the key is right."""
    if request.headers.get("Authorization", "").removeprefix("Bearer ").strip() == KEY:
        return None
    return openai_error(401, "Invalid API Key", "invalid_api_key")
