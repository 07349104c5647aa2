"""What the four languages have in common: words, clauses, groups of verbs, and whose verb it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from agents.catalogue import Gender

# Signs that writers use or leave out freely: they are told apart by no rule here.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u093c\u0a3c\u0abc\u0a71\u200c\u200d"),  # nuktas, addak, joiners
        **dict.fromkeys("\u0901", "\u0902"),  # a nasal sign for the other, by script
        **dict.fromkeys("\u0a01\u0a70", "\u0a02"),
        **dict.fromkeys("\u0a81", "\u0a82"),
    }
)
# Vowel signs are no letters to `\w`. A name or a pair in braces belongs to the word it stands in.
_WORD = re.compile(r"(?:\{[^{}\n]*\}|[^\W_]|[\u0300-\u036f\u0900-\u0963\u0966-\u0d7f\u200c\u200d])+")
_STOP = re.compile(r"[।॥!?;\n|]|\.(?=\s|$|[\"'”’)])")
_ELLIPSIS = re.compile(r"\.{2,}|…")
_NEVER = re.compile(r"(?!)")


def fold(word: str) -> str:
    """One spelling for the spellings of a word: NFC or NFD, nukta or none, either nasal sign, no joiners."""
    return unicodedata.normalize("NFD", word).translate(_ALIKE).lower()


def words(text: str) -> frozenset[str]:
    """A table written as a line of words."""
    return frozenset(fold(word) for word in text.split())


_ABBREVIATED = words("dr mr ms mrs no rs डॉ डा श्री सौ कु नं रु क्र ਡਾ ਸ ਨੰ ડૉ ડો શ્રી નં રૂ")


class Kind(Enum):
    """How much a gendered form needs beside it to be the speaker's own."""

    SELF = auto()  # nothing: only "I" takes it (करूँगी)
    AUXILIARY = auto()  # "I" as the subject (थी)
    FINITE = auto()  # the same, and it always ends its clause (करते)
    PARTICIPLE = auto()  # "am" after it; or "I" as the subject, and an auxiliary or the clause's end (गई)
    ABSOLUTIVE = auto()  # the same, but a comma is no end: it may also mean "having done" (આવી)
    BOUND = auto()  # "am" after it; or "I" as the subject, and an auxiliary (करने वाली)


@dataclass(frozen=True, slots=True)
class Mark:
    gender: Gender
    kind: Kind


def pairs(kind: Kind, table: str) -> dict[str, Mark]:
    """Marks from lines of `woman's/man's`; a second spelling of one follows a comma."""
    marks: dict[str, Mark] = {}
    for pair in table.split():
        woman, man = pair.split("/")
        marks |= {fold(word): Mark("female", kind) for word in woman.split(",") if word}
        marks |= {fold(word): Mark("male", kind) for word in man.split(",") if word}
    return marks


def built(kind: Kind, stems: str, woman: str, man: str) -> dict[str, Mark]:
    """Marks from stems and the two endings that each takes."""
    return pairs(kind, " ".join(f"{stem}{woman}/{stem}{man}" for stem in stems.split()))


def ending_in(endings: str) -> re.Pattern[str]:
    """A pattern for words that end in one of `a|b|c`, with something before it."""
    return re.compile(f".(?:{fold(endings)})$")


@dataclass(frozen=True, slots=True)
class Ending:
    """An ending that marks a word of any stem, but for `never`."""

    pattern: re.Pattern[str]
    mark: Mark
    never: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Examples:
    """Forms for the model to follow: of its own in each gender, and for a visitor whose gender nobody knows."""

    female: str
    male: str
    plural: str  # the respectful plural
    ungendered: str  # words that need no gender

    def of(self, gender: Gender) -> str:
        return self.female if gender == "female" else self.male


