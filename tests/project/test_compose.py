"""`docker-compose.yml`, the front and the units: every name in them is one that exists elsewhere."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from django.core.management import get_commands

from agents.worker.server import DRAIN_SECONDS
from deploy import first_start
from deploy.first_start import INSIDE
from vaani.celery import app
from vaani.env import ROOT, Env

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "VAANI_IMAGE" in service["image"]}
PROCESSES = re.findall(r"^(\w+):", (ROOT / "Procfile").read_text(), re.MULTILINE)


def seconds(text: str) -> int:
    """`65m`, `65min` or `90s` in seconds."""
    number, unit = re.fullmatch(r"(\d+)(s|m|min)", text).groups()  # type: ignore[union-attr]
    return int(number) * (1 if unit == "s" else 60)


def test_every_process_has_its_service() -> None:
    assert {service["command"] for service in OURS.values()} >= set(PROCESSES)
    assert [name for name in PROCESSES if SERVICES[name]["command"] != name] == []


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_one_the_image_has(name: str) -> None:
    words = OURS[name]["command"].split()
    match words:
        case [process]:
            assert process in PROCESSES
        case ["python", "manage.py", command]:
            assert command in get_commands()
        case ["python", "-m", module]:
            assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()
        case _:
            pytest.fail(f"{name} runs {words}")


@pytest.mark.parametrize("name", OURS)
def test_settings_are_ones_that_exist(name: str) -> None:
    others = {"COMPOSE_PROFILES"} if name == "first-start" else set()
    assert OURS[name]["environment"].keys() - {setting.upper() for setting in Env.model_fields} == others
    assert OURS[name]["env_file"] == [{"path": ".env", "required": False}]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_waited_for_can_come(name: str) -> None:
    for other, wish in SERVICES[name].get("depends_on", {}).items():
        waited = SERVICES[other]
        if wish["condition"] == "service_healthy":
            assert "test" in waited["healthcheck"], f"{other} is never healthy"
        elif wish["condition"] == "service_completed_successfully":
            assert "restart" not in waited, f"{other} never completes"
        assert "profiles" not in waited or wish.get("required") is False, f"{other} may not be there"


def test_it_starts_in_order_and_the_worker_stops_before_all_that_its_calls_need() -> None:
    waits = {
        name: {other: wish["condition"].removeprefix("service_") for other, wish in service["depends_on"].items()}
        for name, service in SERVICES.items()
        if "depends_on" in service
    }
    prepared = {"prepare": "completed_successfully"}
    made = {"first-start": "completed_successfully"}
    assert waits == {
        "postgres": made,
        "livekit": made,
        "prepare": {"postgres": "healthy", "redis": "healthy"},
        **dict.fromkeys(("web", "live", "chores", "leads", "beat", "watch"), prepared),
        "front": {"web": "healthy"},
        "worker": {"web": "healthy", "livekit": "healthy", "live": "started", "watch": "started", "front": "started"},
    }


class Watched:
    """Settings that remember which of them were read."""

    def __init__(self, env: Env) -> None:
        self._env = env
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.read.add(name)
        return getattr(self._env, name)


def test_livekit_starts_anew_when_its_configuration_changes() -> None:
    """`up` makes a container anew when its own text has changed, and never for a file in a volume."""
    for url in ("https://voice.example.in", "http://localhost:3000"):
        env = Watched(Env(_env_file=None, public_url=url))
        first_start.livekit_settings(cast(Env, env))
        follows = {"PUBLIC_URL" if name == "site_url" else name.upper() for name in env.read}
        assert follows <= SERVICES["livekit"]["environment"].keys()


def test_a_domain_brings_its_front() -> None:
    example = (ROOT / ".env.example").read_text()
    assert example.index("\n# PUBLIC_URL=\n") < example.index("\nCOMPOSE_PROFILES=${PUBLIC_URL:+front}\n")
    assert SERVICES["front"]["profiles"] == ["front"]
    assert {line for line in example.splitlines() if line and not line.startswith("#")} == {
        "COMPOSE_PROFILES=${PUBLIC_URL:+front}"
    }


def test_addresses_inside_are_services() -> None:
    hosts = {re.sub(r"\w+://([^:/]+).*", r"\1", url) for url in INSIDE.values()}
    assert hosts <= SERVICES.keys()
    front = (ROOT / "deploy" / "Caddyfile").read_text()
    assert set(re.findall(r"reverse_proxy (?:@\w+ )?(\w+):", front)) <= SERVICES.keys()


def test_only_the_front_and_media_are_open_to_others() -> None:
    mappings = {f"{name} {port}" for name, service in SERVICES.items() for port in service.get("ports", [])}
    assert {mapping for mapping in mappings if "127.0.0.1:" not in mapping} == {
        "front 80:80",
        "front 443:443",
        "front 443:443/udp",
        "livekit ${MEDIA_ADDRESS:+${MEDIA_ADDRESS}:}7881:7881/tcp",
        "livekit ${MEDIA_ADDRESS:+${MEDIA_ADDRESS}:}7882:7882/udp",
    }


def test_every_volume_is_declared_and_files_are_shared_by_who_needs_them() -> None:
    mounts = {
        name: {mount.split(":")[0]: mount.split(":")[1] for mount in service.get("volumes", [])}
        for name, service in SERVICES.items()
    }
    named = {source for mounted in mounts.values() for source in mounted if not source.startswith(".")}
    assert named == COMPOSE["volumes"].keys()
    assert all(mounts[name]["files"] == "/files" for name in ("web", "live", "chores", "leads", "beat"))
    assert mounts["worker"]["spool"] == "/spool"
    assert all(mounts[name]["secrets"] == "/secrets" for name in OURS)


def test_whoever_is_told_to_stop_has_the_time() -> None:
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > DRAIN_SECONDS
    assert seconds(SERVICES["livekit"]["stop_grace_period"]) > DRAIN_SECONDS
    for queue in ("live", "chores", "leads"):
        assert seconds(SERVICES[queue]["stop_grace_period"]) >= app.conf.task_time_limit
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(ROOT / "deploy" / "systemd" / "vaani@.service")
    assert unit["Service"]["KillMode"] == "mixed"
    assert seconds(unit["Service"]["TimeoutStopSec"]) > DRAIN_SECONDS


def test_livekit_gives_every_job_away_and_leaves_counting_to_us() -> None:
    settings = yaml.safe_load(Path(ROOT, "deploy", "livekit.yaml").read_text())
    assert settings["agents"]["target_load"] > 1
    published = {port.split(":")[-1].split("/")[0] for port in SERVICES["livekit"]["ports"]}
    assert {str(settings["port"]), str(settings["rtc"]["tcp_port"]), str(settings["rtc"]["udp_port"])} == published
