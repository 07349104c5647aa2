"""A job's process never loads Django: its memory and its start are the price of every call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.worker.conftest import Carried
from vaani.env import ROOT

JOB = """
import asyncio, json, sys, uuid
from datetime import UTC, datetime
from pathlib import Path

import agents.worker.job
from agents.contract import TurnMessage
from agents.worker.outbox import Outbox


async def main():
    call = uuid.uuid4()
    box = Outbox(spool=Path(sys.argv[1]), redis_url=sys.argv[2], call_id=call, attempt=1)
    box.put(TurnMessage(call_id=call, attempt=1, n=1, role="visitor", text="x", started_at=datetime.now(UTC)))
    await box.close()


asyncio.run(main())
print(json.dumps(sorted(sys.modules)))
"""


def test_a_job_that_has_sent_a_turn_has_loaded_no_django(tmp_path: Path, broker: Carried) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", JOB, str(tmp_path), broker._url],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert len(broker.messages()) == 1, "the turn was really sent"
    assert "livekit.plugins.sarvam" in loaded, "a late import would block the first call"
    django = [name for name in loaded if name.partition(".")[0] == "django"]
    assert [name for name in django if name != "django" and not name.startswith("django.utils")] == []
    assert not [name for name in loaded if name in ("agents.models", "agents.services", "vaani.settings", "ninja")]
    assert not [name for name in loaded if name.partition(".")[0] in ("calls", "leads", "local")]
