"""The worker's API: claim a call, ask what is stored, run a tool, hand over a recording."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from agents.api import Done
from agents.auth import WorkerBearer
from agents.contract import Claim, ClaimRequest, Stored, ToolAnswer, ToolRequest
from calls.recordings import store_recording
from calls.services.claims import claim_call, get_call, stored_items
from calls.tools import run_tool

router = Router(tags=["worker"], auth=WorkerBearer())


# An older worker is told of a newer setting only where somebody uses it.
@router.post(
    "/calls/{uuid:call_id}/claim",
    response=Claim,
    exclude_defaults=True,
    operation_id="call_claim",
    summary="Claim a call",
)
def claim(request: HttpRequest, call_id: UUID, body: ClaimRequest) -> Claim:
    """Give the call to the asking job. 409 while another holds it, 410 when it has ended."""
    return claim_call(call_id, body)


@router.get("/calls/{uuid:call_id}/stored", response=Stored, operation_id="call_stored", summary="What is stored")
def stored(request: HttpRequest, call_id: UUID) -> Stored:
    """Items of the call that Postgres holds, so that the worker can drop them from its journal."""
    return stored_items(call_id)


@router.post("/calls/{uuid:call_id}/tools/{name}", response=ToolAnswer, operation_id="tool_run", summary="Run a tool")
def tool(request: HttpRequest, call_id: UUID, name: str, body: ToolRequest) -> ToolAnswer:
    """Run a tool of the model for this call."""
    return run_tool(get_call(call_id), name, body.item_id, body.arguments)


@router.put(
    "/calls/{uuid:call_id}/recordings/{int:attempt}",
    response=Done,
    operation_id="recording_store",
    summary="Hand over a recording",
    openapi_extra={"requestBody": {"content": {"audio/ogg": {"schema": {"type": "string", "format": "binary"}}}}},
)
def recording(request: HttpRequest, call_id: UUID, attempt: int) -> Done:
    """Keep an attempt's recording, an Ogg file. 403 when nobody agreed to one; the worker then deletes its own."""
    store_recording(call_id, attempt, request)
    return Done()
