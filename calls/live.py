"""What open pages of the admin are told: that there is news, and never what. They fetch it from Postgres."""

from __future__ import annotations

import asyncio
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction
from redis.exceptions import RedisError

from vaani.logs import get_logger

log = get_logger(__name__)

NOW_GROUP = "calls-now"
TELL_SECONDS = 1  # whoever stored the news waits this long for Redis, and no longer

# Rows as Postgres writes them, so that no change of any column escapes.
_CALL_DIGEST = """
    SELECT md5(concat(
        (SELECT c::text FROM calls_call c WHERE c.id = %(call)s),
        (SELECT string_agg(n.id::text, '' ORDER BY n.id) FROM calls_call n WHERE n.continues_id = %(call)s),
        (SELECT string_agg(a::text, '' ORDER BY a.id) FROM calls_attempt a WHERE a.call_id = %(call)s),
        (SELECT string_agg(t::text, '' ORDER BY t.id) FROM calls_turn t WHERE t.call_id = %(call)s),
        (SELECT string_agg(e::text, '' ORDER BY e.id) FROM calls_callevent e WHERE e.call_id = %(call)s),
        (SELECT string_agg(r::text, '' ORDER BY r.id) FROM calls_recording r WHERE r.call_id = %(call)s),
        (SELECT string_agg(u::text, '' ORDER BY u.id) FROM calls_usageline u WHERE u.call_id = %(call)s)
    ))
"""


def call_group(call_id: UUID) -> str:
    """Name of the group of pages that show a call."""
    return f"call.{call_id}"


def tell(call_id: UUID, *, moved: bool = False) -> None:
    """Once what is written is committed, tell the pages of a call that there is news; `moved`: of its status too.

    Best effort, a second at most for each group: pages look for themselves every few seconds.
    """
    groups = [call_group(call_id), *([NOW_GROUP] if moved else [])]
    transaction.on_commit(lambda: _send(groups))


def _send(groups: list[str]) -> None:
    try:
        for group in groups:
            async_to_sync(_send_news)(group)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("news_not_told", error=type(error).__name__)


async def _send_news(group: str) -> None:
    async with asyncio.timeout(TELL_SECONDS):
        await get_channel_layer().group_send(group, {"type": "news"})


def call_mark(call_id: UUID) -> str:
    """A mark that changes with anything a call's page shows. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CALL_DIGEST, {"call": call_id})
        return str(cursor.fetchone()[0])
