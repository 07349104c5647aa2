"""The groups that come ready made.

They live in the topmost app, because by its turn in `migrate` the permissions of every app are there.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.db.models import Q

_EDITORS = frozenset(
    {
        "agents.view_agentprofile",
        "agents.add_agentprofile",
        "agents.change_agentprofile",
        "calls.view_call",
    }
)
_PUBLISHERS = _EDITORS | {"agents.publish_agentprofile"}
_REVIEWERS = frozenset(
    {
        "calls.view_call",
        "calls.view_recording",
        "leads.view_lead",
        "leads.change_lead",
        "leads.export_lead",
        "leads.view_delivery",
    }
)
_OPERATORS = (
    _PUBLISHERS
    | _REVIEWERS
    | {
        "agents.view_integrationkey",
        "agents.add_integrationkey",
        "agents.change_integrationkey",
        "agents.delete_integrationkey",
        "agents.view_modelrefusal",
        "agents.delete_modelrefusal",
        "calls.view_price",
        "calls.add_price",
        "calls.change_price",
        "calls.delete_price",
        "calls.view_dailycap",
        "calls.add_dailycap",
        "calls.change_dailycap",
        "calls.delete_dailycap",
        "leads.view_endpoint",
        "leads.add_endpoint",
        "leads.change_endpoint",
        "leads.delete_endpoint",
        "leads.replay_delivery",
        "leads.view_erasure",
        "leads.add_erasure",
    }
)
GROUPS = {"Editors": _EDITORS, "Publishers": _PUBLISHERS, "Reviewers": _REVIEWERS, "Operators": _OPERATORS}

_before: set[str] = set()  # permissions there were when this process began to migrate


def remember_permissions(*, using: str, **_: Any) -> None:
    """Note which permissions are there, so that afterwards those that `migrate` made are known."""
    _before.clear()
    connection = connections[using]
    if {"auth_permission", "django_content_type"} <= set(connection.introspection.table_names()):
        _before.update(_permissions(using))


def fill_groups(*, using: str, **_: Any) -> None:
    """Make the groups that are missing, and give to the others the permissions that this `migrate` made.

    What an administrator took from a group, or added to it, stays as it is.
    """
    permissions = _permissions(using)
    for name, wanted in GROUPS.items():
        group, created = Group.objects.using(using).get_or_create(name=name)
        given = wanted if created else wanted - _before
        group.permissions.add(*(permission for label, permission in permissions.items() if label in given))


def _permissions(using: str) -> dict[str, Permission]:
    ours = Q(content_type__app_label__in=["agents", "calls", "leads"])
    found = Permission.objects.using(using).filter(ours).select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}": permission for permission in found}