@dataclass(frozen=True)
class Rules:
    """A language as the engine reads it. All words are folded.

    `subject` is "I"; `others` are subjects that are not, `pointers` are either that or stand before a
    noun ("that"); `cases` are the words that make an object of the pronoun before them. `joints` end a
    clause; `links` ("and") may join two nouns as well. `am` only "I" takes, `auxiliaries` any subject;
    `closers` are other verbs that end a clause, but for `never_closers`. `before` says, for a
    form, after which words it agrees with something else. `nouns` are words for oneself, `speaking` what
    may follow them ("your assistant speaking").
    """

    subject: frozenset[str]
    others: frozenset[str]
    pointers: frozenset[str]
    joints: frozenset[str]
    links: frozenset[str]
    particles: frozenset[str]
    closers: frozenset[str]
    marks: dict[str, Mark]
    nouns: dict[str, Mark]
    speaking: frozenset[str]
    examples: Examples
    cases: frozenset[str] = frozenset()
    am: frozenset[str] = frozenset()
    auxiliaries: frozenset[str] = frozenset()
    endings: tuple[Ending, ...] = ()
    closing_endings: re.Pattern[str] = _NEVER
    never_closers: frozenset[str] = frozenset()
    relative: re.Pattern[str] = _NEVER  # of a participle whose own subject stands before it ("what you told")
    before: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def mark(self, word: str) -> Mark | None:
        if word in self.marks:
            return self.marks[word]
        for ending in self.endings:
            if word not in ending.never and ending.pattern.search(word):
                return ending.mark
        return None

    def closes(self, word: str) -> bool:
        if word in self.closers or word in self.am:
            return True
        return word not in self.never_closers and self.closing_endings.search(word) is not None

    def ends_before(self, word: str) -> bool:
        """Whether a clause is over when this word comes next."""
        return word in self.subject | self.others | self.pointers | self.joints | self.links


@dataclass(frozen=True, slots=True)
class Form:
    """Words as they are written at `start:end` of a text, and the gender of whoever says them of oneself."""

    words: str
    start: int
    end: int
    gender: Gender


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    start: int
    end: int
    pause: bool  # a comma or the like comes after it


@dataclass(frozen=True, slots=True)
class _Group:
    """Verbs in a row: the places of the first and last word of one form, and the mark of its last gendered word."""

    first: int
    last: int
    mark: Mark
    am: bool
    auxiliary: bool


def find(text: str, rules: Rules) -> list[Form]:
    """Every form of the speaker's own, in order."""
    found: list[Form] = []
    for sentence in _sentences(text):
        for first, last, mark in _Reader(sentence, rules).own():
            start, end = sentence[first].start, sentence[last].end
            found.append(Form(text[start:end], start, end, mark.gender))
    return found


def _sentences(text: str) -> Iterator[list[_Word]]:
    sentence: list[_Word] = []
    places = list(_WORD.finditer(text))
    for place, following in zip(places, [*places[1:], None], strict=False):
        gap = text[place.end() : following.start() if following else len(text)]
        word = fold(place[0])
        sentence.append(_Word(word, place.start(), place.end(), pause=gap.strip() not in ("", "-")))
        if word in _ABBREVIATED and gap.startswith("."):
            sentence[-1] = _Word(word, place.start(), place.end(), pause=False)
        elif following is None or _STOP.search(_ELLIPSIS.sub(",", gap)):
            yield sentence
            sentence = []


