"""Faults go to Sentry with a DSN only, and tell of no person: read on the wire, at a server in Sentry's place."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from vaani.env import ROOT

WEB = """
import django
django.setup()
from django.test import Client
from django.urls import path
from django.conf import settings
from django.http import HttpRequest
def view(request):
    number = "+91 98450 55124"
    raise ValueError(f"no lead of {number} with canary-of-groq")
class urls: urlpatterns = [path("broken/", view)]
settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.ALLOWED_HOSTS = urls, [], ["*"]
Client(raise_request_exception=False, headers={"Cookie": "sessionid=canary-cookie", "X-Own": "canary-header"}).post(
    "/broken/?q=canary-query", {"text": "canary-body"})
"""
JOB = """
import logging.config
from vaani.logs import log_config, get_logger
from vaani.sentry import start_sentry
logging.config.dictConfig(log_config())
start_sentry(django=False)
log = get_logger("agents.worker.job")
log.info("session_started", canary="canary-breadcrumb")
try:
    said = "canary-sentence"
    raise ValueError("no lead of 9845055124")
except ValueError:
    log.exception("claim_failed")
assert not any(sys.modules.get(f"django.{part}") for part in ("apps", "conf", "db")), "jobs load no Django"
"""
NOTHING = "from vaani.sentry import start_sentry; start_sentry(django=True); assert 'sentry_sdk' not in sys.modules"


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[str]]]:
    """A DSN, and what was sent there."""
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append(brotli.decompress(body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://publickey@127.0.0.1:{server.server_port}/1", sent
    server.shutdown()
    thread.join()
    server.server_close()


def run(code: str, dsn: str) -> None:
    env = os.environ | {"SENTRY_DSN": dsn, "GROQ_API_KEY": "canary-of-groq", "DJANGO_SETTINGS_MODULE": "vaani.settings"}
    subprocess.run([sys.executable, "-c", f"import sys\n{code}"], cwd=ROOT, env=env, check=True, timeout=120)


@pytest.mark.parametrize("code", [WEB, JOB])
def test_a_fault_is_told_with_its_place_and_without_what_was_in_hand(sentry: tuple[str, list[str]], code: str) -> None:
    dsn, sent = sentry
    run(code, dsn)
    faults = [envelope for envelope in sent if "ValueError" in envelope]
    assert len(faults) == 1
    assert '"lineno"' in faults[0]
    assert "no lead of •••24" in faults[0].replace("\\u2022", "•")
    told = "".join(sent)
    assert "canary" not in told
    assert "55124" not in told


def test_without_a_dsn_its_library_is_not_even_loaded() -> None:
    run(NOTHING, "")
