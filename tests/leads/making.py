"""Leads for tests to begin with, as calls bring them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from agents.models import AgentProfile
from calls.models import Call
from leads.models import Lead, LeadValue
from leads.sounds import refresh_sounds
from tests.factories import make_call

NUMBER = "+919845012345"
LABELS = {"name": "Name", "phone": "Phone number", "email": "E-mail", "need": "What they need", "budget": "Budget"}
KINDS = {"name": "name", "phone": "phone", "email": "email", "budget": "money"}


def make_lead(
    agent: AgentProfile,
    *,
    said: Iterable[tuple[str, str]] = (),
    call: dict[str, Any] | None = None,
    **columns: Any,
) -> Lead:
    """A lead of a finished call in which that was said, without a value."""
    held = make_call(agent, **{"status": Call.Status.SETTLED, **(call or {})})
    for number, (role, text) in enumerate(said, 1):
        held.turns.create(
            item_id=f"1.{number}",
            attempt=1,
            seq=number,
            role=role,
            text=text,
            language=held.language,
            started_at=held.created_at + timedelta(seconds=6 * number),
        )
    return Lead.objects.create(agent=agent, call=held, **columns)


def put(lead: Lead, key: str, value: str, state: str = "heard", **columns: Any) -> LeadValue:
    """A value that a machine found; `columns` say otherwise."""
    told = {"label": LABELS.get(key, key), "kind": KINDS.get(key, "text"), "found": value, **columns}
    made = lead.values.create(key=key, value=value, state=state, **told)
    refresh_sounds(Lead.objects.get(pk=lead.pk))
    return made


def age(lead: Lead, **parts: float) -> Lead:
    """Make a lead older, by `timedelta`'s arguments."""
    Lead.objects.filter(pk=lead.pk).update(created_at=lead.created_at - timedelta(**parts))
    lead.refresh_from_db()
    return lead
