"""A check and its result, and how checks are gone through: in order, each in its time, none because another failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.db import connections

from vaani.masking import masked

State = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, in a sentence, and what to do about it when it is not well."""

    state: State
    found: str
    remedy: str = ""


def ok(found: str) -> Result:
    return Result("ok", found)


def warning(found: str, remedy: str) -> Result:
    return Result("warning", found, remedy)


def failed(found: str, remedy: str) -> Result:
    return Result("failed", found, remedy)


def skipped(found: str) -> Result:
    return Result("skipped", found)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. Nothing is found of it while one of `needs` has failed. Takes `seconds` at most."""

    name: str
    look: Callable[[], Result]
    needs: tuple[str, ...] = ()
    seconds: float = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, and how long it took in seconds."""

    name: str
    result: Result
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """As `doctor --json` writes it: check, state, found, remedy, seconds."""
        return {"check": self.name, **asdict(self.result), "seconds": round(self.seconds, 2)}


def chosen(checks: Iterable[Check], names: Iterable[str]) -> list[Check]:
    """Those of `names` and what they need, in the order of `checks`; all without a name. Raises `KeyError`."""
    known = {check.name: check for check in checks}
    wanted: set[str] = set()
    asked = list(names) or list(known)
    while asked:
        name = asked.pop()
        wanted.add(name)
        asked += [need for need in known[name].needs if need not in wanted]
    return [check for check in known.values() if check.name in wanted]


def go_through(checks: Iterable[Check]) -> Iterator[Finding]:
    """Look at everything, in order, and give each finding as soon as it is there."""
    states: dict[str, State] = {}
    for check in checks:
        began = time.monotonic()
        missing = [need for need in check.needs if states.get(need) in ("failed", "skipped")]
        result = skipped(f"Cannot be told before this is well: {', '.join(missing)}.") if missing else _look(check)
        states[check.name] = result.state
        yield Finding(check.name, result, time.monotonic() - began)


def _look(check: Check) -> Result:
    """The check's result, or that it took too long. What hangs is left behind in its thread."""
    results: list[Result] = []

    def look() -> None:
        try:
            results.append(check.look())
        except Exception as error:
            fault = str(masked(f"{type(error).__name__}: {error}")).strip().partition("\n")[0][:300]
            results.append(failed(f"This could not be looked at: {fault}", "See what the fault names."))
        finally:
            connections.close_all()

    thread = threading.Thread(target=look, name=f"doctor-{check.name}", daemon=True)
    thread.start()
    thread.join(check.seconds)
    if results:
        return results[0]
    return failed(
        f"No answer within {check.seconds:g} s.",
        "Something takes the question and never answers: a firewall, or a server that hangs.",
    )
