"""Embedded Postgres and Redis, and what a stack remembers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from local import processes
from local.errors import LocalError
from local.stack import Stack
from tests.local.conftest import eventually
from vaani.env import ROOT

LAUNCHER = """
import sys, time
from pathlib import Path
from local.stack import Stack
with Stack(Path(sys.argv[1]), parts=("postgres", "redis")) as stack:
    print(stack.database_url, stack.redis_url, flush=True)
    time.sleep(1000)
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), parts=("postgres", "redis")) as stack:
        yield stack


def test_postgres_reads_every_script(stack: Stack) -> None:
    with psycopg.connect(stack.database_url) as connection:
        row = connection.execute(
            "SELECT datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert row == ("C.UTF-8", "UTF8")
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT cardinality(show_trgm('தமிழ்')) > 0").fetchone() == (True,)
        connection.rollback()


def test_postgres_is_never_root_and_asks_for_its_password(stack: Stack) -> None:
    assert Path(f"/proc/{stack.pid('postgres')}").stat().st_uid != 0
    wrong = stack.database_url.replace(":", ":wrong", 2).replace(":wrong", ":", 1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_redis_keeps_an_append_only_file(stack: Stack) -> None:
    with redis.Redis.from_url(stack.redis_url) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
    address = stack.redis_url.replace(stack.redis_url.split("@")[0], "redis://").replace("@", "")
    with redis.Redis.from_url(address) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_killed_servers_come_back_with_what_they_knew(stack: Stack) -> None:
    with redis.Redis.from_url(stack.redis_url) as client:
        client.set("kept", "yes")
        eventually(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
    for name in ("redis", "postgres"):
        before = stack.pid(name)
        stack.kill(name)
        stack.wait(name)
        assert stack.pid(name) != before
    with redis.Redis.from_url(stack.redis_url) as client:
        assert client.get("kept") == b"yes"


def test_a_second_start_from_the_same_folder_is_refused(stack: Stack) -> None:
    assert stack.state.is_held()
    with pytest.raises(LocalError, match=rf"already runs from .* \(process {os.getpid()}\)"):
        Stack(stack.state.path, parts=()).open()


def test_a_start_after_everything_was_killed_finds_its_data(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        database_url, redis_url = launcher.stdout.readline().split()
        with psycopg.connect(database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'yes' AS answer")
        guard = [pid for pid in children(launcher.pid) if "local.guard" in Path(f"/proc/{pid}/cmdline").read_text()]
        leftovers = processes.find(f"{tmp_path}:") - {launcher.pid}
        processes.send([*guard, launcher.pid], signal.SIGKILL)  # and so Postgres and Redis stay, in the new start's way
    assert any(Path(f"/proc/{pid}").exists() for pid in leftovers)
    with Stack(tmp_path, parts=("postgres", "redis")) as stack:
        assert (stack.database_url, stack.redis_url) == (database_url, redis_url)
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == ("yes",)
        data = Path(Path(f"/proc/{stack.pid('postgres')}/cwd").readlink())
        stale = (data / "postmaster.pid").read_text()
        stack.kill("postgres")
        stack.stop("postgres")
    # The number of the killed server has become somebody else's, who lives.
    (data / "postmaster.pid").write_text(stale.replace(stale.splitlines()[0], "1", 1))
    with Stack(tmp_path, parts=("postgres",)) as stack:
        assert stack.pid("postgres")


def test_what_was_made_once_stays_and_real_keys_replace_the_sandbox(tmp_path: Path) -> None:
    with Stack(tmp_path, parts=()) as first:
        pass
    assert not first.state.is_held()
    with Stack(tmp_path, environment={"SECRET_KEY": "mine"}, parts=()) as second:
        written = (tmp_path / "env").read_text()
    assert second.settings["ADMIN_PASSWORD"] == first.settings["ADMIN_PASSWORD"]
    assert second.env["SECRET_KEY"] == "mine"
    assert "SECRET_KEY" not in written
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


def test_children_see_nothing_of_this_process_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARVAM_API_KEY", "real")
    monkeypatch.setenv("ENV_FILES", ".env")
    with Stack(tmp_path, parts=()) as stack:
        assert "SARVAM_API_KEY" not in stack.env
        assert stack.env["ENV_FILES"] == str(tmp_path / "env")


def children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
