"""A wait before an answer in plain words: how long, where it went, and what made it long. Touches no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# What the visitor hears later than the job believes: the way of the sound to the job and back, and the
# end of a voice, which the job dates too late. 0.25 to 0.3 s on an idle machine, more on a busy one;
# `make bench-waits` measures it.
HEARD_LATER = 0.25
SLOW = 2.0  # seconds from which a wait is explained; people begin to ask whether anybody is there
_WAY = "way"  # what was waited for beyond the parts that the job can measure
_LEAST = 0.05  # seconds; less is not worth a word

PARTS = {
    "endpointing": gettext_lazy("to be sure the visitor had finished"),
    "stt": gettext_lazy("to write the words down"),
    "llm": gettext_lazy("to think"),
    "tts": gettext_lazy("to start speaking"),
    "playback": gettext_lazy("to be played"),
    _WAY: gettext_lazy("on the line"),
}
BECAUSE = {
    "endpointing": gettext_lazy("slow because the agent waited for more words"),
    "stt": gettext_lazy("slow because writing the words down took long"),
    "llm": gettext_lazy("slow because thinking took long"),
    "tts": gettext_lazy("slow because the voice took long to start"),
    "playback": gettext_lazy("slow because the sound took long to be played"),
    _WAY: gettext_lazy("slow because the line or the agent's machine was slow"),
}


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds that the visitor waited; `measured` by their page, else estimated."""

    seconds: float
    measured: bool


def shown_wait(latencies: Mapping[str, float | None], heard: float | None) -> Wait | None:
    """The wait as the call page shows it; None when nothing is known of it."""
    if heard is not None:
        return Wait(heard, measured=True)
    total = latencies.get("total")
    return None if total is None else Wait(total + HEARD_LATER, measured=False)


def wait_words(latencies: Mapping[str, float | None], heard: float | None) -> str:
    """The wait before an answer in plain words; empty when nothing was measured."""
    parts = {name: seconds for name in PARTS if (seconds := latencies.get(name)) is not None}
    wait = shown_wait(latencies, heard)
    if wait is None:
        return _spelt(parts)
    parts[_WAY] = max(0.0, wait.seconds - sum(parts.values()))
    words = _("answered after %(total).1f s") if wait.measured else _("answered after %(total).1f s (estimated)")
    said = f"{words % {'total': wait.seconds}}: {_spelt(parts)}"
    if wait.seconds < SLOW:
        return said
    return f"{said}; {BECAUSE[max(parts, key=lambda name: parts[name])]}"


def _spelt(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{seconds:.1f} s {PARTS[name]}" for name, seconds in parts.items() if seconds >= _LEAST)
