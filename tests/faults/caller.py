"""A person who calls in a browser, talks as long as the agent does, and remembers all that was heard and seen."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Error, Page

from local.sandbox.say import speech_wav
from local.stack import Stack
from tests.faults.ledger import provided

SCRIPT = Path(__file__).with_name("caller.js")
SENTENCE = base64.b64encode(speech_wav("Here is what I wanted to say.", "en-IN", "karun", 16_000)).decode()
POLITE = 1.2  # seconds of quiet after which the person takes the agent to have finished
PATIENCE = 7.0  # seconds without an answer after which the person says it again
LINES = 5  # that the sandbox's script has to be heard
SAYS_WHY = ("waiting", "connection", "slow")  # a state, and notices, for as long as they are shown
AFTER_LAST = 12.0  # seconds of stillness left to the agent to take leave, once all lines were heard
AFTER_ANSWER = 1.0  # seconds of stillness after the answer to the last line, where not all are said

What = Literal["speaks", "spoke", "hears", "quiet", "state", "notice"]


@dataclass(frozen=True)
class Entry:
    """One thing that happened on the page, at a Unix time."""

    at: float
    what: What
    text: str


@dataclass(frozen=True)
class Line:
    """A line of the page's transcript; not `final` while it is being spoken, or when it was cut off."""

    role: str
    text: str
    final: bool


class Caller:
    """One call. Everything here is what the person hears and sees; nothing asks the product."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self._context = browser.new_context(permissions=["microphone"])
        self._context.add_init_script(f"const SENTENCE = '{SENTENCE}';\n{SCRIPT.read_text()}")
        self._stack = stack
        self.page: Page = self._context.new_page()
        self.call_id = ""
        self.diary: list[Entry] = []
        self.shown: list[tuple[float, list[Line]]] = []  # the transcript, each time it had changed
        self.gone_at = 0.0  # Unix time at which the call was over for the person; 0 while it is not
        self._muted = False

    def dial(self, agent: str = "demo") -> None:
        """Open an agent's page and call, in English. Raises AssertionError when the call is not admitted."""
        self.page.goto(f"{self._stack.web_url}/a/{agent}")
        self.page.locator("input[name=language][value=en-IN]").check(force=True)
        with self.page.expect_response("**/api/token") as answer:
            self.page.click("#call")
        assert answer.value.status == 200, answer.value.text()
        self.call_id = answer.value.json()["callId"]

    def talk(self, until: Callable[[], bool], seconds: float) -> bool:
        """Talk until `until`, or until the call is over. False when that took longer than `seconds`."""
        end = time.time() + seconds
        while not (until() or self.gone_at):
            if time.time() > end:
                return False
            self.attend()
            if self._may_speak():
                self.page.evaluate("speak()")
        return True

    def attend(self) -> None:
        """Take in what the page tells, for a tenth of a second."""
        self.page.wait_for_timeout(100)
        told = self.page.evaluate("told()")
        self.diary += [Entry(**entry) for entry in told["diary"]]
        self.diary.sort(key=lambda entry: entry.at)
        lines = [Line(**line) for line in told["lines"]]
        if not self.shown or lines != self.shown[-1][1]:
            self.shown.append((time.time(), lines))
        if not self.gone_at and self.state in ("ended", "failed"):
            self.gone_at = self._last("state").at

    def mute(self) -> None:
        """Press the button that mutes the microphone, or the same one again."""
        self.page.click("#mute")
        self._muted = not self._muted

    def hang_up(self) -> None:
        if not self.gone_at:
            self.page.click("#hang-up")
            while not self.gone_at:
                self.attend()

    def close_tab(self) -> None:
        self.attend()
        self.gone_at = time.time()
        self.page.close()

    def leave(self) -> None:
        """Close the browser window, whatever state it is in."""
        self.gone_at = self.gone_at or time.time()
        with suppress(Error):
            self._context.close()

    # What was heard and seen ----------------------------------------------------------------------

    @property
    def state(self) -> str:
        return self._last("state").text

    @property
    def lines(self) -> list[Line]:
        return self.shown[-1][1] if self.shown else []

    def lines_at(self, moment: float) -> list[Line]:
        """The transcript as it stood then."""
        return next((lines for at, lines in reversed(self.shown) if at <= moment), [])

    def still_for(self) -> float:
        """Seconds since the last sound of either side; 0 while there is one, or while an answer is waited for."""
        speaks, spoke, hears, quiet = (self._last(what).at for what in ("speaks", "spoke", "hears", "quiet"))
        if speaks > spoke or hears > quiet or (spoke > hears and time.time() - spoke < AFTER_LAST):
            return 0.0
        return time.time() - max(spoke, quiet)

    def heard_after(self, moment: float) -> float | None:
        """When the agent's sound first began after `moment`; None when it never did."""
        return next((entry.at for entry in self.diary if entry.what == "hears" and entry.at > moment), None)

    def told_after(self, moment: float) -> float | None:
        """Seconds from `moment`, or from when the agent fell silent after it, until the person heard or saw more."""
        since: float | None = None if self._sounding_at(moment) else moment
        for entry in self.diary:
            if entry.at <= moment:
                continue
            if entry.what == "quiet":
                since = since or entry.at
            elif since and _tells(entry):
                return entry.at - since
        return None

    def _sounding_at(self, moment: float) -> bool:
        sounds = [entry.what for entry in self.diary if entry.at <= moment and entry.what in ("hears", "quiet")]
        return bool(sounds) and sounds[-1] == "hears"

    def _last(self, what: What) -> Entry:
        return next((entry for entry in reversed(self.diary) if entry.what == what), Entry(0.0, what, ""))

    def _may_speak(self) -> bool:
        """Whether it is the person's turn: the agent has finished, or has not answered for long."""
        speaks, spoke, hears, quiet = (self._last(what).at for what in ("speaks", "spoke", "hears", "quiet"))
        if self.state != "live" or self._muted or speaks > spoke or hears > quiet or not hears:
            return False
        now = time.time()
        if now - max(spoke, quiet) < (POLITE if quiet > spoke else PATIENCE):
            return False
        return provided(self._stack, self.call_id).lines < LINES


def _tells(entry: Entry) -> bool:
    if entry.what == "state":
        return entry.text in ("waiting", "ended", "failed")
    return entry.what == "hears" or (entry.what == "notice" and bool(entry.text))


def longest_wait(diary: list[Entry], gone_at: float) -> float:
    """Longest that the person, having spoken, neither heard the agent nor saw why; in seconds.

    A page that says that the connection is weak, or the agent slow or coming back, is saying why.
    """
    longest: float = 0.0
    since: float | None = None
    sounding = False
    why = {"state": False, "notice": False}  # whether the page is saying why
    for entry in diary:
        if since is not None and (_tells(entry) or 0 < gone_at <= entry.at):
            longest, since = max(longest, entry.at - since), None
        if entry.what in ("hears", "quiet"):
            sounding = entry.what == "hears"
        elif entry.what == "spoke" and since is None and not (sounding or any(why.values())):
            since = entry.at
        elif entry.what in why:
            said = any(why.values())
            why[entry.what] = entry.text in SAYS_WHY
            if said and not any(why.values()) and not sounding:
                since = entry.at
    if since is not None and gone_at:
        longest = max(longest, gone_at - since)
    return longest
