"""The sockets of live pages: who gets one, and that news reaches it whatever becomes of Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import Permission, User
from django.test import Client
from redis import Redis

from calls import consumers
from calls.live import call_mark
from calls.models import Call, Turn
from calls.services.endings import end_call
from calls.services.record import record
from tests.conftest import Logged
from tests.factories import START, live_call, make_agent, over, said
from vaani.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)  # news is told on commit

OURS = "http://localhost"
NEVER = 60.0  # s between two looks of a socket that must be told
SOON = 0.1


@pytest.fixture
def call(redis: Redis) -> Call:
    return live_call(make_agent())


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    return lambda seconds: monkeypatch.setattr(consumers, "LOOK_SECONDS", seconds)


def cookie(*permissions: str, staff: bool = True) -> str:
    """The session of somebody with these permissions."""
    user = User.objects.create_user("meera", is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def address(call: Call | None = None) -> str:
    return f"/ws/admin/calls/{call.pk if call else 'now'}/"


def socket(path: str, session: str, origin: str = OURS, host: str = "localhost:3000") -> WebsocketCommunicator:
    headers = {"host": host, "origin": origin, "cookie": f"sessionid={session}"}
    lines = [(name.encode(), value.encode()) for name, value in headers.items() if value]
    return WebsocketCommunicator(application, path, headers=lines)


@asynccontextmanager
async def watching(path: str, session: str) -> AsyncIterator[WebsocketCommunicator]:
    page = socket(path, session)
    assert await page.connect(timeout=5) == (True, None)
    yield page
    await page.disconnect()


async def next_mark(page: WebsocketCommunicator) -> str:
    return str((await page.receive_json_from(timeout=5))["mark"])


async def another_mark(page: WebsocketCommunicator, mark: str) -> str:
    """The next mark that differs."""
    async with asyncio.timeout(5):
        while (heard := await next_mark(page)) == mark:
            pass
    return heard


# Who ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["call", "now"])
@pytest.mark.parametrize(
    ("permissions", "staff", "origin", "let_in"),
    [
        (["view_call"], True, OURS, True),
        (["view_call"], True, "https://elsewhere.example", False),
        (["view_call"], False, OURS, False),
        (["view_lead"], True, OURS, False),
    ],
    ids=["permitted", "from another site", "no staff", "without the permission"],
)
def test_a_socket_is_for_permitted_staff_on_our_own_pages(
    call: Call, page: str, permissions: list[str], staff: bool, origin: str, let_in: bool
) -> None:
    asked = socket(address(call if page == "call" else None), cookie(*permissions, staff=staff), origin)
    assert _is_let_in(asked) is let_in


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "a/b"])
def test_a_socket_under_another_hosts_name_is_refused(call: Call, host: str) -> None:
    assert not _is_let_in(socket(address(call), cookie("view_call"), host=host))


@pytest.mark.parametrize("origin", ["", "null", "http://localhost.evil.example"])
def test_a_socket_of_a_page_that_is_not_ours_is_refused(call: Call, origin: str) -> None:
    assert not _is_let_in(socket(address(call), cookie("view_call"), origin))


def test_nobody_gets_a_socket_without_signing_in(call: Call) -> None:
    assert not _is_let_in(socket(address(call), ""))


def test_an_address_that_is_none_is_refused(db: None) -> None:
    assert not _is_let_in(socket("/ws/elsewhere/", cookie("view_call")))


@async_to_sync
async def _is_let_in(asked: WebsocketCommunicator) -> bool:
    accepted, _ = await asked.connect(timeout=5)
    await asked.disconnect()
    return bool(accepted)


def test_who_may_no_longer_see_calls_hears_no_more(call: Call, looks: Callable[[float], None]) -> None:
    looks(SOON)
    session = cookie("view_call")

    @async_to_sync
    async def watch() -> dict[str, Any]:
        page = socket(address(call), session)
        await page.connect(timeout=5)
        await next_mark(page)
        await sync_to_async(lambda: User.objects.get().user_permissions.clear())()
        async with asyncio.timeout(5):
            while (heard := dict(await page.receive_output(timeout=5)))["type"] == "websocket.send":
                pass
        return heard

    assert watch() == {"type": "websocket.close", "code": consumers.NO_LONGER_PERMITTED}


# What -----------------------------------------------------------------------------------------------


def marks(path: str, *deeds: Callable[[], Any], between: Callable[[], Any] = lambda: None) -> list[str]:
    """What a page hears that is open while these are done, one after the other; `between`: before each."""
    session = cookie("view_call")

    @async_to_sync
    async def watch() -> list[str]:
        async with watching(path, session) as page:
            heard = [await next_mark(page)]
            for deed in deeds:
                await sync_to_async(between)()
                await sync_to_async(deed)()
                heard.append(await another_mark(page, heard[-1]))
            return heard

    return watch()


def test_a_call_is_told_of_as_it_is_stored(call: Call, looks: Callable[[float], None]) -> None:
    looks(NEVER)
    heard = marks(
        address(call),
        lambda: record(said(call, 1, "नम", role="agent", final=False, revision=1)),
        lambda: record(said(call, 1, "नमस्ते", role="agent", final=False, revision=2)),
        lambda: record(said(call, 1, "नमस्ते!", role="agent")),
        lambda: record(over(call, 1)),
    )
    assert heard[-1] == call_mark(call.pk)


def test_the_page_of_calls_now_hears_of_calls_that_begin_and_end(call: Call, looks: Callable[[float], None]) -> None:
    looks(NEVER)
    heard = marks(address(), lambda: live_call(call.agent), lambda: end_call(call.pk, "visitor_left"))
    assert len(heard) == 3


def test_news_is_heard_after_redis_lost_its_data(call: Call, looks: Callable[[float], None], redis: Redis) -> None:
    looks(NEVER)
    assert len(marks(address(call), lambda: record(said(call, 1)), between=redis.flushdb)) == 2


def test_what_redis_did_not_carry_is_seen_at_the_next_look(call: Call, looks: Callable[[float], None]) -> None:
    looks(SOON)
    turn = Turn(call=call, item_id="1.1", attempt=1, seq=1, role="visitor", text="हाँ", started_at=START)
    assert len(marks(address(call), turn.save)) == 2


def test_a_page_that_comes_back_is_told_at_once_where_the_call_stands(
    call: Call, looks: Callable[[float], None]
) -> None:
    looks(NEVER)
    (before,) = marks(address(call))
    record(said(call, 1))
    User.objects.all().delete()
    (after,) = marks(address(call))
    assert before != after == call_mark(call.pk)


def test_redis_being_away_costs_the_record_nothing(call: Call, settings: Any, closed_port: int, logged: Logged) -> None:
    layer = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {"hosts": [f"redis://127.0.0.1:{closed_port}/0"]}}}
    record(said(call, 1))
    assert call.turns.count() == 1
    assert logged("news_not_told") != []
