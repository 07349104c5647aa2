"""What was heard and said by those outside, against what Postgres holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise, tee
from typing import TYPE_CHECKING, Any, Self

import psycopg
import requests

from agents.languages import LANGUAGES
from local.stack import Stack

if TYPE_CHECKING:
    from tests.faults.caller import Line

UNCERTAIN = 2.0  # seconds before a kill in which what was said may be lost
LOOK_SECONDS = 0.3
AHEAD = 2  # words by which a page may show more of an interrupted line than was heard


@dataclass(frozen=True)
class Provided:
    """The stand-ins' own ledger of a call: `(Unix time, text)` of what was understood and what was asked to be said."""

    finals: list[tuple[float, str]]
    asked: list[tuple[float, str]]
    failed: list[tuple[float, str]]  # when a provider failed by order, and how
    saves: int  # replies that hand over the visitor's details

    @property
    def lines(self) -> int:
        """Whole lines that were understood, be it word by word."""
        return sum(text.endswith(".") for _at, text in self.finals)


def provided(stack: Stack, call_id: str) -> Provided:
    """Read the stand-ins' ledger of a call."""
    url = f"{stack.sandbox_url}/control/calls/{call_id}/ledger"
    entries: list[dict[str, Any]] = requests.get(url, timeout=5).json()["entries"]
    replies = [entry["reply"] for entry in entries if entry["part"] == "llm" and entry["reply"]]
    return Provided(
        finals=[(entry["at"], entry["text"]) for entry in entries if entry.get("event") == "transcript"],
        asked=[(entry["at"], entry["text"]) for entry in entries if entry["part"] == "tts" and "text" in entry],
        failed=[(entry["at"], entry["fault"]) for entry in entries if entry.get("fault")],
        saves=sum(tool["name"] == "save_details" for reply in replies for tool in reply["tools"]),
    )


@dataclass(frozen=True)
class Turn:
    attempt: int
    seq: int
    role: str
    text: str
    final: bool
    interrupted: bool = False


@dataclass(frozen=True)
class Stored:
    """A call as Postgres holds it. `events` are those of jobs, `(attempt, seq, kind)`; `attempts` `(number, last_n, worker)`."""

    turns: list[Turn]
    events: list[tuple[int, int, str]]
    attempts: list[tuple[int, int | None, str]]
    murmurs: list[str]
    reason: str
    leads: int


def stored(stack: Stack, call_id: str) -> Stored:
    """Read a call. Raises psycopg's errors while Postgres is away."""
    with psycopg.connect(stack.database_url, connect_timeout=5) as connection:

        def ask(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql, [call_id]).fetchall()

        turns = ask(
            "SELECT attempt, seq, role, text, final, interrupted FROM calls_turn WHERE call_id = %s ORDER BY attempt, seq"
        )
        events = ask("SELECT attempt, seq, kind FROM calls_callevent WHERE call_id = %s AND attempt IS NOT NULL")
        murmurs = ask("SELECT detail ->> 'text' FROM calls_callevent WHERE call_id = %s AND kind = 'backchannel'")
        return Stored(
            turns=[Turn(*row) for row in turns],
            events=[(attempt, seq, kind) for attempt, seq, kind in events],
            attempts=[
                (number, last, worker)
                for number, last, worker in ask(
                    "SELECT number, last_n, worker_id FROM calls_attempt WHERE call_id = %s ORDER BY number"
                )
            ],
            murmurs=[text for (text,) in murmurs],
            reason=ask("SELECT end_reason FROM calls_call WHERE id = %s")[0][0],
            leads=ask("SELECT count(*) FROM leads_lead WHERE call_id = %s")[0][0],
        )


class Witness:
    """Looks at a call all the time: when each status was first seen, and every finished turn that changed or went."""

    def __init__(self, stack: Stack, call_id: str) -> None:
        self.changes: list[str] = []
        self.seen: dict[str, float] = {}  # statuses, and the Unix times at which they were first seen
        self._url = stack.database_url
        self._call_id = call_id
        self._finished: dict[str, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="witness")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with suppress(psycopg.Error):  # Postgres may be what the fault befalls
                self._look()

    def _look(self) -> None:
        options = "-c statement_timeout=2000"
        with psycopg.connect(self._url, connect_timeout=2, options=options) as connection:
            statuses = connection.execute("SELECT status FROM calls_call WHERE id = %s", [self._call_id]).fetchall()
            query = "SELECT item_id, text FROM calls_turn WHERE call_id = %s AND final"
            now: dict[str, str] = dict(connection.execute(query, [self._call_id]).fetchall())
        for (status,) in statuses:
            self.seen.setdefault(status, time.time())
        self.changes += [f"{item} was finished and is no more" for item in self._finished if item not in now]
        self.changes += [
            f"{item} changed after it was finished" for item in now if self._finished.get(item, now[item]) != now[item]
        ]
        self._finished = now


