"""`manage.py first_run`: the first admin and the demo agent, made once and then left alone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from agents.defaults import DEMO_ID, demo_config
from agents.models import AgentProfile
from agents.services import create_profile, publish
from vaani.env import get_env


class Command(BaseCommand):
    help = "Make the first admin (ADMIN_EMAIL, ADMIN_PASSWORD) and the demo agent, unless they exist."

    def handle(self, *args: Any, **options: Any) -> None:
        env = get_env()
        users = get_user_model().objects
        if env.admin_password and not users.filter(is_superuser=True).exists():
            users.create_superuser(username=env.admin_email, email=env.admin_email, password=env.admin_password)
            self.stdout.write(f"Made the admin {env.admin_email}.")
        if not AgentProfile.objects.exists():
            profile = create_profile(demo_config(), source=AgentProfile.Source.ADMIN, is_default=True)
            publish(profile, author=None, author_name="Vaani", note="The demonstration")
            self.stdout.write(f"Made the agent {DEMO_ID}.")
