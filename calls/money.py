"""What calls cost: their usage by the prices of their day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce, Now, TruncDate
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from calls.models import Call, Price, Unit, UsageLine

# How much of a unit a price is for, as providers' own lists name it.
PRICED_BY = {
    Unit.STT_SECONDS: 3600,
    Unit.TTS_CHARACTERS: 10_000,
    Unit.LLM_INPUT: 1_000_000,
    Unit.LLM_CACHED_INPUT: 1_000_000,
    Unit.LLM_OUTPUT: 1_000_000,
}


@dataclass(slots=True)
class Cost:
    """Rupees, and the models used that have no price: the true cost is higher by theirs."""

    rupees: Decimal = Decimal(0)
    unpriced: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        if not self.unpriced:
            return f"₹{self.rupees:.2f}"
        models = ", ".join(sorted(self.unpriced))
        if not self.rupees:
            return _("no price for %(models)s") % {"models": models}
        return _("₹%(rupees).2f, and no price for %(models)s") % {"rupees": self.rupees, "models": models}


class Prices:
    """Every price there is, read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[tuple[date, Decimal]]] = defaultdict(list)
        for price in Price.objects.order_by("-since"):
            self._known[price.model, price.unit].append((price.since, price.rupees))

    def add(self, cost: Cost, model: str, unit: str, amount: float, day: date) -> None:
        """Add to `cost` what `amount` of a model cost on a day."""
        rupees = self._on(model, unit, day)
        if rupees is None and unit == Unit.LLM_CACHED_INPUT:
            rupees = self._on(model, Unit.LLM_INPUT, day)  # a cache that has no price of its own saves nothing
        if rupees is None:
            cost.unpriced.add(model)
        else:
            cost.rupees += rupees * Decimal(str(amount)) / PRICED_BY[Unit(unit)]

    def _on(self, model: str, unit: str, day: date) -> Decimal | None:
        return next((rupees for since, rupees in self._known.get((model, unit), []) if since <= day), None)


def call_cost(call: Call) -> Cost:
    """What a call has cost so far, all attempts together."""
    return _cost(call.usage.all(), localdate(call.created_at))


def usage_words(call: Call) -> str:
    """What a call has used, model by model."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for line in call.usage.all():
        sums[line.model, line.unit] += line.amount
    return "; ".join(f"{model}: {amount:,.0f} {Unit(unit).label}" for (model, unit), amount in sorted(sums.items()))


@dataclass(slots=True)
class DayRow:
    """Calls of one agent on one day of the site's clock; trials and the like are among them."""

    day: date
    agent: str
    calls: int = 0
    talked: timedelta = timedelta()
    cost: Cost = field(default_factory=Cost)

    @property
    def minutes(self) -> int:
        return round(self.talked.total_seconds() / 60)


def daily(since: date) -> list[DayRow]:
    """Per day and agent from `since` on, the newest day first. Three queries."""
    calls = Call.objects.annotate(day=TruncDate("created_at")).filter(day__gte=since).order_by()
    rows = {
        (row["day"], row["agent"]): DayRow(row["day"], row["agent__name"], row["calls"], row["talked"] or timedelta())
        for row in calls.values("day", "agent", "agent__name").annotate(
            calls=Count("pk"), talked=Sum(Coalesce("ended_at", Now()) - F("answered_at"))
        )
    }
    prices = Prices()
    used = UsageLine.objects.annotate(day=TruncDate("call__created_at")).filter(day__gte=since).order_by()
    for line in used.values("day", "call__agent", "model", "unit").annotate(sum=Sum("amount")):
        row = rows[line["day"], line["call__agent"]]
        prices.add(row.cost, line["model"], line["unit"], line["sum"], line["day"])
    return sorted(rows.values(), key=lambda row: (-row.day.toordinal(), row.agent))


def spent(calls_since: datetime, agent_pk: int | None) -> tuple[timedelta, Decimal]:
    """Time talked and rupees spent in visitors' calls that began since then, of one agent or of all."""
    calls = Call.objects.filter(kind=Call.Kind.VISITOR, created_at__gte=calls_since).order_by()
    if agent_pk is not None:
        calls = calls.filter(agent=agent_pk)
    talked = calls.aggregate(talked=Sum(Coalesce("ended_at", Now()) - F("answered_at")))["talked"]
    return talked or timedelta(), _cost(UsageLine.objects.filter(call__in=calls), localdate(calls_since)).rupees


def _cost(lines: Iterable[UsageLine], day: date) -> Cost:
    cost, prices = Cost(), Prices()
    for line in lines:
        prices.add(cost, line.model, line.unit, line.amount, day)
    return cost
