"""One person, however many calls: the values that stand for a lead and those that joined it."""

from __future__ import annotations

from collections.abc import Iterable

from leads.models import Lead, LeadValue

_WEIGHT = {
    LeadValue.State.STAFF: 3,
    LeadValue.State.TYPED: 2,
    LeadValue.State.CONFIRMED: 1,
    LeadValue.State.HEARD: 1,
    LeadValue.State.INFERRED: 0,
}


def family(lead: Lead) -> list[Lead]:
    """The lead and those that joined it, oldest first. Two queries, none when `joined` and its `values` are prefetched."""
    return sorted([lead, *lead.joined.all()], key=lambda each: (each.created_at, each.pk))


def values_of(lead: Lead) -> list[LeadValue]:
    """The values that stand for the lead and those that joined it."""
    return standing(family(lead))


def standing(leads: Iterable[Lead]) -> list[LeadValue]:
    """Of leads of one person, oldest first, one value a key, in the order in which they were first found out.

    What staff entered stands before what the visitor typed, and that before what was heard; of two that weigh the same,
    the later call's stands. What staff rejected never stands while there is another. Each value's `lead` is the one
    whose call it came from.
    """
    found: dict[str, LeadValue] = {}
    for each in leads:
        for value in each.values.all():
            value.lead = each
            held = found.get(value.key)
            if held is None or _rank(value) >= _rank(held):
                found[value.key] = value
    return list(found.values())


def _rank(value: LeadValue) -> tuple[bool, int]:
    return value.verdict != LeadValue.Verdict.REJECTED, _WEIGHT[LeadValue.State(value.state)]
