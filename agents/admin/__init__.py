"""The admin of agents, of users, and of the keys other programs use."""

from __future__ import annotations

from agents.admin import keys, people, profiles

__all__ = ["keys", "people", "profiles"]
