"""`manage.py prepare`: however many machines start at the same time, the database is made once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from vaani.env import ROOT
from vaani.management.commands.prepare import PREPARATION_LOCK

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"


def address(database: str) -> str:
    told = settings.DATABASES["default"]
    return f"postgresql://{told['USER']}:{quote(told['PASSWORD'])}@{told['HOST']}:{told['PORT']}/{database}"


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a database with nothing in it."""
    name = sql.Identifier("vaani_prepared")
    with psycopg.connect(address("postgres"), autocommit=True) as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE 'C.UTF-8'").format(name))
        yield address("vaani_prepared")
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def test_two_at_the_same_time_make_the_database_once(empty_database: str) -> None:
    ours = {"DATABASE_URL": empty_database, "ADMIN_PASSWORD": "made-for-the-first", "DJANGO_SETTINGS_MODULE": ""}
    environment = {name: value for name, value in {**os.environ, **ours}.items() if value}
    with psycopg.connect(empty_database, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s)", [PREPARATION_LOCK])
        both = [
            subprocess.Popen(
                [sys.executable, "manage.py", "prepare", "--verbosity", "0"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        end = time.monotonic() + 60
        while session.execute(WAITING, [PREPARATION_LOCK]).fetchone() != (2,):
            assert time.monotonic() < end, "somebody did not wait"
            time.sleep(0.05)
        session.execute("SELECT pg_advisory_unlock(%s)", [PREPARATION_LOCK])
        said = [process.communicate(timeout=120)[0] for process in both]
        assert [process.returncode for process in both] == [0, 0], "\n".join(said)
        twice = "SELECT app, name FROM django_migrations GROUP BY app, name HAVING count(*) > 1"
        assert session.execute(twice).fetchall() == []
        assert session.execute("SELECT count(*) FROM auth_user").fetchone() == (1,)
