"""A phone number given in pieces over several turns, corrected on the way and read back by the agent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agents.digits import WHOLE_NUMBER
from agents.smalltalk import is_backchannel
from leads.number_words.talk import Talk, talk
from leads.reading.corrections import Place, corrected
from leads.reading.phones import Span, find_runs, phones_in, whole_phone
from leads.reading.runs import LONGEST, Mark, Run, readings
from leads.reading.tokens import Token

_PATIENCE = 2  # visitor's turns without a digit that a number in pieces outlives
_PROMPT = 4  # words of an agent who only wants to hear the rest
_READINGS = 24  # ways to put the pieces together that are kept
_ALIKE = 7  # digits at equal places that make a second number a correction of the first
_SLIP = 12  # words between a number and its correction


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn of a call: who spoke, and what."""

    role: Literal["visitor", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class FoundPhone:
    """A phone number that the visitor gave.

    `turns` are the indexes of the turns that carried its digits, in order. `confirmed`: the agent read it
    back and the visitor agreed. `superseded`: the visitor gave another one in its place.
    """

    e164: str
    turns: tuple[int, ...]
    confirmed: bool = False
    superseded: bool = False


def find_phones_in_turns(turns: Sequence[Spoken], language: str) -> list[FoundPhone]:
    """The phone numbers that the visitor gave in a call, in order of appearance, each once.

    Only the visitor's turns carry digits. An agent's turn between two pieces may be a murmur, a short
    prompt or a read-back. These corrections replace a number: another number in its place that is told
    by a word ("no", "sorry") or differs in at most three digits, unless it is "another" one; digits after
    such a word, which stand for the first or last ones if that is said and else for those they resemble
    most; "not four, five" and "चार नहीं पाँच", if the wrong digits occur once.
    """
    reader = _Reader(language, talk(language))
    for index, turn in enumerate(turns):
        if turn.role == "agent":
            reader.agent(turn.text)
        else:
            reader.visitor(turn.text, index)
    return [FoundPhone(p.e164, tuple(sorted(p.turns)), p.confirmed, p.superseded) for p in reader.found]


@dataclass(slots=True)
class _Phone:
    e164: str
    turns: set[int]
    confirmed: bool = False
    superseded: bool = False


@dataclass(slots=True)
class _Reader:
    language: str
    talk: Talk
    found: list[_Phone] = field(default_factory=list)
    pieces: list[tuple[Mark, ...]] = field(default_factory=list)  # the ways to put together what was said so far
    idle: int = 0
    read_back: str = ""  # what the agent read back since the visitor's last digits
    between: list[str] = field(default_factory=list)  # the visitor's words since the last digits
    asked: bool = False  # the agent's last turn was more than a murmur or digits
    wrong: Run | None = None  # digits that may be called wrong by the next word

    def agent(self, text: str) -> None:
        tokens, found = find_runs(text, self.language)
        spans = [span for run in found for span in phones_in(run.marks)]
        said = "".join(_digits(run.marks) for run in found)
        if spans:
            self.read_back = spans[-1].e164
        elif said and not self.read_back.startswith("+"):
            self.read_back += said
        elif not said and not self._is_prompt(text, tokens):
            self.pieces = []
        self.asked = not said and not is_backchannel(text, [self.language])

    def visitor(self, text: str, index: int) -> None:
        tokens, found = find_runs(text, self.language, index)
        found = [run for run in found if self._is_piece(run, tokens)]
        self._confirm(tokens, found)
        if not found:
            self.idle += 1
            self.between += [token.word for token in tokens if token.word in self.talk.slip]
            if self.idle > _PATIENCE:
                self.pieces = []
            return
        self.idle = 0
        place = 0
        for run in found:
            self.between += [token.word for token in tokens[place : run.first]]
            self._take(run, index, [token.word for token in tokens[run.last + 1 :]])
            self.between, place = [], run.last + 1
        self.between = [token.word for token in tokens[place:]]
        self.read_back = ""

    def _is_piece(self, run: Run, tokens: Sequence[Token]) -> bool:
        """Not the one of "one minute" nor the two of "the last two digits"."""
        if len(_digits(run.marks)) > 2:
            return True
        beside = [*tokens[run.last + 1 : run.last + 2], *(tokens[run.first - 1 : run.first] if _all_weak(run) else [])]
        return all(token.word in self.talk.link or token.word in self.talk.slip for token in beside)

    def _is_prompt(self, text: str, tokens: Sequence[Token]) -> bool:
        words = {token.word for token in tokens}
        if words & (self.talk.not_phone | self.talk.pin):
            return False
        return is_backchannel(text, [self.language]) or len(tokens) <= _PROMPT or bool(words & self.talk.number)

    def _confirm(self, tokens: Sequence[Token], found: Sequence[Run]) -> None:
        """The visitor answers what the agent read back."""
        words = {token.word for token in tokens}
        again = {span.e164 for run in found for span in phones_in(run.marks)}
        for phone in self.found:
            told = self.read_back in (phone.e164, phone.e164[-10:])
            if told and words & self.talk.yes and not words & self.talk.no and again <= {phone.e164}:
                phone.confirmed, phone.superseded = True, False
                if not found:
                    self.read_back = ""

    def _take(self, run: Run, index: int, after: list[str]) -> None:
        slip = bool(self.talk.slip.intersection(self.between[-_SLIP:]))
        spans = phones_in(run.marks)
        if spans and not self._continues(run, slip):
            for span in spans:
                self._keep(span.e164, _turns(run.marks, span), slip)
            self.pieces = [] if spans[-1].end == len(run.marks) else [run.marks[spans[-1].end :]]
            return
        if slip and self._correct(run, index, after):
            return
        self._join(run, slip)

    def _join(self, run: Run, slip: bool) -> None:
        """Put a piece to those before it, in place of the last ones if it corrects them, or start anew with it."""
        again = (slip or self.asked) and bool(self.pieces) and _begins_alike(self.pieces[0], run.marks)
        linked = not again and (slip or self._linked())
        ways = list(_ways(self.pieces, run.marks, slip)) if linked else []
        for way in ways:
            e164 = whole_phone(way)
            if e164:
                self._keep(e164, {mark.turn for mark in way}, slip=False)
                self.pieces = []
                return
        self.pieces = [way for way in [*ways, run.marks] if _shortest(way) <= LONGEST][:_READINGS]
        self.wrong = run

    def _linked(self) -> bool:
        return all(word in self.talk.link for word in self.between)

    def _continues(self, run: Run, slip: bool) -> bool:
        """Whether digits that are a number only in their second reading rather end the one that was begun."""
        begun = bool(self.pieces) and not slip and self._linked() and len(_digits(run.marks)) < WHOLE_NUMBER
        return begun and any(whole_phone(way) for way in _ways(self.pieces, run.marks, slip))

    def _correct(self, run: Run, index: int, after: list[str]) -> bool:
        """Whether a few digits after "no" or "sorry" correct the last whole number."""
        last = next((phone for phone in reversed(self.found) if not phone.superseded), None)
        if last is None or not last.e164.startswith("+91") or self._unfinished():
            return False
        words = {*self.between, *after[:3]}
        where: Place = "last" if words & self.talk.last else "first" if words & self.talk.first else ""
        wrong, digits = self._wrong_and_right(_digits(run.marks))
        if where and digits[:1] == str(len(digits) - 1):
            digits = digits[1:]  # "the last two, five one"
        new = corrected(last.e164[3:], digits, wrong, where)
        if not new:
            return False
        last.superseded, last.confirmed = True, False
        self._keep(f"+91{new}", {*last.turns, index}, slip=False)
        self.pieces = []
        return True

    def _wrong_and_right(self, digits: str) -> tuple[str, str]:
        """ "not four, five" holds both; in "चार नहीं पाँच" the wrong ones came before."""
        half = len(digits) // 2
        if self.between[-1:] == ["not"] and len(digits) == 2 * half:
            return digits[:half], digits[half:]
        return _digits(self.wrong.marks) if self.wrong and self.pieces else "", digits

    def _unfinished(self) -> bool:
        """Whether a second number is on its way, so that a correction is meant for it."""
        return bool(self.pieces) and self.wrong is not None and _shortest(self.pieces[0]) > 4

    def _keep(self, e164: str, turns: set[int], slip: bool) -> None:
        for phone in self.found:
            if phone.e164 == e164:
                phone.turns |= turns
                phone.superseded = False
                break
        else:
            self.found.append(_Phone(e164, turns))
        if self.talk.other.intersection(self.between):
            return
        for phone in self.found:
            again = phone.turns.isdisjoint(turns) and _alike(phone.e164, e164)
            if phone.e164 != e164 and not phone.superseded and (slip or again):
                phone.superseded, phone.confirmed = True, False


def _ways(pieces: Sequence[tuple[Mark, ...]], marks: tuple[Mark, ...], slip: bool) -> Iterator[tuple[Mark, ...]]:
    """The pieces so far with the new one behind them; in a correction also in place of their last marks."""
    for piece in pieces:
        cuts = range(len(piece) - 1, 0, -1) if slip else ()
        for cut in (*cuts, len(piece)):
            yield (*piece[:cut], *marks)


def _turns(marks: Sequence[Mark], span: Span) -> set[int]:
    return {mark.turn for mark in marks[span.first : span.end]}


def _digits(marks: Sequence[Mark]) -> str:
    """The digits of marks in their first full reading."""
    return next((digits for digits, end in readings(marks, 0) if end == len(marks)), "")


def _shortest(marks: Sequence[Mark]) -> int:
    return min((len(digits) for digits, end in readings(marks, 0) if end == len(marks)), default=LONGEST + 1)


def _begins_alike(one: Sequence[Mark], other: Sequence[Mark]) -> bool:
    """Whether digits are those said before, given once more from their beginning."""
    old, new = _digits(one), _digits(other)
    size = min(len(old), len(new), 3)
    return size > 1 and old[:size] == new[:size]


def _all_weak(run: Run) -> bool:
    return all(mark.weak for mark in run.marks)


def _alike(one: str, other: str) -> bool:
    same = sum(a == b for a, b in zip(one[-10:], other[-10:], strict=False))
    return len(one) == len(other) and same >= _ALIKE
