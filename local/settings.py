"""Which settings a stack makes itself, and which the operator's own replace."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from local import processes
from local.errors import LocalError
from local.state import State
from vaani.env import ROOT, SANDBOX_KEY, Env, get_env

KNOWN = frozenset(name.upper() for name in Env.model_fields)
LANGUAGE_MODELS = ("GROQ", "OPENAI")
SANDBOX_PATHS = {"SARVAM": "sarvam", "GROQ": "groq/v1", "OPENAI": "openai/v1"}


def of_operator() -> dict[str, str]:
    """What `.env` and this process's environment set, checked; a wrong value ends the program with its name."""
    os.environ["ENV_FILES"] = ".env"  # and not the state folder's, which the last start wrote
    env = get_env.__wrapped__()  # past its cache, which is for programs with one environment
    names = sorted(env.model_fields_set & Env.model_fields.keys() - {"env_files"})
    return {name.upper(): str(getattr(env, name)) for name in names}


def misspelt() -> list[str]:
    """A sentence for every name in `.env` that is no setting but looks like one."""
    names = [name for name in dotenv_values(ROOT / ".env") if name.upper() not in KNOWN]
    near = {name: get_close_matches(name.upper(), KNOWN, 1, 0.85) for name in names}
    return [f".env sets {name}, which is no setting. Is {match[0]} meant?" for name, match in near.items() if match]


def check(settings: Mapping[str, str]) -> None:
    """Raise a `LocalError` when settings that need each other are not all there."""
    missing = [name for name in ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET") if name not in settings]
    if "LIVEKIT_URL" in settings and missing:
        raise LocalError(
            f"LIVEKIT_URL is set, so {' and '.join(missing)} must be set in .env too: your LiveKit server's own."
        )


def of_site(state: State) -> dict[str, str]:
    """Django's key and the first admin, made once."""
    return {
        "SECRET_KEY": state.remember("secret_key", lambda: secrets.token_urlsafe(50)),
        "ADMIN_EMAIL": "admin@localhost",
        "ADMIN_PASSWORD": state.remember("admin_password", lambda: secrets.token_urlsafe(9)),
        "SPOOL_DIR": str(state.path / "spool"),
        "FILES_DIR": str(state.path / "files"),
    }


def sandboxed(settings: Mapping[str, str]) -> list[str]:
    """Providers the operator has none of, whom the sandbox stands in for. One language model is enough."""
    speech = [] if _given("SARVAM", settings) else ["SARVAM"]
    return speech + ([] if _language_models(settings) else list(LANGUAGE_MODELS))


def of_providers(settings: Mapping[str, str], sandbox_url: str) -> dict[str, str]:
    """Keys and addresses that lead missing providers to the sandbox; `{call_id}` is for the product to fill in."""
    made = {}
    for provider, path in SANDBOX_PATHS.items():
        if provider in sandboxed(settings):
            made[f"{provider}_API_KEY"] = SANDBOX_KEY
            made[f"{provider}_BASE_URL"] = f"{sandbox_url}/{{call_id}}/{path}"
        elif _given(provider, settings) and f"{provider}_API_KEY" not in settings:
            made[f"{provider}_API_KEY"] = "none"  # a model of one's own asks for no key, but its client library does
    return made


def child_environment(settings: Mapping[str, str], state: State) -> dict[str, str]:
    """Environment for the product: this process's, but of our settings only `settings`."""
    # A test runner names settings of its own, which are not the product's.
    others = {name: value for name, value in os.environ.items() if name.upper() not in KNOWN}
    inherited = {name: value for name, value in others.items() if name != "DJANGO_SETTINGS_MODULE"}
    path = f"{Path(sys.prefix, 'bin')}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    ours = {
        "PATH": path,
        "PYTHONUNBUFFERED": "1",
        "STATE_DIR": str(state.path),
        "ENV_FILES": str(state.path / "env"),
        processes.MARK: f"{state.mark}command",
    }
    return {**inherited, **ours, **settings}


def _language_models(settings: Mapping[str, str]) -> list[str]:
    return [provider for provider in LANGUAGE_MODELS if _given(provider, settings)]


def _given(provider: str, settings: Mapping[str, str]) -> bool:
    return f"{provider}_API_KEY" in settings or f"{provider}_BASE_URL" in settings