@dataclass
class Books:
    """Both sides of the comparison, and where they differ."""

    provided: Provided
    stored: Stored
    shown: Sequence[Line]
    shown_before: Sequence[Line]  # as it stood when things became uncertain
    killed: bool  # whether a job was killed, so that an attempt may lack its end
    uncertain: list[tuple[float, float]] = field(default_factory=list)  # Unix times between which words may be lost

    def differences(self) -> list[str]:
        """Every difference, in words."""
        return [*self._visitor(), *self._agent(), *self._numbers(), *self._lead()]

    @property
    def counted(self) -> str:
        """How much was compared, for print."""
        turns = len(self.stored.turns)
        return f"{len(self.provided.finals)} heard, {len(self._spoken)} said, {turns} turns stored"

    @property
    def _spoken(self) -> list[str]:
        return [line.text for line in self.shown if line.role == "agent" and line.final]

    def _turns(self, role: str) -> list[str]:
        return [turn.text for turn in self.stored.turns if turn.role == role]

    def _visitor(self) -> list[str]:
        """Every word that was understood is stored once and in order."""
        left = " ".join(self._turns("visitor"))
        found = []
        for at, text in self.provided.finals:
            before, here, after = left.partition(text)
            if here and not before.strip():
                left = after
            elif text not in self.stored.murmurs and not self._uncertain(at):
                found.append(f"heard, and not stored in its place: {text!r}")
        if left.strip():
            found.append(f"stored, and heard of nobody: {left.strip()!r}")
        return found

    def _agent(self) -> list[str]:
        """Every line that was spoken to its end is stored once and in order, and none that was not asked for."""
        turns = self._turns("agent")
        found = []
        rest = iter([turn for turn in self.stored.turns if turn.role == "agent"])
        for text in self._spoken:
            before, rest = tee(rest)
            if not any(_is_line(turn, text) for turn in rest):
                found.append(f"said, and not stored in its place: {text!r}")
                rest = before
        whole = [turn.text for turn in self.stored.turns if turn.role == "agent" and not turn.interrupted]
        if not self.uncertain:
            found += [
                f"said {self._spoken.count(text)} times, and stored {whole.count(text)} times: {text!r}"
                for text in dict.fromkeys(self._spoken)
                if whole.count(text) > self._spoken.count(text)
            ]
        cut = [line.text for line in self.shown_before if line.role == "agent" and not line.final]
        found += [
            f"said in part, and not stored: {text!r}" for text in cut if not any(_same(turn, text) for turn in turns)
        ]
        # The apology may come from a recording, which nobody is asked for.
        asked = _bare(" ".join([*(text for _at, text in self.provided.asked), LANGUAGES["en-IN"].apology]))
        found += [f"stored, and never asked to be said: {text!r}" for text in turns if _bare(text) not in asked]
        return found

    def _numbers(self) -> list[str]:
        """Numbers of an attempt have no gaps, and only a killed one lacks its end."""
        found = []
        for number, last, _worker in self.stored.attempts:
            seqs = sorted(
                [turn.seq for turn in self.stored.turns if turn.attempt == number]
                + [seq for attempt, seq, _kind in self.stored.events if attempt == number]
            )
            if seqs != list(range(1, (len(seqs) if last is None else last) + 1)):
                found.append(f"attempt {number} is numbered {seqs}, its last is {last}")
            if last is None and not self.killed:
                found.append(f"attempt {number} has no end")
            drafts = [turn for turn in self.stored.turns if turn.attempt == number and not turn.final]
            if drafts and last is not None:
                found.append(f"attempt {number} has ended and left drafts: {[turn.text for turn in drafts]}")
        found += [
            f"attempt {one[0]} comes before {other[0]}"
            for one, other in pairwise(self.stored.attempts)
            if other[0] != one[0] + 1
        ]
        return found

    def _lead(self) -> list[str]:
        """One call makes one lead, however many agents it had."""
        if self.stored.leads > 1 or (self.provided.saves and not self.stored.leads):
            return [f"{self.stored.leads} leads in place of one"]
        return []

    def _uncertain(self, at: float) -> bool:
        return any(begin <= at <= end for begin, end in self.uncertain)


def _is_line(turn: Turn, shown: str) -> bool:
    """Whether a turn is a line of the page, which may show a word or two more of what was interrupted than was heard."""
    ahead = len(shown.split()) - len(turn.text.split())
    return turn.text == shown or (turn.interrupted and shown.startswith(turn.text) and ahead <= AHEAD)


def _bare(text: str) -> str:
    """Without spaces, which sentences lose on their way to the voice."""
    return "".join(text.split())


def _same(turn: str, part: str) -> bool:
    return _bare(turn).startswith(_bare(part)) or _bare(part).startswith(_bare(turn) or "-")
