"""Is it well? One answer for monitors, and one that needs nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client


@pytest.mark.django_db(transaction=True)
def test_all_is_well(client: Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json().keys() == {"status", "timestamp"}
    assert answer.json()["status"] == "healthy"
    assert datetime.now(UTC) - datetime.fromisoformat(answer.json()["timestamp"]) < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_without_redis_that_is_what_is_broken(client: Client, redis_down: None) -> None:
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unhealthy"
    assert list(answer.json()["broken"]) == ["redis"]


def test_without_the_database_that_is_what_is_broken(client: Client) -> None:
    # pytest-django refuses every connection of a test that has no mark for it.
    answer = client.get("/health")
    assert answer.status_code == 503
    assert list(answer.json()["broken"]) == ["database"]


def test_a_live_process_says_so_without_database_or_redis(client: Client, redis_down: None) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
