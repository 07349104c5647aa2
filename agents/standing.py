"""How a model stands with its provider today, for people to read."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.catalogue import MODELS, serving

SOON = timedelta(days=30)


class State(StrEnum):
    SERVED = "served"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a model stands; `successor` is what calls use, or will use, in its place; empty when there is none."""

    name: str
    state: State
    successor: str = ""
    ends_on: date | None = None

    @property
    def words(self) -> str:
        """One sentence on anything that is not as it should be; empty for a model in good standing."""
        names = {"model": self.name, "successor": self.successor}
        when = date_format(self.ends_on, "j F Y") if self.ends_on else ""
        match self.state:
            case State.REFUSED if self.successor:
                return _("%(model)s is refused by its provider; calls use %(successor)s.") % names
            case State.REFUSED:
                return _("%(model)s is refused by its provider, and nothing follows it.") % names
            case State.ENDED:
                return _("%(model)s ended on %(when)s; calls use %(successor)s.") % {**names, "when": when}
            case State.ENDING:
                return _("%(model)s ends on %(when)s; from then on calls use %(successor)s.") % {**names, "when": when}
            case State.UNKNOWN:
                return _("%(model)s is not in our list; calls will try it as it is written.") % names
            case State.SERVED:
                return ""


def standing(name: str, today: date, refused: Container[str] = ()) -> Standing:
    """How the model called `name` stands on the day `today`."""
    model = MODELS.get(name)
    successor = serving(name, today, refused)
    if name in refused:
        return Standing(name, State.REFUSED, successor if successor != name else "")
    if model is None:
        return Standing(name, State.UNKNOWN, successor)
    if model.ends_on is None or model.ends_on > today + SOON:
        return Standing(name, State.SERVED, successor)
    if model.ends_on > today:
        return Standing(name, State.ENDING, serving(model.successor, today, refused), model.ends_on)
    return Standing(name, State.ENDED, successor, model.ends_on)
