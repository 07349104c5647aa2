"""A real Celery worker, killed after the receiver has the lead and before it could write that down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from leads import sending
from leads.announce import announce
from leads.models import Delivery, Lead
from tests.leads.receiver import Receiver

COMMAND = ["celery", "-A", "vaani.celery", "worker", "-Q", "chores", "-c", "1", "--without-mingle", "--without-gossip"]


def start_worker() -> subprocess.Popen[bytes]:
    """A worker of the queue of chores, on this test's database and Redis."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "vaani.settings"}
    return subprocess.Popen([sys.executable, "-m", *COMMAND], env=environment, start_new_session=True)


@pytest.mark.django_db(transaction=True)
def test_killed_between_the_post_and_the_commit_it_is_sent_again_under_the_same_id(n8n: Receiver, lead: Lead) -> None:
    def strike(request: BaseHTTPRequestHandler) -> None:
        os.killpg(worker.pid, signal.SIGKILL)

    n8n.plan = [strike]
    worker = start_worker()
    try:
        announce(lead, "lead.captured")
        assert worker.wait(60) == -signal.SIGKILL
    finally:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries) == (Delivery.Status.WAITING, 1)
    assert delivery.attempts.get().seconds is None
    assert delivery.next_try_at - timezone.now() <= sending.LEASE
    Delivery.objects.update(next_try_at=timezone.now())  # the lease is over
    sending.send_due()
    first, again = n8n.received
    assert first.id == again.id == delivery.webhook_id
    assert first.body == again.body
    assert Delivery.objects.get().status == Delivery.Status.DELIVERED
