"""`manage.py first_run`: the first admin and the demo agent, once."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from agents.models import AgentProfile
from agents.published import published_agent
from tests.conftest import SetEnv

pytestmark = pytest.mark.django_db


def first_run() -> str:
    out = StringIO()
    call_command("first_run", stdout=out)
    return out.getvalue()


def test_the_first_time_it_makes_an_admin_and_the_demo_agent(set_env: SetEnv) -> None:
    set_env(admin_email="meera@x.in", admin_password="open-sesame-1")
    told = first_run()
    admin = User.objects.get()
    assert (admin.username, admin.is_superuser, admin.check_password("open-sesame-1")) == ("meera@x.in", True, True)
    assert "meera@x.in" in told
    assert "open-sesame-1" not in told
    assert AgentProfile.objects.get().is_default
    assert published_agent("demo")


def test_later_it_leaves_everything_as_it_is(set_env: SetEnv) -> None:
    set_env(admin_password="open-sesame-1")
    first_run()
    User.objects.update(username="renamed")
    AgentProfile.objects.update(agent_id="ours")
    set_env(admin_password="another-pass-2", admin_email="other@x.in")
    assert first_run() == ""
    assert User.objects.get().check_password("open-sesame-1")
    assert AgentProfile.objects.get().agent_id == "ours"


def test_without_a_password_there_is_no_admin(set_env: SetEnv) -> None:
    set_env(admin_password="")
    first_run()
    assert not User.objects.exists()
    assert AgentProfile.objects.exists()
