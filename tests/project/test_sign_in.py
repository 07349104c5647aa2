"""Guessing a password is stopped for the address that guesses, and nobody else is kept out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

pytestmark = pytest.mark.django_db

ADDRESS, RIGHT = "/admin/login/", "a good one 123"
GUESSER, ELSEWHERE = "2001:db8:1:2::1", "2001:db8:9:9::1"


def sign_in(address: str, password: str = RIGHT, user: str = "meera") -> int:
    client = Client(REMOTE_ADDR=address)
    return client.post(ADDRESS, {"username": user, "password": password}).status_code


@pytest.fixture(autouse=True)
def guessed() -> None:
    """Somebody has tried a dozen passwords, from ever another address of one household."""
    for user in ("meera", "ravi"):
        User.objects.create_superuser(user, password=RIGHT)
    answers = [sign_in(f"2001:db8:1:2::{n:x}", f"guess {n}") for n in range(1, 13)]
    assert answers == [200] * 7 + [429] * 5


def test_the_right_one_comes_too_late_and_the_page_says_what_to_do() -> None:
    answer = Client(REMOTE_ADDR=GUESSER).post(ADDRESS, {"username": "meera", "password": RIGHT})
    assert answer.status_code == 429
    assert "in 15 minutes" in answer.content.decode()


def test_she_may_sign_in_from_elsewhere_and_others_from_there() -> None:
    assert sign_in(ELSEWHERE) == 302
    assert sign_in(GUESSER, user="ravi") == 302


def test_it_is_over_in_15_minutes_or_when_the_operator_says_so() -> None:
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=16))
    assert sign_in(GUESSER) == 302
    for n in range(9):
        sign_in(GUESSER, f"guess {n}")
    assert sign_in(GUESSER) == 429
    call_command("axes_reset_username", "meera")
    assert sign_in(GUESSER) == 302


def test_no_guess_is_kept() -> None:
    assert not any("guess" in str(value) for row in AccessAttempt.objects.values() for value in row.values())