class _Reader:
    """One sentence, read by the rules of one language."""

    def __init__(self, sentence: Sequence[_Word], rules: Rules) -> None:
        self.words = sentence
        self.rules = rules
        self.groups = list(self._groups())
        self.closing = {at for at, word in enumerate(sentence) if rules.closes(word.folded)}
        self.closing |= {group.last for group in self.groups if self._is_finite(group)}
        self.closing |= {at for at, word in enumerate(sentence) if "|" in word.folded and self._ends_clause(at)}

    def own(self) -> list[tuple[int, int, Mark]]:
        """First word, last word and mark of every form of the speaker's own."""
        verbs = [(group.first, group.last, group.mark) for group in self.groups if self._is_own(group)]
        nouns = [(at, at, mark) for at, mark in self._nouns()]
        return sorted(verbs + nouns, key=lambda form: form[0])

    def _groups(self) -> Iterator[_Group]:
        at = 0
        while at < len(self.words):
            run = self._run(at)
            if run:
                yield self._group(run)
            at = run[-1] + 1 if run else at + 1

    def _run(self, at: int) -> list[int]:
        """Places of the gendered forms and auxiliaries that follow each other from `at` on, particles left out."""
        run: list[int] = []
        place: int | None = at
        while place is not None:
            word = self.words[place].folded
            mark = self.rules.mark(word)
            helps = bool(run) and (word in self.rules.am or word in self.rules.auxiliaries)
            if not mark and not helps:
                break
            run.append(place)
            if helps or (mark and mark.kind in (Kind.SELF, Kind.AUXILIARY)):
                break
            place = self._next(place)
        return run

    def _group(self, run: list[int]) -> _Group:
        marks = [(place, mark) for place in run if (mark := self.rules.mark(self.words[place].folded))]
        first, mark = marks[-1]
        after = mark
        for place, earlier in reversed(marks[:-1]):
            having = earlier.kind is Kind.ABSOLUTIVE and after.kind is not Kind.AUXILIARY
            if earlier.gender != mark.gender or having:
                break
            first, after = place, earlier
        last = self.words[run[-1]].folded
        return _Group(
            first,
            run[-1],
            mark,
            am=last in self.rules.am,
            auxiliary=last in self.rules.auxiliaries or mark.kind is Kind.AUXILIARY,
        )

    def _next(self, at: int) -> int | None:
        """Place of the next word that is no particle; None at a pause or the end."""
        while at + 1 < len(self.words) and not self.words[at].pause:
            at += 1
            if self.words[at].folded not in self.rules.particles:
                return at
        return None

    def _ends_clause(self, at: int, pause: bool = True) -> bool:
        """Whether the clause is over after the word at `at`; `pause` says whether a comma ends it."""
        following = self._next(at)
        if following is not None:
            return self.rules.ends_before(self.words[following].folded)
        return pause or not self._pauses(at)

    def _pauses(self, at: int) -> bool:
        """Whether a comma, not the sentence's end, comes next."""
        while at + 1 < len(self.words):
            if self.words[at].pause:
                return True
            at += 1
        return False

    def _is_finite(self, group: _Group) -> bool:
        if group.am or group.auxiliary or group.mark.kind in (Kind.SELF, Kind.FINITE):
            return True
        if group.mark.kind is Kind.BOUND:
            return False
        return self._ends_clause(group.last, pause=group.mark.kind is Kind.PARTICIPLE)

    def _is_own(self, group: _Group) -> bool:
        if group.am or group.mark.kind is Kind.SELF:
            return True
        return self._is_finite(group) and not self._agrees_elsewhere(group) and self._is_said_of_me(group)

    def _agrees_elsewhere(self, group: _Group) -> bool:
        pattern = self.rules.before.get(self.words[group.first].folded)
        at = group.first - 1
        while at >= 0 and self.words[at].folded in self.rules.particles:
            at -= 1
        return bool(pattern and at >= 0 and pattern.search(self.words[at].folded))

    def _is_said_of_me(self, group: _Group) -> bool:
        """Whether the subject of the verb is "I": the nearest before it in the clause, or right after it."""
        subject = self._subject(group.first)
        if subject is not None:
            return subject
        after = self._next(group.last)
        return (
            after is not None
            and self.words[after].folded in self.rules.subject
            and (self.words[after].pause or after + 1 == len(self.words))
        )

    def _subject(self, at: int) -> bool | None:
        """Whether the nearest subject left of `at` is "I"; None when the clause begins without one."""
        for place in range(at - 1, -1, -1):
            word = self.words[place].folded
            if place in self.closing or word in self.rules.joints:
                return None
            following = self.words[place + 1].folded
            if following in self.rules.cases:
                continue
            if word in self.rules.subject:
                return following not in self.rules.links
            if word in self.rules.others and not self.rules.relative.search(following):
                return False
            if word in self.rules.pointers and self._opens(place):
                return False
        return None

    def _opens(self, at: int) -> bool:
        """Whether a pointing word begins a clause, and so is a subject; after "I" it stands before a noun."""
        if at == 0 or self.words[at - 1].pause:
            return True
        word = self.words[at - 1].folded
        return word in self.rules.joints | self.rules.links or at - 1 in self.closing or bool(self.rules.mark(word))

    def _nouns(self) -> Iterator[tuple[int, Mark]]:
        """Words for oneself: "I am your assistant", "I, your assistant, ...", "your assistant speaking"."""
        for at, word in enumerate(self.words):
            if not (mark := self.rules.nouns.get(word.folded)):
                continue
            following = self._next(at)
            after = self.words[following].folded if following is not None else ""
            introduces = following is None or after in self.rules.speaking | self.rules.auxiliaries
            if after in self.rules.am or (introduces and self._subject(at)):
                yield at, mark
