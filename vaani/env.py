"""The typed environment: the only reader of environment variables.

Django's settings, the worker, its jobs and `local` all read their settings here, so this module
imports no Django. Values come, weakest first, from the files named in `ENV_FILES` (by default
`.data/env`, which `make run` writes, then `.env`, which the operator writes) and from the process's
environment. An empty value counts as unset.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_ENV_FILES = ".data/env:.env"
SANDBOX_KEY = "sandbox"  # the key that stands for "this provider is the sandbox of local/"

SARVAM_URL = "https://api.sarvam.ai"
GROQ_URL = "https://api.groq.com/openai/v1"
OPENAI_URL = "https://api.openai.com/v1"

Provider = Literal["sarvam", "groq", "openai"]

_SECRETS = (
    "livekit_api_secret", "sarvam_api_key", "groq_api_key", "openai_api_key", "n8n_webhook_secret", "secret_key",
    "admin_password", "s3_secret_key", "metrics_token", "sentry_dsn",
)  # fmt: skip


def _items(text: str) -> list[str]:
    """What stands between the commas."""
    return [item.strip() for item in text.split(",") if item.strip()]


def _who_thinks(settings: dict[str, Any]) -> Literal["groq", "openai"]:
    """The language model provider whose key is set; Groq, when both or none are."""
    return "openai" if settings.get("openai_api_key") and not settings.get("groq_api_key") else "groq"


def reached_at(address: str) -> str:
    """Where this machine reaches a server of its own that listens at `address`, which may stand for all it has."""
    return "127.0.0.1" if ip_address(address).is_unspecified else address


class EnvError(SystemExit):
    """The environment is wrong. Prints every fault, one a line, and ends the program with status 1."""


class Env(BaseSettings):
    """Every setting of the product, validated. Field descriptions become `.env.example`."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", case_sensitive=False)

    # Where it is reached
    public_url: str = Field(
        "",
        description="Address people open, such as https://voice.example.in. Decides allowed hosts, origins and links. Empty: http://localhost:WEB_PORT",
    )
    trusted_proxies: str = Field(
        "",
        description="Networks of the proxies in front of the web server, as 10.0.0.0/8,fd00::/8: what they forward of a visitor's address and of https is believed. Empty: this machine when PUBLIC_URL is https, else none",
    )
    web_address: str = Field(
        "127.0.0.1",
        description="Address of this machine that the web server listens at. 0.0.0.0 is all, for workers and proxies on other machines",
    )
    web_port: int = Field(3000, ge=1, le=65535, description="Port of the web server")
    web_server_url: str = Field(
        "",
        description="Where the worker reaches the web server, which must be told the same unless it is PUBLIC_URL. Empty: http://WEB_ADDRESS:WEB_PORT",
    )

    # What it stands on
    database_url: str = Field(
        "postgresql://vaani@127.0.0.1:5432/vaani",
        description="Postgres, as a URL. `make run` starts its own when this is unset",
    )
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0", description="Redis, as a URL. `make run` starts its own when this is unset"
    )
    livekit_url: str = Field(
        "ws://127.0.0.1:7880", description="LiveKit server, as the web server and the worker reach it"
    )
    livekit_public_url: str = Field("", description="LiveKit server, as browsers reach it. Empty: LIVEKIT_URL")
    livekit_node_ip: str = Field(
        "",
        description="docker compose only: IPv4 address at which visitors reach LiveKit's media ports. Empty: LiveKit asks on the internet",
    )
    livekit_api_key: str = Field("", description="LiveKit API key")
    livekit_api_secret: str = Field("", description="LiveKit API secret, 32 characters or more")

    # Providers
    sarvam_api_key: str = Field(
        "", description="Sarvam key, for speech. Empty under `make run`: the sandbox speaks instead"
    )
    groq_api_key: str = Field("", description="Groq key, for the language model")
    openai_api_key: str = Field("", description="OpenAI key, for the language model")
    llm_provider: Literal["groq", "openai"] = Field(
        default_factory=_who_thinks,
        description="Language model provider of agents that choose none: groq or openai. Empty: the one whose key is set; groq with both",
    )
    llm_model: str = Field(
        "",
        description="Language model of agents that choose none. Empty: the provider's default in agents/catalogue.py",
    )
    sarvam_base_url: str = Field(SARVAM_URL, description="Another address for Sarvam (a gateway). May hold {call_id}")
    groq_base_url: str = Field(GROQ_URL, description="Another address for Groq. May hold {call_id}")
    openai_base_url: str = Field(
        OPENAI_URL, description="Another address for OpenAI, such as a local model. May hold {call_id}"
    )

    # Defaults of new agents
    default_language: str = Field("hi-IN", description="Language of new agents, as BCP-47")
    default_voice: str = Field("arya", description="Voice of new agents")

    # n8n
    n8n_base_url: str = Field("", description="n8n, such as http://n8n:5678. Empty: not used")
    n8n_webhook_agent_config: str = Field("/webhook/agent-config", description="Path of n8n's agent profile webhook")
    n8n_webhook_lead_capture: str = Field("/webhook/lead-capture", description="Path of n8n's lead webhook")
    n8n_webhook_secret: str = Field(
        "",
        description="What leads sent to n8n are signed with: 32 to 64 letters and digits. Empty: one is made, and shown in the admin under Endpoints",
    )
    n8n_webhook_header: str = Field(
        "",
        description="A header sent to n8n with every lead, as `Name: value`, for a webhook with header authentication",
    )

    # What it may reach
    outgoing_allow: str = Field(
        "",
        description="Private networks that addresses typed in the admin may be in, as 10.0.0.0/8,fd00::/8. Addresses set here are never refused",
    )

    # The site
    secret_key: str = Field(
        "",
        description="What sessions are signed and secrets in the database encrypted with: 50 characters or more. `make run` and docker compose make one",
    )
    secret_key_fallbacks: str = Field(
        "",
        description="Earlier SECRET_KEYs, comma between: what they signed and encrypted is still read. After a change run manage.py rotate_secrets, and empty it a day later: who was erased is then not found by the receipts of before",
    )
    admin_email: str = Field("admin@localhost", description="User name of the first admin")
    admin_password: str = Field("", description="Password of the first admin. `make run` makes one and prints it")
    time_zone: str = Field("Asia/Kolkata", description="Time zone of the admin's clock")
    debug: bool = Field(False, description="Django's debug pages. Never on a public machine")

    # The worker
    worker_slots: int = Field(8, ge=1, le=200, description="Calls one worker takes at the same time")
    worker_id: str = Field("", description="Name of this worker. Empty: its machine and process")
    spool_dir: Path = Field(Path(".data/spool"), description="Folder of the worker's journal of turns not yet stored")

    # Files: recordings and exports
    files_dir: Path = Field(
        Path(".data/files"), description="Folder of recordings and exports, the same for web and Celery. Unused with S3"
    )
    s3_bucket: str = Field("", description="S3 bucket for recordings and exports, instead of FILES_DIR")
    s3_endpoint_url: str = Field("", description="S3 server that is not Amazon's")
    s3_region: str = Field("ap-south-1", description="S3 region")
    s3_access_key: str = Field("", description="S3 access key")
    s3_secret_key: str = Field("", description="S3 secret key")

    # Privacy
    kept_at_least_days: int = Field(
        0,
        ge=0,
        description="Days that the law wants a person's data kept before their wish to be erased is carried out; it is locked until then",
    )

    # Limits
    sarvam_stt_sockets: int = Field(
        20,
        ge=0,
        description="Calls that Sarvam hears at the same time, by your plan there. Typed calls take none. 0: no limit",
    )
    max_calls: int = Field(
        0, ge=0, description="Calls of visitors at the same time, over all agents. 0: as many as the workers take"
    )
    starts_per_minute: int = Field(
        30,
        ge=1,
        description="Calls one address may ask for in a minute; an IPv6 address counts by its /64. A whole town may share one IPv4 address, so leave it wide: MAX_CALLS and an agent's own limits bound what calls cost",
    )
    callbacks_per_minute: int = Field(
        30, ge=1, description="Call-back requests one address may send in a minute; more are refused for a minute"
    )

    # Watching over it
    metrics_token: str = Field(
        "",
        description="What Prometheus sends as its bearer to read /metrics: 16 characters or more. Empty: there is no /metrics",
    )
    sentry_dsn: str = Field(
        "", description="Sentry's address for faults of this installation. Empty: nothing is sent anywhere"
    )

    # Reading these settings
    env_files: str = Field(
        DEFAULT_ENV_FILES, description="Files these settings are read from, colon between, strongest last"
    )
    database_pool: bool = Field(
        False, description="Keep a pool of database connections; the web server sets it for itself"
    )
    hashed_assets: bool = Field(
        False,
        description="Serve scripts and styles as collectstatic has collected them, compressed and under names that change with them; the image sets it",
    )

    @field_validator("livekit_api_secret")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("must be 32 characters or more; make one with: openssl rand -hex 32")
        return value

    @field_validator(
        "public_url",
        "web_server_url",
        "n8n_base_url",
        "s3_endpoint_url",
        "sarvam_base_url",
        "groq_base_url",
        "openai_base_url",
    )
    @classmethod
    def _http_address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("metrics_token")
    @classmethod
    def _hard_to_guess(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("must have 16 characters or more; make one with: openssl rand -hex 16")
        return value

    @field_validator("n8n_webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: str) -> str:
        if value and not re.fullmatch("[A-Za-z0-9]{32,64}", value):
            raise ValueError("must be 32 to 64 letters and digits; make one with: openssl rand -hex 16")
        return value

    @field_validator("n8n_webhook_header")
    @classmethod
    def _header(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9-]+:[\x20-\x7e]*[\x21-\x7e]", value):
            raise ValueError("must look like Name: value")
        return value

    @field_validator("outgoing_allow", "trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for network in _items(value):
            ip_network(network)  # its own ValueError says what is wrong
        return value

    @field_validator("web_address", "livekit_node_ip")
    @classmethod
    def _ipv4(cls, value: str) -> str:
        if value:
            IPv4Address(value)  # its own ValueError says what is wrong
        return value

    @field_validator("livekit_url", "livekit_public_url")
    @classmethod
    def _socket_address(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("ws", "wss"):
            raise ValueError("must start with ws:// or wss://")
        return value.rstrip("/")

    @property
    def site_url(self) -> str:
        """Address that people open, without a trailing slash."""
        return self.public_url or f"http://localhost:{self.web_port}"

    @property
    def worker_web_url(self) -> str:
        """Address at which the worker reaches the web server, without a trailing slash."""
        return self.web_server_url or f"http://{reached_at(self.web_address)}:{self.web_port}"

    @property
    def browser_livekit_url(self) -> str:
        """LiveKit's address as browsers are told."""
        return self.livekit_public_url or self.livekit_url

    @property
    def spool_path(self) -> Path:
        """Absolute folder of the worker's journal."""
        return self.spool_dir if self.spool_dir.is_absolute() else ROOT / self.spool_dir

    @property
    def files_path(self) -> Path:
        """Absolute folder of recordings and exports."""
        return self.files_dir if self.files_dir.is_absolute() else ROOT / self.files_dir

    def provider_key(self, provider: Provider) -> str:
        """Key of `provider`; empty when none is set."""
        return {"sarvam": self.sarvam_api_key, "groq": self.groq_api_key, "openai": self.openai_api_key}[provider]

    def provider_url(self, provider: Provider, call_id: str = "none") -> str:
        """Base address of `provider` with `{call_id}` filled in."""
        template = {"sarvam": self.sarvam_base_url, "groq": self.groq_base_url, "openai": self.openai_base_url}[
            provider
        ]
        return template.replace("{call_id}", call_id)

    @property
    def secrets(self) -> set[str]:
        """Every value that nobody may read in a log, and that is long enough to be told from other words."""
        values = {getattr(self, name) for name in _SECRETS}
        values |= {unquote(urlsplit(url).password or "") for url in (self.database_url, self.redis_url)}
        values |= set(self.earlier_secret_keys)
        values.add(self.n8n_webhook_header.partition(":")[2].strip())
        return {value for value in values if len(value) >= 8}

    @property
    def allowed_networks(self) -> list[IPv4Network | IPv6Network]:
        """Networks of `OUTGOING_ALLOW`."""
        return [ip_network(network) for network in _items(self.outgoing_allow)]

    @property
    def proxies(self) -> list[IPv4Network | IPv6Network]:
        """Networks whose forwarded headers are believed. Https is made by a proxy, which most often runs beside us."""
        of_this_machine = ["127.0.0.0/8", "::1/128"] if self.site_url.startswith("https:") else []
        return [ip_network(network) for network in _items(self.trusted_proxies) or of_this_machine]

    @property
    def earlier_secret_keys(self) -> list[str]:
        """Keys of `SECRET_KEY_FALLBACKS`."""
        return _items(self.secret_key_fallbacks)

    @property
    def sandboxed(self) -> list[Provider]:
        """Providers that the sandbox of `local/` stands in for."""
        providers: tuple[Provider, ...] = ("sarvam", "groq", "openai")
        return [provider for provider in providers if self.provider_key(provider) == SANDBOX_KEY]


@lru_cache
def get_env() -> Env:
    """Read the environment once. Raises `EnvError` naming every wrong variable."""
    files = [ROOT / name for name in os.environ.get("ENV_FILES", DEFAULT_ENV_FILES).split(":") if name]
    try:
        return Env(_env_file=files, _env_file_encoding="utf-8")
    except ValidationError as error:
        faults = [
            f"  {'.'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}" for fault in error.errors()
        ]
        raise EnvError("These settings are wrong (environment or .env):\n" + "\n".join(faults)) from error


_OF_COMPOSE = """\
# docker compose only: what it starts besides. A domain in PUBLIC_URL, above this line, brings its https front. Empty this where
# a proxy of your own makes https; add n8n after a comma
COMPOSE_PROFILES=${PUBLIC_URL:+front}

# docker compose only: address of this machine that takes visitors' media. Empty: all. 127.0.0.1 where nobody comes from outside
# MEDIA_ADDRESS=
"""


def env_example() -> str:
    """Text of `.env.example`: every setting with its meaning and default, commented out."""
    lines = [
        "# Settings of Vaani. Copy to .env and set what you need; everything has a default.",
        "# Written by `make env-example` from vaani/env.py.",
        "",
    ]
    for name, field in Env.model_fields.items():
        default = "" if field.default is None or field.default_factory else field.default
        default = str(default).lower() if isinstance(default, bool) else default
        lines += [f"# {field.description}", f"# {name.upper()}={default}", ""]
        if name == "public_url":
            lines += [_OF_COMPOSE]
    return "\n".join(lines)
