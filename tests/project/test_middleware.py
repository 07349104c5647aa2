"""Every line of a request carries the call that its address names."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path

from vaani.logs import get_logger

seen: list[dict[str, Any]] = []


def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    get_logger(__name__).info("looked")
    seen.append(structlog.contextvars.get_contextvars())
    return HttpResponse()


async def async_view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return view(request, **kwargs)


urlpatterns = [
    path("calls/<uuid:call_id>", view),
    path("soon/<uuid:call_id>", async_view),
    path("other", view),
]


@pytest.fixture(autouse=True)
def only_these(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith("vaani.middleware.")]
    seen.clear()


def test_a_requests_lines_carry_its_call_and_no_earlier_requests() -> None:
    call_id = uuid4()
    Client().get(f"/calls/{call_id}")
    Client().get("/other")
    assert seen == [{"call_id": str(call_id)}, {}]


@pytest.mark.asyncio
async def test_so_it_is_in_the_web_server_too() -> None:
    call_id = uuid4()
    for address in (f"/calls/{call_id}", "/other", f"/soon/{call_id}"):
        await AsyncClient().get(address)
    assert seen == [{"call_id": str(call_id)}, {}, {"call_id": str(call_id)}]
