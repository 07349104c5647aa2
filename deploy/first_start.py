"""`python -m deploy.first_start`: what `docker compose up` does before anything else.

Writes into the volume that its services share:

- `env`: the weakest settings of every process of ours (`ENV_FILES`), the addresses inside and the secrets. Secrets are
  made once; a later start finds them there again.
- `livekit.yaml`, `postgres_password`, `admin_password`: for LiveKit, Postgres and the operator.

What the operator set in `.env` is stronger everywhere.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from dotenv import dotenv_values

from vaani.env import ROOT, Env, get_env

FOLDER = Path("/secrets")

# The services of docker-compose.yml.
INSIDE = {
    "REDIS_URL": "redis://redis:6379/0",
    "LIVEKIT_URL": "ws://livekit:7880",
    "WEB_SERVER_URL": "http://web:3000",
}
MADE: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "LIVEKIT_API_KEY": lambda: f"vaani{secrets.token_hex(4)}",
    "LIVEKIT_API_SECRET": lambda: secrets.token_hex(32),
    "POSTGRES_PASSWORD": lambda: secrets.token_urlsafe(24),
    "ADMIN_PASSWORD": lambda: secrets.token_urlsafe(9),
}


def main(folder: Path) -> None:
    """Write everything, and say where the site will be. A wrong setting ends the program with a sentence."""
    get_env()  # before anything is written
    kept = dotenv_values(folder / "env")
    made = {name: kept.get(name) or make() for name, make in MADE.items()}
    password = made["POSTGRES_PASSWORD"]
    settings = {**INSIDE, **made, "DATABASE_URL": f"postgresql://vaani:{password}@postgres:5432/vaani"}
    if not os.environ.get("LIVEKIT_URL"):  # the operator's own is reached in the operator's own way
        settings["LIVEKIT_PUBLIC_URL"] = public_livekit(get_env().site_url)
    _write(folder / "env", "".join(f"{name}='{value}'\n" for name, value in settings.items()))
    get_env.cache_clear()
    env = get_env()
    _write(folder / "livekit.yaml", yaml.safe_dump(livekit_settings(env)))
    _write(folder / "admin_password", f"{env.admin_password}\n")
    _write(folder / "postgres_password", password, mode=0o644)  # Postgres reads it as another user
    print(welcome(env, os.environ))


def public_livekit(site_url: str) -> str:
    """LiveKit's address for browsers: the site's own host, or this machine's port when there is no domain."""
    site = urlsplit(site_url)
    if site.scheme == "https":
        return f"wss://{site.netloc}"
    return f"ws://{site.hostname}:7880"


def livekit_settings(env: Env) -> dict[str, Any]:
    """`deploy/livekit.yaml` with keys, the webhook's address, and what fits the site's address."""
    settings: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "livekit.yaml").read_text(encoding="utf-8"))
    settings["keys"] = {env.livekit_api_key: env.livekit_api_secret}
    settings["webhook"] = {
        "api_key": env.livekit_api_key,
        "urls": [f"{INSIDE['WEB_SERVER_URL']}/api/livekit/webhook"],
    }
    if _is_here_only(env):
        settings["rtc"] |= {"use_external_ip": False, "enable_loopback_candidate": True}
    elif env.livekit_node_ip:
        settings["rtc"] |= {"use_external_ip": False, "node_ip": env.livekit_node_ip}
    return settings


def welcome(env: Env, given: Mapping[str, str]) -> str:
    """Where it will be, who brings it there, what is not possible and why, and who may enter."""
    lines = [f"Vaani will be at {env.site_url}"]
    has_front = "front" in given.get("COMPOSE_PROFILES", "").split(",")
    if _is_here_only(env):
        lines.append(
            "On this machine only: elsewhere browsers allow the microphone over https alone. "
            "For visitors set PUBLIC_URL=https://<your domain> in .env."
        )
    elif urlsplit(env.site_url).scheme != "https":
        lines.append("Browsers allow no microphone there: PUBLIC_URL must begin with https://.")
    elif has_front:
        lines.append(
            "The front gets its certificate once that name leads to this machine and ports 80 and 443 are open."
        )
    else:
        lines.append(
            "Nothing here makes https: either a proxy of yours does, or .env needs COMPOSE_PROFILES=front, "
            "then again: docker compose up -d"
        )
    missing = [name for name in ("SARVAM_API_KEY", "GROQ_API_KEY or OPENAI_API_KEY") if not _any_set(name, env)]
    if missing:
        lines.append(f"No call can be held before .env has {' and '.join(missing)}.")
    lines.append(
        f"Admin: {env.site_url}/admin/ as {env.admin_email}. The password that was made for the first start: "
        "docker compose exec web cat /secrets/admin_password"
    )
    if given.get("LIVEKIT_URL") and not (given.get("LIVEKIT_API_KEY") and given.get("LIVEKIT_API_SECRET")):
        lines.append("LIVEKIT_URL is yours, so LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be its own, in .env too.")
    return "\n".join(lines)


def _is_here_only(env: Env) -> bool:
    return urlsplit(env.site_url).hostname in ("localhost", "127.0.0.1")


def _any_set(names: str, env: Env) -> bool:
    return any(getattr(env, name.lower()) for name in names.split(" or "))


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file whole."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    draft.rename(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
