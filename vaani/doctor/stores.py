"""What everything is kept in: Postgres and Redis."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.exceptions import RedisError

from vaani.doctor.checkup import Result, failed, ok, warning
from vaani.env import get_env
from vaani.masking import masked

_OLDEST_POSTGRES = 14  # that Django still knows
_OLDEST_REDIS = (6, 2)
_OUR_APPS = {"agents", "calls", "leads"}


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def database() -> Result:
    """Is Postgres there, and new enough?"""
    place = _place(get_env().database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = str(cursor.fetchone()[0])
    except DatabaseError as error:
        why = str(masked(str(error))).strip().partition("\n")[0]
        return failed(f"Postgres at {place} cannot be used: {why}", "Start Postgres, or correct DATABASE_URL.")
    if int(version.partition(".")[0]) < _OLDEST_POSTGRES:
        return failed(f"Postgres at {place} is {version}.", f"Update it to {_OLDEST_POSTGRES} or later.")
    return ok(f"Postgres {version} answers at {place}.")


def locale() -> Result:
    """Does Postgres know the letters of Hindi, without which no search finds a name?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_encoding_to_char(encoding), datctype, 'क' ~ '^[[:alpha:]]$' FROM pg_database"
            " WHERE datname = current_database()"
        )
        encoding, ctype, knows_hindi = cursor.fetchone()
    if encoding == "UTF8" and knows_hindi:
        return ok(f"The database knows the letters of all our languages ({ctype}).")
    return failed(
        f"The database was made with {encoding} and the locale {ctype}, so searching finds no Hindi or Tamil.",
        "Make a new one and restore into it: CREATE DATABASE vaani TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'.",
    )


def migrations() -> Result:
    """Does the database have the tables of this version of the program?"""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    missing = [str(migration) for migration, _back in executor.migration_plan(loader.graph.leaf_nodes())]
    if missing:
        return failed(
            f"{len(missing)} changes of the database are not made, first {missing[0]}.", "Run: manage.py migrate"
        )
    newer = [
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in _OUR_APPS and (app, name) not in loader.graph.nodes
    ]
    if newer:
        return warning(
            f"The database is of a newer version of Vaani: it has {newer[0]}.",
            "Update the program here, or restore the backup made before the update.",
        )
    return ok("The database is of this version.")


def redis() -> Result:
    """Is Redis there, does it take what is written, and does it keep it?"""
    url = get_env().redis_url
    place = _place(url)
    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3, decode_responses=True) as client:
            told = client.info()
            client.set("vaani:doctor", "was here", ex=5)
    except (RedisError, OSError) as error:
        return failed(f"Redis at {place} cannot be used: {masked(str(error))}", "Start Redis, or correct REDIS_URL.")
    version = str(told.get("redis_version", "?"))
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
        return failed(f"Redis at {place} is {version}.", "Update it to 6.2 or later.")
    if told.get("maxmemory_policy", "noeviction") != "noeviction":
        return failed(
            f"Redis throws things away when it is full ({told['maxmemory_policy']}): tasks and heartbeats would be lost.",
            "Set maxmemory-policy to noeviction.",
        )
    if not told.get("aof_enabled"):
        return warning("Redis keeps nothing of the last minutes when it restarts.", "Set appendonly to yes.")
    return ok(f"Redis {version} answers at {place}, and writes down what it is given.")
