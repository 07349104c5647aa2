"""The web server as it is started, asked over the wire by many addresses: who asks, and how much they get."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from django.db import connection
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX
from agents.models import AgentProfile
from calls.models import JOIN_SECONDS, Call
from local import product
from local.output import LogFiles
from local.supervisor import Supervisor
from tests.conftest import Beat
from tests.factories import make_agent
from vaani.env import get_env

pytestmark = pytest.mark.django_db(transaction=True)

FRONT = "127.0.0.1"  # the one proxy that is ours
SCRIPTS = [f"127.0.0.{number}" for number in range(2, 102)]
SCRIPT = "127.0.0.102"
VISITOR, NEIGHBOUR = "203.0.113.7", "203.0.113.8"
AT_ONCE = 12
STARTS, SOCKETS, CAP = 30, 20, 3  # a minute and address, of Sarvam's plan, of the agent with a cap of its own


@pytest.fixture
def web(tmp_path: Path, closed_port: int) -> Iterator[str]:
    """The `web` of the Procfile, behind a front that makes https. Gives its address."""
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    database = urlsplit(get_env().database_url)._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **inherited,
        "PATH": f"{Path(sys.prefix, 'bin')}{os.pathsep}{os.defpath}",
        "DATABASE_URL": database.geturl(),
        "WEB_PORT": str(closed_port),
        "PUBLIC_URL": "https://voice.example.in",
        "SECRET_KEY": "k3y-" * 12,
        "TRUSTED_PROXIES": FRONT,
        "STARTS_PER_MINUTE": str(STARTS),
        "SARVAM_STT_SOCKETS": str(SOCKETS),
    }
    supervisor = Supervisor(f"{tmp_path}:", LogFiles(tmp_path / "logs"))
    try:
        supervisor.start_stage(product.processes(environment)["web"])
        yield f"http://127.0.0.1:{closed_port}"
    finally:
        supervisor.close()


Answer = tuple[str, Any]  # what became of it ("started", else the code of why not), and the headers


async def ask_all(web: str, asked: list[tuple[str, str, dict[str, str]]]) -> list[Answer]:
    """Start calls, `AT_ONCE` at a time: each from an address, of an agent, with headers."""
    turn = asyncio.Semaphore(AT_ONCE)
    async with AsyncExitStack() as stack:
        sessions = {
            address: await stack.enter_async_context(
                aiohttp.ClientSession(web, connector=aiohttp.TCPConnector(local_addr=(address, 0)))
            )
            for address in {address for address, _agent, _headers in asked}
        }

        async def ask(address: str, agent: str, headers: dict[str, str]) -> Answer:
            async with turn, sessions[address].post("/api/token", json={"agentId": agent}, headers=headers) as answer:
                said = await answer.json(content_type=None)
                return "started" if answer.status == 200 else said["code"], answer.headers

        return await asyncio.gather(*(ask(*each) for each in asked))


def start(web: str, *asked: tuple[str, str, dict[str, str]]) -> tuple[Counter[str], int]:
    """What became of these starts, and into how many minutes of an address's bucket they fell."""
    began = time.monotonic()
    answers = asyncio.run(ask_all(web, list(asked)))
    assert all("Retry-After" in headers for what, headers in answers if what != "started")
    return Counter(what for what, _headers in answers), 1 + int((time.monotonic() - began) // 60)


def most_at_once(times: list[datetime]) -> int:
    """How many calls held a slot at the same time, their visitors never having joined."""
    held = timedelta(seconds=JOIN_SECONDS)
    return max(sum(begun <= time < begun + held for begun in times) for time in times)


async def sign_in_page(web: str, peer: str, headers: dict[str, str]) -> Any:
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=(peer, 0))) as session,
        session.get(f"{web}/admin/login/", headers=headers) as answer,
    ):
        assert answer.status == 200
        return answer


def test_who_asks_is_known_and_a_thousand_scripted_starts_stay_under_the_caps(
    web: str, heartbeat: Beat, redis: Redis
) -> None:
    heartbeat(50)
    redis.persist(f"{HEARTBEAT_PREFIX}worker-1")  # however slow the machine
    make_agent(agent_id="capped")
    AgentProfile.objects.update(max_calls=CAP)
    make_agent()

    def created(agent: str) -> list[datetime]:
        return sorted(Call.objects.filter(agent__agent_id=agent).values_list("created_at", flat=True))

    # From a hundred addresses: each asks little, and the agent's own cap does the work.
    became, _minutes = start(web, *((address, "capped", {}) for address in SCRIPTS * 4))
    assert became.keys() == {"started", "agent_full"}
    assert most_at_once(created("capped")) == CAP

    # From one address, which says that it is another each time.
    lies = [{"X-Forwarded-For": f"198.51.{n // 250}.{n % 250}"} for n in range(555)]
    became, minutes = start(web, *((SCRIPT, "demo", lie) for lie in lies))
    assert became.keys() <= {"started", "speech_full", "too_many_starts"}
    assert became["too_many_starts"] >= 555 - minutes * STARTS
    assert most_at_once(created("capped") + created("demo")) <= SOCKETS

    # Behind our front a visitor is who the front says, whatever they wrote into the header themselves.
    behind = [(FRONT, "capped", {"X-Forwarded-For": f"198.51.100.{n}, {VISITOR}"}) for n in range(45)]
    became, minutes = start(web, *behind)
    assert became["too_many_starts"] >= 45 - minutes * STARTS
    became, _minutes = start(web, (FRONT, "capped", {"X-Forwarded-For": f"{VISITOR}, {NEIGHBOUR}"}))
    assert not became["too_many_starts"]

    # And it alone makes https.
    forwarded = {"X-Forwarded-For": VISITOR, "X-Forwarded-Proto": "https"}
    page, lied = (asyncio.run(sign_in_page(web, peer, forwarded)) for peer in (FRONT, SCRIPT))
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Secure" in page.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in lied.headers
