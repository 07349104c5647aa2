"""From which turns a value comes, and how sure it is. Touches no database: turns in, findings out.

What the transcript itself holds beats what a model says it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Literal

from agents.contract import FieldToFindOut
from agents.smalltalk import is_question
from leads.checks import NUMBERS, RANGE, readings, yes_or_no
from leads.likeness import share_of_words
from leads.spoken import FoundPhone, Spoken, find_phones_in_turns

State = Literal["heard", "confirmed", "inferred"]

CONTACTS = ("phone", "email")  # a person can be reached by it
_RANK: dict[State, int] = {"inferred": 0, "heard": 1, "confirmed": 2}
_SLIP = 3  # digits
_SAID = {"text": 0.6}  # share of a value's words that a turn must hold: a text is given in few words, the rest whole


@dataclass(frozen=True, slots=True)
class Utterance:
    """A turn, as far as evidence needs it. `language` is empty where the recogniser told none."""

    item_id: str
    role: Literal["visitor", "agent"]
    text: str
    language: str = ""

    @property
    def is_visitors(self) -> bool:
        return self.role == "visitor"


@dataclass(frozen=True)
class Transcript:
    """What was said in a call, in order. "Tomorrow" counts from when it `began`."""

    said: Sequence[Utterance]
    language: str
    began: datetime

    @property
    def visitors(self) -> list[Utterance]:
        return [each for each in self.said if each.is_visitors]

    def spoken_in(self, role: Literal["visitor", "agent"]) -> str:
        """The language that this side spoke most."""
        heard = Counter(each.language for each in self.said if each.role == role and each.language)
        return heard.most_common(1)[0][0] if heard else self.language

    def in_order(self, item_ids: Collection[str]) -> tuple[str, ...]:
        """Those of the item ids that are turns, as they were said."""
        return tuple(each.item_id for each in self.said if each.item_id in item_ids)

    def language_of(self, each: Utterance) -> str:
        return each.language or self.language

    def answer(self, each: Utterance) -> str:
        """Whether a turn says `yes`, `no` or neither."""
        return yes_or_no(each.text, self.language_of(each))

    @property
    def exchanges(self) -> Iterator[tuple[Utterance, Utterance]]:
        """Each turn of the agent that the visitor answered, with the first turn of the answer."""
        return (
            (before, after) for before, after in pairwise(self.said) if not before.is_visitors and after.is_visitors
        )

    @cached_property
    def phones(self) -> list[FoundPhone]:
        """The phone numbers that the visitor gave, in pieces too, and which of them were corrected or agreed to."""
        turns = [Spoken(each.role, each.text) for each in self.said]
        return find_phones_in_turns(turns, self.spoken_in("visitor"))


@dataclass(frozen=True, slots=True)
class Finding:
    """A value, the item ids of the turns that support it, and what else it may be when two readings differ.

    An inferred value has the turns that were pointed at, if any: they do not say it in so many words.
    """

    value: str
    state: State = "inferred"
    turns: tuple[str, ...] = ()
    other: str = ""

    @property
    def rank(self) -> int:
        """How well the turns support it: higher is better."""
        return _RANK[self.state]


def judge(field: FieldToFindOut, value: str, transcript: Transcript, pointed: Collection[str] = ()) -> Finding:
    """What the turns make of a clean value that a model gave; `pointed` are the item ids it named as its source.

    A phone number or e-mail address that the transcript holds takes the place of one that it does not hold; the
    model's is then the `other`.
    """
    named = transcript.in_order(pointed)
    if field.kind in CONTACTS:
        return _contact(field.kind, value, transcript, named)
    if field.kind == "yes_no":
        answers = [each for each in transcript.visitors if each.item_id in named and transcript.answer(each) == value]
        said_so = tuple(each.item_id for each in answers)
        return Finding(value, "heard", said_so) if said_so else Finding(value, turns=named)
    if found := _holding(field, value, transcript.visitors, transcript):
        return found
    for question, reply in transcript.exchanges:
        # The agent names many prices and days; only the question that was pointed at asks for this one.
        meant = {question.item_id, reply.item_id} & set(named) and is_question(question.text)
        if meant and transcript.answer(reply) == "yes" and _holding(field, value, [question], transcript):
            return Finding(value, "confirmed", (question.item_id, reply.item_id))
    return Finding(value, turns=named)


def standing(kind: str, transcript: Transcript) -> Finding | None:
    """The phone number or e-mail address that the visitor gave and did not take back; None without one.

    Of several it is the one that they agreed to when it was read back, else the last.
    """
    held = list(_given(kind, transcript).values())
    return max(reversed(held), key=lambda finding: finding.rank) if held else None


def is_confirmed(number: str, transcript: Transcript) -> bool:
    """Whether the agent read this phone number back and the visitor agreed."""
    finding = _contact("phone", number, transcript, ())
    return finding.value == number and finding.state == "confirmed"


# Phone numbers and e-mail addresses ----------------------------------------------------------------


def _contact(kind: str, value: str, transcript: Transcript, named: tuple[str, ...]) -> Finding:
    if given := _given(kind, transcript).get(value):
        return given
    taken_back = any(phone.superseded and phone.e164 == value for phone in transcript.phones)
    if not taken_back and (agreed := _agreed(kind, transcript).get(value)):
        return Finding(value, "confirmed", agreed)
    if stands := standing(kind, transcript):
        return Finding(stands.value, stands.state, stands.turns, other=value)
    return Finding(value, turns=named)


def _given(kind: str, transcript: Transcript) -> dict[str, Finding]:
    """What the visitor gave and did not take back, in order, with its turns: a number may come in pieces.

    Where the agent then read back a number much like it and the visitor agreed, that one takes its place.
    """
    agreed = _agreed(kind, transcript)
    given = {}
    for value, turns, sure in _heard(kind, transcript):
        later = [other for other, answer in agreed.items() if transcript.in_order({*turns, *answer})[-1] == answer[1]]
        right = value if value in agreed else next((other for other in later if _is_slip(value, other)), value)
        state: State = "confirmed" if sure or right in agreed else "heard"
        given[right] = Finding(right, state, transcript.in_order({*turns, *agreed.get(right, ())}))
    return given


def _heard(kind: str, transcript: Transcript) -> Iterator[tuple[str, Sequence[str], bool]]:
    """Each value that the visitor's turns hold, the turns, and whether the visitor agreed to it later."""
    if kind == "phone":
        for phone in transcript.phones:
            if not phone.superseded:
                yield phone.e164, [transcript.said[place].item_id for place in phone.turns], phone.confirmed
        return
    heard: dict[str, list[str]] = {}
    for each in transcript.visitors:
        for address in _values(kind, each, transcript):
            heard.setdefault(address, []).append(each.item_id)
    yield from ((address, turns, False) for address, turns in heard.items())


