"""The doctor finds what was broken on purpose, says what to do, and never hangs. LiveKit's part: test_doctor_voice.py; what is not ours: test_doctor_outside.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import get_random_string
from redis import Redis

from agents.contract import HEARTBEAT_PREFIX, Heartbeat
from leads.models import Endpoint
from local.redis import _binary
from tests.conftest import Beat, SetEnv
from tests.e2e.waiting import until
from tests.project.conftest import Elsewhere
from tests.project.test_production import read_settings
from vaani.counts import count
from vaani.doctor import machine, processes, stores
from vaani.doctor.checks import CHECKS
from vaani.doctor.checkup import Check, Result, chosen, go_through, ok, warning
from vaani.env import ROOT, get_env


def doctor(*arguments: str, **settings: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the command with these settings in place of the tests' own: its exit code, and each finding by name."""
    env = os.environ | {name.upper(): value for name, value in settings.items()}
    env["DJANGO_SETTINGS_MODULE"] = "vaani.settings"
    command = [sys.executable, "manage.py", "doctor", "--json", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert ended.stdout, ended.stderr
    return ended.returncode, {finding["check"]: finding for finding in json.loads(ended.stdout)}


# The whole of it ---------------------------------------------------------------------------------


def test_ten_faults_at_once_are_each_found_and_what_stands_on_them_is_skipped(closed_port: int, tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{closed_port}"
    (tmp_path / "file").write_text("no folder")
    code, found = doctor(
        database_url=f"postgresql://vaani:planted-password@{nobody}/vaani",
        redis_url=f"redis://:planted-password@{nobody}/0",
        web_server_url=f"http://{nobody}",
        public_url="http://voice.example.in",
        livekit_url=f"ws://{nobody}",
        sarvam_api_key="planted-key-of-sarvam",
        sarvam_base_url=f"http://{nobody}",
        n8n_base_url=f"http://{nobody}",
        spool_dir=str(tmp_path / "file"),
        files_dir=str(tmp_path / "file"),
        secret_key="",
    )
    assert code == 1
    faults = {name: finding["found"] for name, finding in found.items() if finding["state"] == "failed"}
    assert faults.keys() == {
        "database", "redis", "disk", "files", "secrets", "web", "site", "livekit", "providers", "n8n",
    }  # fmt: skip
    assert all(found[name]["remedy"] for name in faults)
    skipped = {name for name, finding in found.items() if finding["state"] == "skipped"}
    assert skipped == {
        "locale", "migrations", "admin", "clock", "webhooks", "media", "workers", "queues", "beat", "watch", "models",
    }  # fmt: skip
    assert found["media"]["found"] == "Cannot be told before this is well: livekit."
    assert "planted" not in json.dumps(found), "no password or key is shown"
    assert "SARVAM_API_KEY is unreachable" in faults["providers"]


@pytest.mark.django_db(transaction=True)
def test_a_database_of_the_wrong_locale_without_tables_is_found() -> None:
    url = urlsplit(get_env().database_url)
    name = f"doctor_{get_random_string(8).lower()}"
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'")
        try:
            code, found = doctor("--only", "locale", "--only", "admin", database_url=url._replace(path=name).geturl())
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert code == 1
    assert {name: finding["state"] for name, finding in found.items()} == {
        "database": "ok", "locale": "failed", "migrations": "failed", "admin": "skipped",
    }  # fmt: skip
    assert found["migrations"]["remedy"] == "Run: manage.py migrate"


@pytest.mark.django_db(transaction=True)
def test_the_text_for_people_has_a_line_a_check_and_its_remedy_below() -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--only", "admin", stdout=out)
    assert ended.value.code == 1
    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [["ok", "database"], ["ok", "migrations"], ["failed", "admin"]]
    assert lines[3].strip() == "Run: manage.py createsuperuser"


def test_an_unknown_check_is_refused_with_those_there_are() -> None:
    with pytest.raises(CommandError, match="livekit"):
        call_command("doctor", "--only", "nothing")


# Going through them ------------------------------------------------------------------------------


def test_one_that_hangs_is_given_up_and_one_that_breaks_is_told_without_secrets() -> None:
    def breaks() -> Result:
        raise ValueError("at postgresql://vaani:planted-password@db/vaani")

    never = threading.Event()
    checks = [
        Check("hangs", lambda: ok(str(never.wait())), seconds=0.05),
        Check("leans", lambda: ok("never asked"), needs=("hangs",)),
        Check("leans on that", lambda: ok("never asked"), needs=("leans",)),
        Check("breaks", breaks),
        Check("warns", lambda: warning("a little", "do something")),
        Check("goes on", lambda: ok("fine"), needs=("warns",)),
    ]
    found = {finding.name: finding.result for finding in go_through(checks)}
    never.set()
    assert [result.state for result in found.values()] == ["failed", "skipped", "skipped", "failed", "warning", "ok"]
    assert found["hangs"].found == "No answer within 0.05 s."
    assert "ValueError" in found["breaks"].found
    assert "planted" not in found["breaks"].found


def test_what_a_chosen_check_needs_comes_along_in_order() -> None:
    assert [check.name for check in chosen(CHECKS, ["webhooks"])] == ["redis", "web", "livekit", "webhooks"]
    assert len(chosen(CHECKS, [])) == len(CHECKS)
    names = [check.name for check in CHECKS]
    assert all(names.index(need) < names.index(check.name) for check in CHECKS for need in check.needs)


def test_the_part_of_a_machine_with_workers_alone_asks_for_no_database() -> None:
    guide = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    command = next(line for line in guide.splitlines() if line.startswith("manage.py doctor --only"))
    part = [check.name for check in chosen(CHECKS, command.split()[3::2])]
    assert {"redis", "disk", "clock", "livekit", "media", "workers", "providers"} <= set(part)
    assert "database" not in part


# Each check, well and broken ---------------------------------------------------------------------


@pytest.mark.django_db
def test_the_tests_own_stores_are_well() -> None:
    looks = (stores.database, stores.locale, stores.migrations, stores.redis)
    assert [look().state for look in looks] == ["ok"] * 4


@pytest.mark.django_db
def test_a_database_of_a_newer_version_is_told() -> None:
    MigrationRecorder(connection).record_applied("leads", "9999_of_next_year")
    result = stores.migrations()
    assert (result.state, "leads.9999_of_next_year" in result.found) == ("warning", True)


def test_a_redis_that_forgets_is_told(set_env: SetEnv, closed_port: int, tmp_path: Path) -> None:
    command = [_binary(), "--port", str(closed_port), "--dir", str(tmp_path), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        set_env(redis_url=f"redis://127.0.0.1:{closed_port}/0")
        until(lambda: stores.redis().state != "failed", 10, "Redis to start")
        assert (stores.redis().state, stores.redis().remedy) == ("warning", "Set appendonly to yes.")
        with Redis(port=closed_port) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
        assert (stores.redis().state, stores.redis().remedy) == ("failed", "Set maxmemory-policy to noeviction.")
        process.terminate()


@pytest.mark.django_db
def test_nobody_who_may_sign_in_is_told() -> None:
    assert machine.admin().state == "failed"
    User.objects.create_superuser("asha")
    assert machine.admin().state == "ok"


@pytest.mark.parametrize(
    ("status", "text"), [(200, "hello"), (404, "not found"), (503, '{"broken": {"redis": "away"}}')]
)
def test_something_else_in_the_web_servers_place_is_told(
    set_env: SetEnv, elsewhere: Elsewhere, status: int, text: str
) -> None:
    elsewhere.status, elsewhere.text = status, text
    set_env(web_server_url=f"http://{elsewhere.place}")
    assert processes.web().state == "failed"
    elsewhere.status, elsewhere.text = 200, '{"status": "healthy"}'
    assert processes.web().state == "ok"


@pytest.mark.django_db
@pytest.mark.parametrize(("ahead", "state"), [(0, "ok"), (12, "warning"), (-3600, "failed")])
def test_a_clock_that_is_wrong_is_told(set_env: SetEnv, elsewhere: Elsewhere, ahead: int, state: str) -> None:
    elsewhere.ahead = timedelta(seconds=ahead)
    set_env(livekit_url=f"ws://{elsewhere.place}")
    result = machine.clock()
    assert result.state == state
    assert state == "ok" or result.found.startswith("The clock of LiveKit")


@pytest.mark.django_db
def test_a_workers_clock_that_is_wrong_is_told(redis: Redis) -> None:
    beat = Heartbeat(worker_id="w", host="far", slots=1, active=[], at=datetime.now(UTC) - timedelta(minutes=3))
    redis.set(HEARTBEAT_PREFIX + "w", beat.model_dump_json())
    assert machine.clock().found.startswith("The clock of the worker on far")


def test_a_disk_that_is_full_or_almost_is_told(
    set_env: SetEnv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_env(spool_dir=str(tmp_path / "not" / "yet" / "there"))
    assert machine.disk().state == "ok"
    assert not list(tmp_path.iterdir()), "it leaves nothing behind"
    monkeypatch.setattr(machine, "FREE_WANTED", 10**18)
    assert machine.disk().state == "warning"
    monkeypatch.setattr(machine, "FREE_NEEDED", 10**18)
    assert machine.disk().state == "failed"


def test_files_are_written_and_read(files: Path, set_env: SetEnv) -> None:
    set_env(files_dir=str(files))
    assert machine.files().state == "ok"
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_a_bucket_that_keeps_nothing_is_told(set_env: SetEnv, settings: Any, elsewhere: Elsewhere) -> None:
    s3 = {"s3_endpoint_url": f"http://{elsewhere.place}", "s3_access_key": "key", "s3_secret_key": "planted-secret"}
    set_env(s3_bucket="vaani-files", **s3)
    settings.STORAGES = read_settings().STORAGES
    elsewhere.status = 403
    result = machine.files()
    assert result.state == "failed"
    assert result.found.startswith("Nothing can be kept in the bucket vaani-files")
    assert "403" in result.found
    assert "S3_BUCKET" in result.remedy
    assert "planted" not in result.found


GOOD = get_random_string(50)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"secret_key": ""}, "SECRET_KEY is not set."),
        ({"secret_key": "short"}, "SECRET_KEY is easy to guess."),
        ({"livekit_api_secret": "ab" * 20}, "LIVEKIT_API_SECRET is easy to guess."),
        ({"debug": "true", "public_url": "https://voice.example.in"}, "DEBUG is on"),
    ],
)
def test_a_weak_secret_is_told_and_never_shown(set_env: SetEnv, wrong: dict[str, str], words: str) -> None:
    set_env(**{"secret_key": GOOD, "livekit_api_secret": GOOD, **wrong})
    result = machine.secrets()
    assert result.state == "failed"
    assert words in result.found
    assert not any(value in result.found for value in wrong.values() if len(value) > 4)


