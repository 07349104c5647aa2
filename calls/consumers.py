"""The sockets of the admin's live pages. Each says the mark of what Postgres holds; its page fetches what it lacks."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.utils.module_loading import import_string

from calls import live
from calls.now import calls_now
from vaani.logs import get_logger

log = get_logger(__name__)

LOOK_SECONDS = 5.0  # news that Redis lost is seen this much later
NO_LONGER_PERMITTED, FAILED = 4403, 1011  # codes of closing


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """Sends `{"mark": …}` at once, on news, and every few seconds, which also shows that the connection lives."""

    _looking: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if not await self._is_permitted():
            raise DenyConnection
        self._news = asyncio.Event()
        await self.channel_layer.group_add(self.group_of_page(), self.channel_name)
        await self.accept()
        self._looking = asyncio.create_task(self._look_until_done())

    async def disconnect(self, code: int) -> None:
        if self._looking:
            self._looking.cancel()
            await self.channel_layer.group_discard(self.group_of_page(), self.channel_name)

    async def news(self, message: dict[str, Any]) -> None:
        """From the group: somebody stored something."""
        self._news.set()

    async def receive_json(self, content: Any, **_: Any) -> None:
        """Pages have nothing to say."""

    def group_of_page(self) -> str:
        """The group that hears of this page's news."""
        raise NotImplementedError

    def mark(self) -> str:
        """The mark of what the page would show now; asks Postgres."""
        raise NotImplementedError

    async def _look_until_done(self) -> None:
        try:
            # Rights are withdrawn and people sign out while a page stays open.
            while await self._is_permitted():
                self._news.clear()  # before the look: what comes meanwhile is looked at again
                await self.send_json({"mark": await database_sync_to_async(self.mark)()})
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    pass
            await self.close(code=NO_LONGER_PERMITTED)
        except Exception as error:
            # A page that hears no more must know it, and connect again.
            log.warning("live_look_failed", error=type(error).__name__)
            await self.close(code=FAILED)

    async def _is_permitted(self) -> bool:
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        user = await get_user({**self.scope, "session": store(self.scope["session"].session_key)})
        return bool(user.is_active and user.is_staff and await user.ahas_perm("calls.view_call"))


class CallConsumer(LiveConsumer):
    """The socket of one call's page."""

    def group_of_page(self) -> str:
        return live.call_group(self.scope["url_route"]["kwargs"]["call_id"])

    def mark(self) -> str:
        return live.call_mark(self.scope["url_route"]["kwargs"]["call_id"])


class NowConsumer(LiveConsumer):
    """The socket of the page of calls now."""

    def group_of_page(self) -> str:
        return live.NOW_GROUP

    def mark(self) -> str:
        return calls_now().mark
