"""Logs: one JSON line a happening, with the call's id on it, and never the words of a call."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from vaani.env import ROOT

SET_UP = """
import logging, logging.config, structlog, sys
from vaani.logs import log_config, get_logger
logging.config.dictConfig(log_config())
"""


def lines_of(code: str) -> list[dict[str, Any]]:
    """What a fresh process that runs `code` logs."""
    program = [sys.executable, "-c", SET_UP + code]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_a_line_tells_what_happened_where_and_in_which_call() -> None:
    (line,) = lines_of(
        "structlog.contextvars.bind_contextvars(call_id='c1');"
        "get_logger('calls.tasks').warning('turn_stored', text_length=3, name='ಆಶಾ')"
    )
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "turn_stored",
        "level": "warning",
        "logger": "calls.tasks",
        "call_id": "c1",
        "text_length": 3,
        "name": "ಆಶಾ",
    }


def test_lines_of_libraries_look_the_same_with_their_traceback() -> None:
    (line,) = lines_of("try:\n 1 / 0\nexcept ZeroDivisionError:\n logging.getLogger('lib').exception('broke %s', 'x')")
    assert (line["event"], line["logger"], line["level"]) == ("broke x", "lib", "error")
    assert "ZeroDivisionError" in line["exception"]


def test_what_the_speech_library_says_of_a_calls_words_is_left_out() -> None:
    told = lines_of(
        "log = logging.getLogger('livekit.agents.voice'); log.info('transcript'); log.debug('words');"
        "logging.getLogger('x').debug('fine print'); log.warning('slow')"
    )
    assert [line["event"] for line in told] == ["slow"]


MASKED = {
    "call 98450 55124.": "call •••24.",
    "tel:+919845055124: busy": "tel:•••24: busy",
    "{'phone': '(080) 2345-678901'}": "{'phone': '•••01'}",
    "९८४५० ५५१२४": "•••२४",
    "GET /leads?q=9845055124": "GET /leads?q=•••24",
    "GET /leads?q=%2B919845055124&page=2": "GET /leads?q=•••24&page=2",
    "GET /leads?q=98450%2055124 and 98450+55124": "GET /leads?q=•••24 and •••24",
    "tel_9845055124, tel-9845055124_home": "tel_•••24, tel-•••24_home",
    "call 98450.55124. Or +91.98450-55124": "call •••24. Or •••24",
    "postgresql://vaani:hunter2@db/vaani": "postgresql://vaani:•••@db/vaani",
    "Authorization: Bearer abcdefghijklmnopqrst": "Authorization: Bearer •••",
    "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln": "token •••",
    "1 error: input_value='मेरा नाम', input_type=str": "1 error: input_value=•••, input_type=str",
    "APIStatusError: Raw server message: {'transcript': 'नमस्ते'}": "APIStatusError: Raw server message: •••",
    "duplicate\nDETAIL:  Key (name)=(Suresh) exists.": "duplicate\nDETAIL:  •••",
}
KEPT = [
    "worker vm-12345-678 at 2026-11-23 17:31:00+00:00",
    "call-6b1f7a52-1234-4123-8123-012345678901",
    "at 1763919087.25 from 192.168.100.200 in 0.1234567890123",
    "call-6b1f7a52-1234-4123-8123-919845055124 of worker_1763919087 at 1763919087250, 98450.551243 s after boot",
    "96.9845055124 of 6b1f9845055124 and 9845055124e9, 2026-11-23-09",
]


def test_numbers_of_people_and_secrets_are_masked_wherever_they_slip_in() -> None:
    said = [*MASKED, *KEPT]
    lines = lines_of(
        f"for said in {said!r}:\n"
        " get_logger('x').info('slipped', said=said, deep={'in': [said]}, phone=9845055124, at=1763919087250)\n"
        " logging.getLogger('lib').error(said)\n"
        " try:\n  raise ValueError(said)\n except ValueError:\n  get_logger('x').exception('broke')"
    )
    written = [*MASKED.values(), *KEPT]
    assert [line["said"] for line in lines[::3]] == written
    assert [line["deep"] for line in lines[::3]] == [{"in": [each]} for each in written]
    assert {(line["phone"], line["at"]) for line in lines[::3]} == {("•••24", 1763919087250)}
    assert [line["event"] for line in lines[1::3]] == written
    assert [line["exception"].partition("ValueError: ")[2] for line in lines[2::3]] == written


def test_our_own_secrets_are_masked_by_their_value() -> None:
    (line,) = lines_of(
        "import os; from vaani.env import get_env; os.environ['SARVAM_API_KEY'] = 'canary-of-sarvam';"
        "os.environ['REDIS_URL'] = 'redis://:canary%2Fredis@h/0'; get_env.cache_clear();"
        "get_logger('x').info('slipped', header='canary-of-sarvam', why='canary/redis is wrong')"
    )
    assert (line["header"], line["why"]) == ("•••", "••• is wrong")


def test_logging_loads_no_django() -> None:
    (line,) = lines_of("get_logger('x').info('loaded', django=any(m.startswith('django') for m in sys.modules))")
    assert line["django"] is False
