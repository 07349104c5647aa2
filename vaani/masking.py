"""The last guard before anything leaves a process: what looks like a phone number or a secret is not written.

Nothing logs such things on purpose; an error of a library may still quote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from vaani.env import Env, get_env

# A mobile number of India is known by its shape, so it is seen beside other words and in addresses too, also in two halves.
# What a UUID ends with is none, nor is a fraction.
_MOBILE = re.compile(
    r"(?<![^\W_])(?<!\d\.)(?<![\da-f]{4}-)(?:(?:\+|%2B|00)?91(?:[ ._+-]|%20)?|0)?"
    r"[6-9]\d{4}(?:[ .+-]|%20)?\d{3}(\d\d)(?![^\W_]|[.-]\d)"
)
# Ten digits or more, in any script, with what people put between them. Not a part of an id, a date or a fraction, nor
# a moment in seconds or milliseconds since 1970: those begin with 1, which no number of ten digits does.
_PHONE = re.compile(
    r"(?<![\w.-])(?!\d{4}-\d\d-\d\d)(?!1\d{9}(?:\d{3})?(?!\d))"
    r"\+?\(?\d(?:[ ()\u00a0-]{0,2}\d){7,12}[ ()\u00a0-]{0,2}(\d\d)(?!-?\w|\.\d)"
)
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+")  # a JSON web token, which is any of ours and of LiveKit's
_BEARER = re.compile(r"(?i)\b(bearer|token|api[-_]?key|api-subscription-key)([\"']?\s*[:= ]\s*[\"']?)[\w.~+/-]{16,}")
_PASSWORD = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+(?=@)")
# What pydantic, Postgres and the speech library quote of the words that they could not take.
_QUOTED = re.compile(r"(input_value=).+?(?=, input_type=)|(DETAIL:\s+|Raw server message: ).+", re.DOTALL)
_HIDDEN = "•••"


def masked(value: Any) -> Any:
    """`value`, with every text in it masked; of a phone number its last two digits stay. Takes what JSON takes."""
    match value:
        case str():
            return _mask(value)
        case Mapping():
            return {name: masked(part) for name, part in value.items()}
        case list() | tuple() | set():
            return [masked(part) for part in value]
        case int() if _MOBILE.fullmatch(str(value)):
            return _mask(str(value))
        case int() | float() | None:
            return value
    return _mask(str(value))


def _mask(text: str) -> str:
    if secrets := _own_secrets(get_env()):
        text = secrets.sub(_HIDDEN, text)
    text = _PASSWORD.sub(rf"\1:{_HIDDEN}", _TOKEN.sub(_HIDDEN, text))
    text = _QUOTED.sub(lambda found: f"{found[1] or found[2]}{_HIDDEN}", text)
    text = _BEARER.sub(rf"\1\2{_HIDDEN}", text)
    return _PHONE.sub(rf"{_HIDDEN}\1", _MOBILE.sub(rf"{_HIDDEN}\1", text))


def _own_secrets(env: Env) -> re.Pattern[str] | None:
    return _pattern(frozenset(env.secrets))


@lru_cache(maxsize=4)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    longest_first = sorted(secrets, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if secrets else None
