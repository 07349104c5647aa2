"""Compare the waits that the call page shows with the sound itself: `make bench-waits`, or `python -m bench.waits 40`.

Starts the whole product in a temporary folder and calls it through a browser that says a sentence again and again.
A recording of both sides, made apart from the page's own measuring, is the measure. Prints; decides nothing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import requests
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, sync_playwright

from calls.waiting import HEARD_LATER, shown_wait
from local.stack import Stack
from tests.e2e.browser import launch, record_sentence

HERE = Path(__file__).parent
TURNS_A_CALL = 10
SILENCE = 9  # seconds between the visitor's sentences, for the agent to finish its own and not to ask who is there
SENTENCE = "मुझे दो कमरे का फ्लैट देखना है"
REPLY = "जी, ज़रूर। क्या आप मुझे बता सकते हैं कि किस इलाके में?"
SAME_TURN = 1.0  # seconds between the recording's and the job's word on when an answer began
QUIET = 300  # milliseconds of silence that end a sound
LOUD = 0.03  # of the loudest sample of the recording


@dataclass(frozen=True)
class Answer:
    """One answer. Seconds; `shown` is what the call page shows, `estimated` what it would without the page's measure."""

    measured: float
    shown: float
    estimated: float
    by_page: bool


def main(turns: int) -> None:
    """Hold as many calls as `turns` answers take, and print."""
    answers: list[Answer] = []
    with tempfile.TemporaryDirectory(prefix="vaani-bench-") as folder:
        Path(folder).chmod(0o711)  # as a state folder is
        microphone = record_sentence(Path(folder, "visitor.wav"), SENTENCE, silence=SILENCE)
        with Stack(Path(folder, "state")) as stack, sync_playwright() as playwright:
            browser = launch(playwright, microphone)
            while len(answers) < turns:
                found = _call(browser, stack, min(TURNS_A_CALL, turns - len(answers)))
                if not found:
                    raise SystemExit("A call gave no answer that could be measured.")
                answers += found
            browser.close()
    _print(answers)


def _call(browser: Browser, stack: Stack, turns: int) -> list[Answer]:
    context = browser.new_context(permissions=["microphone"], bypass_csp=True)
    context.add_init_script(path=HERE / "recording.js")
    page = context.new_page()
    page.goto(f"{stack.web_url}/a/demo")
    with page.expect_response("**/api/token") as answer:
        page.click("#call")
    call_id = str(answer.value.json()["callId"])
    orders = {"hear": [SENTENCE] * (turns + 2), "replies": [REPLY] * (turns + 2)}
    requests.put(f"{stack.sandbox_url}/control/calls/{call_id}", json=orders, timeout=5).raise_for_status()
    _wait_for_answers(page, turns)
    recording = page.evaluate("recording()")
    page.click("#hang-up")
    page.wait_for_timeout(2000)  # for the last wait, which the page posts as it hangs up
    context.close()
    return _answers(recording, _turns(stack, call_id))


def _wait_for_answers(page: Page, turns: int) -> None:
    whole = "#transcript li[data-final=true][data-role=agent]"
    end = time.monotonic() + turns * 30
    while page.locator(whole).count() < turns + 1:  # the first is the greeting
        if time.monotonic() > end:
            print(f"only {page.locator(whole).count() - 1} of {turns} answers came in time", file=sys.stderr)
            return
        page.wait_for_timeout(500)


def _turns(stack: Stack, call_id: str) -> list[tuple[float, float | None, dict[str, Any]]]:
    """The agent's turns: when they began (Unix time), the wait the page measured, and the job's latencies."""
    query = """SELECT extract(epoch FROM started_at)::float, heard_wait, latencies FROM calls_turn
               WHERE call_id = %s AND role = 'agent' AND final ORDER BY attempt, seq"""
    with psycopg.connect(stack.database_url) as connection:
        return connection.execute(query, [call_id]).fetchall()


def _answers(recording: dict[str, Any], turns: list[tuple[float, float | None, dict[str, Any]]]) -> list[Answer]:
    visitor, agent = _sounds(recording["visitor"]), _sounds(recording["agent"])
    answers = []
    for started_at, heard, latencies in turns:
        off = {start: abs(recording["clock"][int(start * 20)] / 1000 - started_at) for start, _end in agent}
        first = min(off, key=lambda start: off[start], default=None)
        if first is None or off[first] > SAME_TURN or latencies.get("total") is None:
            continue
        silent = max((end for _start, end in visitor if end < first), default=None)
        shown, estimated = shown_wait(latencies, heard), shown_wait(latencies, None)
        if silent is not None and shown and estimated:
            answers.append(Answer(first - silent, shown.seconds, estimated.seconds, shown.measured))
    return answers


def _sounds(peaks: list[int]) -> list[tuple[float, float]]:
    """Beginning and end of each stretch of sound, in seconds."""
    loud: NDArray[np.int64] = np.flatnonzero(np.array(peaks) > LOUD * max(peaks, default=0))
    if not loud.size:
        return []
    cuts = np.flatnonzero(np.diff(loud) > QUIET)
    starts, ends = np.r_[loud[0], loud[cuts + 1]], np.r_[loud[cuts], loud[-1]]
    return [(start / 1000, end / 1000) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def _print(answers: list[Answer]) -> None:
    for number, answer in enumerate(answers, 1):
        how = "page" if answer.by_page else "estimate"
        print(
            f"{number:3}  measured {answer.measured:.3f} s  shown {answer.shown:.3f} s ({how})"
            f"  estimated {answer.estimated:.3f} s"
        )
    measured = np.array([answer.measured for answer in answers])
    shown = np.array([answer.shown for answer in answers])
    job = np.array([answer.estimated - HEARD_LATER for answer in answers])
    print(f"\n{len(answers)} answers, {sum(answer.by_page for answer in answers)} measured by the page")
    print(f"measured      median {np.median(measured):.3f} s, p95 {np.percentile(measured, 95):.3f} s")
    _compare("shown", shown - measured)
    _compare("estimated", job + HEARD_LATER - measured)
    print(
        f"the job alone says {np.median(measured - job):.3f} s too little in the median; HEARD_LATER is {HEARD_LATER}"
    )


def _compare(name: str, differences: NDArray[np.float64]) -> None:
    off = np.abs(differences) * 1000
    print(f"{name:<10} off by median {np.median(off):.0f} ms, p95 {np.percentile(off, 95):.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
