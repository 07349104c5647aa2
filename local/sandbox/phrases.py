"""What the receptionist says, and the words it knows, in each language.

The words themselves are in `phrases_north` and `phrases_south`, plain catalogues that a native speaker can correct.
"""

from __future__ import annotations

from functools import cache

from local.sandbox import phrases_north, phrases_south
from local.sandbox.wording import Phrases, words

DEFAULT_LANGUAGE = "hi-IN"
CATALOGUE: dict[str, Phrases] = phrases_north.PHRASES | phrases_south.PHRASES


def phrases(language: str) -> Phrases:
    """The catalogue of a BCP-47 language; the default's for one we have none of."""
    return CATALOGUE.get(language) or CATALOGUE[DEFAULT_LANGUAGE]


@cache
def every_word(kind: str) -> frozenset[str]:
    """All languages' words of a kind (`yes`, `no`, `bye`, `thanks`, `hello`, `name_frame`): callers mix languages."""
    return frozenset(word for each in CATALOGUE.values() for word in words(getattr(each, kind)))
