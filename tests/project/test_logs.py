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


def test_logging_loads_no_django() -> None:
    (line,) = lines_of("get_logger('x').info('loaded', django=any(m.startswith('django') for m in sys.modules))")
    assert line["django"] is False
