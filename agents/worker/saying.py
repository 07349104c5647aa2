"""How words are said: the agent's list, applied to the text on its way to the voice and to nothing else."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass

from agents.contract import SayAs

_JOINERS = "\u200c\u200d"  # stand within words of Indian scripts


async def say_as(text: AsyncIterable[str], words: Sequence[SayAs]) -> AsyncIterator[str]:
    """`text` with each of `words` put as it is to be said: whole words, in capitals or not, the longest first.

    A word may come in pieces. What could still become one of `words` is held until that is known.
    """
    entries = _entries(words)
    held = ""
    async for piece in text:
        if not entries:
            yield piece
            continue
        held = unicodedata.normalize("NFC", held + piece)
        whole = len(held)
        while whole and _in_word(held[whole - 1]):
            whole -= 1
        said, done = _say(held[:whole], entries, finished=False)
        held = held[done:]
        if said:
            yield said
    if held:
        yield _say(held, entries, finished=True)[0]


@dataclass(frozen=True, slots=True)
class _Entry:
    word: str  # case-folded
    length: int  # of the word as written
    say: str
    opens_word: bool  # its first character is one of a word, so no other may stand before it
    ends_word: bool


def _entries(words: Sequence[SayAs]) -> list[_Entry]:
    """The list in NFC, longest first. The last of two that are the same counts."""
    written = {}
    for each in words:
        if word := unicodedata.normalize("NFC", each.word).strip():
            written[word.casefold()] = _Entry(
                word.casefold(), len(word), each.say.strip(), _in_word(word[0]), _in_word(word[-1])
            )
    return sorted(written.values(), key=lambda entry: entry.length, reverse=True)


def _say(text: str, entries: list[_Entry], *, finished: bool) -> tuple[str, int]:
    """The text as it is said, and how much of it that covers: all of it once `finished`.

    Unless it is finished, `text` ends between words, and what may grow into an entry is left.
    """
    said: list[str] = []
    at = 0
    while at < len(text):
        if not finished and _may_grow(text, at, entries):
            break
        entry = next((entry for entry in entries if _stands_at(text, at, entry)), None)
        said.append(entry.say if entry else text[at])
        at += entry.length if entry else 1
    return "".join(said), at


def _stands_at(text: str, at: int, entry: _Entry) -> bool:
    end = at + entry.length
    return (
        text[at:end].casefold() == entry.word
        and not (entry.opens_word and at and _in_word(text[at - 1]))
        and not (entry.ends_word and end < len(text) and _in_word(text[end]))
    )


def _may_grow(text: str, at: int, entries: list[_Entry]) -> bool:
    if len(text) - at >= entries[0].length:
        return False
    rest = text[at:].casefold()
    starts_word = not at or not _in_word(text[at - 1])
    return any(
        len(text) - at < entry.length and entry.word.startswith(rest) and (starts_word or not entry.opens_word)
        for entry in entries
    )


def _in_word(character: str) -> bool:
    # Vowel signs and viramas are marks, which `\\w` and `\\b` take for the end of a word.
    return character in _JOINERS or character == "_" or unicodedata.category(character)[0] in "LMN"
