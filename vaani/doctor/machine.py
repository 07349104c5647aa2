"""This machine: its clock, its disk, its secrets."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from redis import Redis
from redis.exceptions import RedisError

from calls.workers import heartbeats
from leads.models import Endpoint
from vaani.doctor.checkup import Result, failed, ok, skipped, warning
from vaani.doctor.fetching import FetchError, fetch, http_address
from vaani.doctor.outside import LOCAL_HOSTS
from vaani.env import DEFAULT_ENV_FILES, ROOT, get_env
from vaani.sealing import SealError

SKEW_NOTICED, SKEW_HARMS = 5, 30  # seconds; tokens between machines live a minute
FREE_WANTED, FREE_NEEDED = 1_000_000_000, 100_000_000  # bytes
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 8  # different ones in a secret


def clock() -> Result:
    """Does this machine's clock agree with the others'?"""
    found: dict[str, float] = {}
    for name, ask in _CLOCKS.items():
        try:
            told = ask()
        except (DatabaseError, RedisError, FetchError, OSError):
            continue  # their own checks say so
        if told is not None:
            found[name] = told - time.time()
    found |= {
        f"the worker on {beat.host}": beat.at.timestamp() - time.time()
        for beat in heartbeats()
        if abs(beat.at.timestamp() - time.time()) > SKEW_NOTICED + 6
    }
    if not found:
        return skipped("Nobody else's clock can be read.")
    name, skew = max(found.items(), key=lambda each: abs(each[1]))
    if abs(skew) < SKEW_NOTICED:
        return ok(f"The clocks of {', '.join(found)} and this machine agree.")
    words = f"The clock of {name} and this machine's are {abs(skew):.0f} s apart"
    remedy = "Keep the time of all machines by NTP: timedatectl set-ntp true."
    if abs(skew) < SKEW_HARMS:
        return warning(f"{words}.", remedy)
    return failed(f"{words}: tokens will be refused.", remedy)


def _postgres_clock() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchone()[0])


def _redis_clock() -> float:
    with Redis.from_url(get_env().redis_url, socket_timeout=3, socket_connect_timeout=3) as client:
        seconds, microseconds = client.time()
        return float(seconds) + float(microseconds) / 1e6


def _livekit_clock() -> float | None:
    date = fetch(http_address(get_env().livekit_url)).date
    return date.timestamp() + 0.5 if date else None  # it is cut to whole seconds


_CLOCKS: dict[str, Callable[[], float | None]] = {
    "Postgres": _postgres_clock,
    "Redis": _redis_clock,
    "LiveKit": _livekit_clock,
}


def disk() -> Result:
    """Has the worker's journal a place on this machine, and room?"""
    folder = get_env().spool_path
    there = folder
    while not there.exists():
        there = there.parent
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix="doctor-") as file:
            file.write(b"was here")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(there).free
    except OSError as error:
        return failed(
            f"Nothing can be written to {there}: {error.strerror or error}.",
            "Give SPOOL_DIR a folder with free space that the worker may write to.",
        )
    words = f"{free / 1e9:.1f} GB are free at {folder}"
    if free < FREE_NEEDED:
        return failed(f"{words}: what calls say will be lost.", "Make room there, or move SPOOL_DIR.")
    if free < FREE_WANTED:
        return warning(f"{words}.", "Make room there, or move SPOOL_DIR.")
    return ok(f"{words}.")


def files() -> Result:
    """Can recordings and exports be kept? A small file is written, read and deleted."""
    env = get_env()
    place = f"the bucket {env.s3_bucket}" if env.s3_bucket else str(env.files_path)
    setting = "S3_BUCKET and its keys" if env.s3_bucket else "FILES_DIR"
    try:
        name = default_storage.save("doctor/was-here", ContentFile(b"was here"))
        with default_storage.open(name) as file:
            same = file.read() == b"was here"
        default_storage.delete(name)
    except Exception as error:  # a storage of S3 raises its library's own
        return failed(f"Nothing can be kept in {place}: {error}", f"Correct {setting}, and who may write there.")
    if not same:
        return failed(f"{place} gives back something else than it was given.", f"Correct {setting}.")
    if not env.s3_bucket and (free := shutil.disk_usage(env.files_path).free) < FREE_WANTED:
        return warning(
            f"{free / 1e9:.1f} GB are free at {place}; an hour of recordings takes 0.06 GB.", "Make room there."
        )
    return ok(f"Recordings and exports can be kept in {place}.")


def admin() -> Result:
    """Is there somebody who can sign in and change everything?"""
    if get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        return ok("Somebody can sign in as administrator.")
    return failed("Nobody can sign in as administrator.", "Run: manage.py createsuperuser")


def secrets() -> Result:
    """Are our secrets set, long, our own, and still those that the database was sealed with?"""
    env = get_env()
    public = urlsplit(env.site_url).hostname not in LOCAL_HOSTS
    faults = []
    for name, value in (("SECRET_KEY", env.secret_key), ("LIVEKIT_API_SECRET", env.livekit_api_secret)):
        if not value:
            faults.append(f"{name} is not set.")
        elif len(value) < SHORTEST_KEY or len(set(value)) < FEWEST_CHARACTERS:
            faults.append(f"{name} is easy to guess.")
    if public and env.debug:
        faults.append("DEBUG is on, and shows strangers the program's inside.")
    if sealed := _not_opened():
        faults.append(f"What {sealed} is signed with was stored under another SECRET_KEY.")
    if faults:
        return failed(
            " ".join(faults),
            "Make a secret with: openssl rand -hex 32. An earlier SECRET_KEY belongs into SECRET_KEY_FALLBACKS; DEBUG off.",
        )
    if open_to_all := _readable_by_all():
        return warning(f"Every user of this machine can read {open_to_all}.", f"Run: chmod 600 {open_to_all}")
    return ok("The secrets are long, and nobody else's.")


def _not_opened() -> str:
    """Names of endpoints whose secret opens with none of our keys."""
    names = []
    try:
        for endpoint in Endpoint.objects.all():
            try:
                _key = endpoint.key
            except SealError:
                names.append(endpoint.name)
    except DatabaseError:
        pass  # the checks of the database say so
    return ", ".join(names)


def _readable_by_all() -> str:
    named = os.environ.get("ENV_FILES", DEFAULT_ENV_FILES).split(":")
    paths = [ROOT / name for name in named if name]
    return ", ".join(str(path) for path in paths if path.is_file() and path.stat().st_mode & 0o004)
