"""The groups that come ready made, and what an administrator makes of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from leads.groups import GROUPS

pytestmark = pytest.mark.django_db


def permissions(name: str) -> set[str]:
    found = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{each.content_type.app_label}.{each.codename}" for each in found}


def migrate() -> None:
    call_command("migrate", verbosity=0)


def test_the_first_migrate_makes_the_groups() -> None:
    assert {group.name: permissions(group.name) for group in Group.objects.all()} == GROUPS


def test_what_an_administrator_changed_stays_and_a_lost_group_comes_back() -> None:
    editors = Group.objects.get(name="Editors")
    editors.permissions.remove(Permission.objects.get(codename="add_agentprofile"))
    editors.permissions.add(Permission.objects.get(codename="view_lead"))
    Group.objects.get(name="Reviewers").delete()
    migrate()
    assert permissions("Editors") == GROUPS["Editors"] - {"agents.add_agentprofile"} | {"leads.view_lead"}
    assert permissions("Reviewers") == GROUPS["Reviewers"]


def test_a_permission_that_a_later_release_brings_is_given() -> None:
    Permission.objects.get(codename="publish_agentprofile").delete()
    assert permissions("Publishers") == permissions("Editors")
    migrate()
    assert permissions("Publishers") == GROUPS["Publishers"]
