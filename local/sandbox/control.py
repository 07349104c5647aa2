"""The control endpoint: tests and benchmarks set what a call hears, says and suffers, and read what was asked.

It exists on loopback only: the server binds nothing else, and a request from elsewhere (a careless proxy) is refused.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from local.sandbox.ledger import Book
from local.sandbox.orders import Orders

BOOK: web.AppKey[Book] = web.AppKey("book", Book)


def _problem(status: int, code: str, title: str, errors: Sequence[dict[str, str]] = ()) -> web.Response:
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "code": code}
    if errors:
        body["errors"] = list(errors)
    return web.json_response(body, status=status, content_type="application/problem+json")


def _stranger(request: web.Request) -> web.Response | None:
    try:
        near = ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        near = False
    return None if near else _problem(403, "not_loopback", "The control endpoint answers this machine only")


async def put_call(request: web.Request) -> web.Response:
    """Replace the orders of a call (`*`: the defaults of all calls) and answer them."""
    if refusal := _stranger(request):
        return refusal
    try:
        orders = Orders.model_validate(json.loads(await request.text()))
    except ValidationError as error:
        faults = [
            {"field": ".".join(str(part) for part in fault["loc"]) or "body", "message": fault["msg"]}
            for fault in error.errors()
        ]
        fields = ", ".join(dict.fromkeys(fault["field"] for fault in faults))
        return _problem(422, "invalid_body", f"These fields are wrong: {fields}", faults)
    except ValueError as error:
        return _problem(422, "invalid_body", "The body is not JSON", [{"field": "body", "message": str(error)}])
    request.app[BOOK].give(request.match_info["call_id"], orders)
    return _orders(orders)


async def get_call(request: web.Request) -> web.Response:
    """The orders of a call, empty when it has none."""
    if refusal := _stranger(request):
        return refusal
    call = request.app[BOOK].find(request.match_info["call_id"])
    return _orders(call.orders if call else Orders())


async def delete_call(request: web.Request) -> web.Response:
    """Forget a call, its ledger too (`*`: every call and the defaults)."""
    if refusal := _stranger(request):
        return refusal
    request.app[BOOK].forget(request.match_info["call_id"])
    return web.Response(status=204)


async def get_ledger(request: web.Request) -> web.Response:
    """What a call asked for, in order (`*`: of every call)."""
    if refusal := _stranger(request):
        return refusal
    call_id = request.match_info["call_id"]
    if call_id == "*":
        calls = {call.call_id: list(call.entries) for call in request.app[BOOK].calls}
        return web.json_response({"calls": calls})
    call = request.app[BOOK].find(call_id)
    return web.json_response({"call_id": call_id, "entries": list(call.entries) if call else []})


def _orders(orders: Orders) -> web.Response:
    return web.json_response(orders.model_dump(exclude_unset=True))
