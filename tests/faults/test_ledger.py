"""The judge is judged: every way in which Postgres may differ from what was heard and said is a difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.caller import Entry, Line, What, longest_wait
from tests.faults.ledger import Books, Provided, Stored, Turn

HELLO, NAME = "Hello! How can I help you?", "May I have your name?"
TURNS = [
    Turn(1, 1, "agent", HELLO, True),
    Turn(1, 2, "visitor", "I need a flat. In Pune.", True),
    Turn(1, 3, "agent", NAME, True),
]
STORED = Stored(TURNS, [(1, 4, "tool_called")], [(1, 4, "w")], [], "agent_ended", 1)
SHOWN = [Line("agent", HELLO, True), Line("visitor", "I need a flat. In Pune.", True), Line("agent", NAME, True)]
PROVIDED = Provided(
    finals=[(10.0, "I need a flat."), (11.0, "In Pune.")],
    asked=[(5.0, "Hello!"), (5.1, "How can I help you?"), (12.0, NAME)],
    failed=[],
    saves=1,
)
BOOKS = Books(PROVIDED, STORED, SHOWN, SHOWN[:1], killed=False)


def turns(*changed: Turn, without: int | None = None) -> dict[str, Any]:
    kept = [turn for turn in TURNS if turn.seq not in {without, *(each.seq for each in changed)}]
    return {"turns": sorted([*kept, *changed], key=lambda turn: (turn.attempt, turn.seq))}


def test_what_was_said_and_nothing_else_is_no_difference() -> None:
    assert BOOKS.differences() == []


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        (turns(without=2), "heard, and not stored"),
        (turns(Turn(1, 2, "visitor", "I need a flat.", True)), "heard, and not stored"),
        (turns(Turn(1, 2, "visitor", "In Pune. I need a flat.", True)), "heard, and not stored"),
        (turns(Turn(1, 2, "visitor", "I need a flat. In Pune. In Pune.", True)), "heard of nobody"),
        (turns(without=3), "said, and not stored"),
        (turns(Turn(1, 1, "agent", NAME, True), Turn(1, 3, "agent", HELLO, True)), "said, and not stored"),
        (turns(Turn(1, 5, "agent", NAME, True)), "said 1 times, and stored 2 times"),
        (turns(Turn(1, 5, "agent", "Buy now!", True)), "never asked to be said"),
        (turns(Turn(1, 3, "agent", NAME, False)), "left drafts"),
        ({"events": []}, "is numbered [1, 2, 3], its last is 4"),
        ({"attempts": [(1, None, "w")]}, "has no end"),
        ({"attempts": [(1, 4, "w"), (3, 0, "w")]}, "attempt 1 comes before 3"),
        ({"leads": 0}, "0 leads"),
        ({"leads": 2}, "2 leads"),
    ],
)
def test_what_is_lost_doubled_moved_or_made_up_is_found(changes: dict[str, Any], difference: str) -> None:
    books = replace(BOOKS, stored=replace(STORED, **changes))
    assert difference in "; ".join(books.differences())


def test_words_of_the_moments_before_a_kill_may_be_lost_but_not_earlier_ones() -> None:
    killed = replace(
        STORED, attempts=[(1, None, "w")], events=[], **turns(Turn(1, 2, "visitor", "I need a flat.", True))
    )
    books = replace(BOOKS, stored=killed, killed=True, uncertain=[(10.5, 12.5)])
    assert books.differences() == []
    assert replace(books, uncertain=[(11.5, 13.5)]).differences()


def test_what_was_cut_off_is_kept_as_a_draft() -> None:
    cut = replace(BOOKS, shown_before=[*SHOWN[:2], Line("agent", "May I", False)])
    assert cut.differences() == []
    assert "said in part, and not stored" in "; ".join(
        replace(cut, shown=SHOWN[:2], stored=replace(STORED, **turns(without=3))).differences()
    )


@pytest.mark.parametrize(
    ("diary", "longest"),
    [
        ([(1, "spoke", ""), (4, "hears", "")], 3),
        ([(1, "spoke", ""), (3, "speaks", ""), (4, "spoke", ""), (9, "hears", "")], 8),
        ([(1, "spoke", ""), (6, "notice", "slow"), (19, "hears", "")], 5),
        ([(1, "spoke", ""), (6, "notice", "not_heard"), (19, "spoke", ""), (20, "hears", "")], 5),
        ([(1, "spoke", ""), (2, "state", "waiting"), (12, "state", "live"), (15, "hears", "")], 3),
        ([(1, "spoke", ""), (2, "notice", "connection"), (12, "notice", ""), (16, "hears", "")], 4),
        ([(1, "hears", ""), (2, "spoke", ""), (3, "quiet", ""), (9, "hears", "")], 0),
        ([(1, "spoke", "")], 19),
    ],
)
def test_a_wait_ends_with_the_agents_sound_or_with_a_reason(diary: list[tuple[float, What, str]], longest: int) -> None:
    assert longest_wait([Entry(*entry) for entry in diary], gone_at=20.0) == longest
