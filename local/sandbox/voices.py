"""Which speakers the speech models know, and what each sounds like here.

The sandbox keeps its own table, as the provider does: a product that asks for a speaker its model does not have
must be told so, not be served.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Gender = Literal["woman", "man"]

_WOMEN_V2 = ["anushka", "manisha", "vidya", "arya"]
_MEN_V2 = ["abhilash", "karun", "hitesh"]
_WOMEN_V3 = [
    "ritu",
    "pooja",
    "simran",
    "kavya",
    "ishita",
    "shreya",
    "priya",
    "neha",
    "roopa",
    "amelia",
    "sophia",
    "suhani",
    "rupali",
    "tanya",
    "shruti",
    "kavitha",
]
_MEN_V3 = [
    "shubh",
    "rahul",
    "amit",
    "ratan",
    "rohan",
    "dev",
    "manan",
    "sumit",
    "aditya",
    "kabir",
    "varun",
    "aayan",
    "ashutosh",
    "advait",
]

# Timbres that stay clear in all eleven languages, from espeak-ng's own variants.
_TIMBRES: dict[Gender, tuple[str, ...]] = {"woman": ("f2", "f3", "f5"), "man": ("m3", "m1", "m7")}


@dataclass(frozen=True)
class Voice:
    """How a speaker sounds: an espeak-ng variant, and a pitch on its scale of 0 to 100."""

    speaker: str
    gender: Gender
    timbre: str
    pitch: int


def _cast(names: list[str], gender: Gender) -> dict[str, Voice]:
    """Give each speaker of a gender a timbre and a pitch of its own, within 42 to 64 (one voice's natural range)."""
    timbres = _TIMBRES[gender]
    return {
        name: Voice(name, gender, timbres[index % len(timbres)], 42 + (index * 7) % 23)
        for index, name in enumerate(names)
    }


_V2 = _cast(_WOMEN_V2, "woman") | _cast(_MEN_V2, "man")
_V3 = _cast(_WOMEN_V3, "woman") | _cast(_MEN_V3, "man")
MODELS: dict[str, dict[str, Voice]] = {"bulbul:v2": _V2, "bulbul:v3-beta": _V3, "bulbul:v3": _V3}
DEFAULT_SPEAKERS = {"bulbul:v2": "anushka", "bulbul:v3-beta": "shubh", "bulbul:v3": "shubh"}


def find_voice(speaker: str, model: str | None = None) -> Voice | None:
    """The voice of `speaker` in `model`, or in any model when none is named; None when there is no such speaker."""
    known = MODELS.get(model, {}) if model else _V3 | _V2
    return known.get(speaker.lower())