def _agreed(kind: str, transcript: Transcript) -> dict[str, tuple[str, str]]:
    """What the agent read back and the visitor agreed to, with the two turns."""
    agreed = {}
    for question, reply in transcript.exchanges:
        read_back, said_again = set(_values(kind, question, transcript)), set(_values(kind, reply, transcript))
        if len(read_back) == 1 and said_again <= read_back and transcript.answer(reply) == "yes":
            agreed[read_back.pop()] = (question.item_id, reply.item_id)
    return agreed


def _is_slip(one: str, other: str) -> bool:
    """Whether two phone numbers differ in so few digits that one is a slip for the other."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= _SLIP


def _values(kind: str, each: Utterance, transcript: Transcript) -> list[str]:
    return [value.text for value in readings(kind, each.text, transcript.language_of(each), transcript.began)]


# Everything else -----------------------------------------------------------------------------------


def _holding(field: FieldToFindOut, value: str, said: Sequence[Utterance], transcript: Transcript) -> Finding | None:
    """The turns among these that say a value; None where none does. A day told as "tomorrow" stays inferred."""
    if field.kind in ("number", "money", "date"):
        return _counted(field.kind, value, said, transcript)
    enough = _SAID.get(field.kind, 1.0)
    turns = [each for each in said if share_of_words(value, [each.text]) >= enough]
    if not turns and field.kind == "name" and share_of_words(value, [each.text for each in said]) == 1:
        turns = [each for each in said if share_of_words(value, [each.text])]  # first name and surname apart
    return Finding(value, "heard", tuple(each.item_id for each in turns)) if turns else None


def _counted(kind: str, value: str, said: Sequence[Utterance], transcript: Transcript) -> Finding | None:
    parts = set(value.split(RANGE)) if kind in NUMBERS else {value}
    turns, certain = [], False
    for each in said:
        held = readings(kind, each.text, transcript.language_of(each), transcript.began)
        if parts <= {found.text for found in held}:
            turns.append(each.item_id)
            certain |= all(found.certain for found in held if found.text in parts)
    return Finding(value, "heard" if certain else "inferred", tuple(turns)) if turns else None
