"""What the visitor's page says: a plain catalogue a language in calls/texts, for its native speakers to correct.

A language that lacks a sentence says it in English. Words in braces, such as `{name}`, are filled in where they are
known: on the server for the page as it is sent, in static/calls/wording.js for what comes after.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation.trans_real import parse_accept_lang_header

from agents.languages import LANGUAGES

ENGLISH = "en-IN"
FOLDER = Path(__file__).parent / "texts"
_CONSENT = ("consentMachine", "consentKept", "consentKeptAlways", "agreeRecording", "agreeCallback", "callbackConsent")


@cache
def wording(language: str) -> dict[str, str]:
    """Every sentence of the page in `language`, one of `LANGUAGES`, by name.

    `consentVersion` names the exact words of that language by which visitors agree to anything.
    """
    texts = catalogue(ENGLISH) | catalogue(language)
    return texts | {"consentVersion": f"{language}-{_name([texts[name] for name in _CONSENT])}"}


def terms_version(values: Mapping[str, str], consent: str) -> str:
    """Names what an agent's page adds to those words: what is filled into them (`values`), and the agent's own `consent`."""
    return _name([dict(values), consent])


def _name(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:8]


def catalogue(language: str) -> dict[str, str]:
    """What the language's own file says. A language without a file has said nothing yet."""
    file = FOLDER / f"{language}.toml"
    return tomllib.loads(file.read_text()) if file.exists() else {}


@cache
def edition() -> str:
    """Changes when any sentence in any language does: browsers may keep what bears it for ever."""
    everything = json.dumps({code: wording(code) for code in LANGUAGES})
    return hashlib.sha256(everything.encode()).hexdigest()[:12]


def preferred_language(offered: list[str], otherwise: str, *, link: str, remembered: str, browser: str) -> str:
    """The language to begin with: of the link, else chosen before, else the browser's, else `otherwise`.

    `browser` is an Accept-Language header. Only an Indian language in it counts: most phones in India say English,
    whatever their owners speak.
    """
    for wish in (link, remembered):
        if wish in offered:
            return wish
    indian = {code.partition("-")[0]: code for code in offered if code != ENGLISH}
    wanted = (tag.partition("-")[0] for tag, _weight in parse_accept_lang_header(browser))
    return next((indian[tag] for tag in wanted if tag in indian), otherwise)
