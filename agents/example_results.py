"""How examples came out, in words for staff. Reads what is loaded already and asks the database nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents.example_runs import RUNS, State, Verdict
from agents.languages import LANGUAGES
from agents.models import Example, ExampleRun

Status = ExampleRun.Status

COLOURS: dict[Any, str] = {
    State.PASSES: "success",
    State.FAILS: "danger",
    State.UNFINISHED: "warning",
    State.RUNNING: "info",
    Status.PASSED: "success",
    Status.FAILED: "danger",
    Status.UNFINISHED: "warning",
    Status.RUNNING: "info",
}
STATES = {
    State.NOT_RUN: gettext_lazy("Not run"),
    State.RUNNING: gettext_lazy("Running"),
    State.PASSES: gettext_lazy("Passes"),
    State.FAILS: gettext_lazy("Fails"),
    State.UNFINISHED: gettext_lazy("Could not finish"),
}
TOOLS = dict(Example.Tool.choices)
TROUBLES = {
    "no_model": gettext_lazy("No language model answered."),
    "broke_off": gettext_lazy("The language model broke off in the middle of a reply."),
    "too_long": gettext_lazy("It took too long."),
    "language": gettext_lazy("The draft does not speak this language."),
    "failed": gettext_lazy("Something failed on our side."),
    "lost": gettext_lazy("Nobody took it up, or it was stopped. Run the examples again."),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One run: its status and, once it is over, what was wrong and what was said."""

    run: ExampleRun
    status: str
    words: str
    colour: str
    faults: list[str]
    steps: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """An example with what it asks for and its runs."""

    example: Example
    state: State
    words: str
    colour: str
    language: str
    wanted: list[str]
    cells: list[Cell]

    @property
    def stamp(self) -> str:
        """Changes whenever the row would look different."""
        return " ".join([self.state.value, *(cell.status for cell in self.cells)])


def rows_of(found: Iterable[Verdict]) -> list[Row]:
    """The table of the examples' page."""
    return [
        Row(
            example=verdict.example,
            state=verdict.state,
            words=str(STATES[verdict.state]),
            colour=COLOURS.get(verdict.state, "default"),
            language=_language(verdict.example.language),
            wanted=_wanted(verdict.example),
            cells=[_cell(verdict.example, run) for run in verdict.runs],
        )
        for verdict in found
    ]


def progress_words(rows: Iterable[Row]) -> str:
    """How far the runs under way have come; empty when none is."""
    going = [row for row in rows if row.state is State.RUNNING]
    if not going:
        return ""
    over = sum(cell.status not in (Status.QUEUED, Status.RUNNING) for row in going for cell in row.cells)
    return _("Running: %(over)s of %(all)s conversations are over.") % {"over": over, "all": RUNS * len(going)}


def summary(found: Iterable[Verdict]) -> str:
    """How the examples stand with the draft, in one line; empty when there are none."""
    states = Counter(verdict.state for verdict in found)
    total = states.total()
    if not total:
        return ""
    if states[State.PASSES] == total:
        words = ngettext(
            "%(count)s example, which passes on this draft", "%(count)s examples, all pass on this draft", total
        )
        return words % {"count": total}
    count = ngettext("%(count)s example", "%(count)s examples", total) % {"count": total}
    parts = [_state_words(state, states[state]) for state in State if states[state]]
    return f"{count}: {', '.join(parts)}"


def names(examples: Iterable[Example]) -> str:
    """Examples by their names, as in a sentence."""
    return ", ".join(f"“{example}”" for example in examples)


def _state_words(state: State, count: int) -> str:
    match state:
        case State.NOT_RUN:
            words = ngettext("%(count)s not run on this draft", "%(count)s not run on this draft", count)
        case State.RUNNING:
            words = ngettext("%(count)s running", "%(count)s running", count)
        case State.PASSES:
            words = ngettext("%(count)s passes", "%(count)s pass", count)
        case State.FAILS:
            words = ngettext("%(count)s fails", "%(count)s fail", count)
        case State.UNFINISHED:
            words = ngettext("%(count)s could not finish", "%(count)s could not finish", count)
    return words % {"count": count}


def _wanted(example: Example) -> list[str]:
    wanted = [_("Says: “%(words)s”") % {"words": phrase} for phrase in example.says]
    wanted += [_("Never says: “%(words)s”") % {"words": phrase} for phrase in example.never_says]
    if example.tool:
        wanted.append(_tool_words(example))
    if example.keeps_language:
        wanted.append(_("Keeps to %(language)s") % {"language": _language(example.language)})
    return wanted


def _tool_words(example: Example) -> str:
    """The tool and its values, as `Save the details: phone = 9876543210`."""
    values = ", ".join(f"{name} = {value}" for name, value in example.tool_values.items())
    tool = str(example.get_tool_display())
    return f"{tool}: {values}" if values else tool


def _cell(example: Example, run: ExampleRun) -> Cell:
    status = Status.UNFINISHED if run.is_lost else Status(run.status)
    trouble = "lost" if run.is_lost else run.trouble
    if trouble:
        faults = [f"{TROUBLES.get(trouble, trouble)} {run.detail}".strip()]
    else:
        faults = [_fault_words(example, fault) for fault in run.faults]
    steps = [step | {"tool": TOOLS.get(step["tool"], step["tool"])} if "tool" in step else step for step in run.steps]
    return Cell(run, status, str(status.label), COLOURS.get(status, "default"), faults, steps)


def _fault_words(example: Example, fault: dict[str, str]) -> str:
    match fault["kind"]:
        case "says":
            words = _("Never said: “%(what)s”")
        case "never_says":
            words = _("Said what it must not: “%(what)s”")
        case "tool":
            return _("Did not do: %(what)s") % {"what": _tool_words(example)}
        case _:
            words = _("Not in %(language)s: “%(what)s”")
    return words % {"what": fault["what"], "language": _language(example.language)}


def _language(code: str) -> str:
    return LANGUAGES[code].name if code in LANGUAGES else code