@pytest.mark.django_db
def test_a_secret_sealed_under_another_key_is_told(set_env: SetEnv, settings: Any) -> None:
    set_env(secret_key=GOOD, livekit_api_secret=GOOD)
    settings.SECRET_KEY = GOOD
    Endpoint.objects.create(name="the CRM", url="https://crm.example.in")
    assert machine.secrets().state == "ok"
    settings.SECRET_KEY = GOOD[::-1]
    assert "the CRM" in machine.secrets().found


def test_settings_that_others_can_read_are_told(set_env: SetEnv, tmp_path: Path, db: None) -> None:
    path = tmp_path / "env"
    path.write_text("")
    set_env(secret_key=GOOD, livekit_api_secret=GOOD, env_files=str(path))
    path.chmod(0o644)
    assert machine.secrets().state == "warning"
    path.chmod(0o600)
    assert machine.secrets().state == "ok"


def test_workers_that_are_missing_drain_or_are_refused_are_told(redis: Redis, heartbeat: Beat) -> None:
    assert processes.workers().state == "failed"
    heartbeat(0)
    assert processes.workers().state == "failed", "it drains, or LiveKit has not taken it"
    heartbeat(1, [uuid4()])
    assert processes.workers().state == "warning"
    heartbeat(2)
    assert processes.workers().state == "ok"
    beat = Heartbeat(worker_id="w2", host="h", slots=2, active=[], keys={"groq": "refused"}, at=datetime.now(UTC))
    redis.set(HEARTBEAT_PREFIX + "w2", beat.model_dump_json())
    assert "groq: refused" in processes.workers().found


def test_celery_and_watch_that_are_missing_are_told(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_ANSWER_SECONDS", 0.2)
    looks = (processes.queues, processes.beat, processes.watch)
    assert [look().state for look in looks] == ["failed"] * 3
    assert "live, leads, chores" in processes.queues().found
    count("tasks", "leads.extract_due SUCCESS")
    redis.set("vaani:watch:sees-since", "1")
    assert [look().state for look in looks[1:]] == ["ok"] * 2
