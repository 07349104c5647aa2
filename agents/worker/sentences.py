"""Where the voice may begin: marks for text that the speech plugin would otherwise wait to see the end of.

The plugin splits at `. ? ! ।` and speaks each sentence as it comes. A model that writes a bar for the
danda, a line a sentence, or no mark at all would keep the visitor waiting for its whole reply.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

LONGEST = 100  # characters without a mark, after which the voice draws breath at the next space
_MARKS = ".?!।॥…"
_BREAKS = "|\n"


async def with_marks(text: AsyncIterable[str], mark: str) -> AsyncIterator[str]:
    """The same words, each sentence ended by a mark that the speech plugin knows.

    `mark` ends a sentence in the language (`।` or `.`). Every piece comes out as it comes in: nothing is held back.
    """
    unmarked = 0  # characters since the last sentence ended
    last = ""  # the last of them that is no space
    async for piece in text:
        out = ""
        for letter in piece:
            if letter in _BREAKS:
                out += f"{mark} " if unmarked and last not in _MARKS else " "
                unmarked, last = 0, ""
            elif letter.isspace() and unmarked >= LONGEST and last not in _MARKS:
                out += f"{mark} "
                unmarked, last = 0, ""
            elif letter.isspace():
                out += letter
                unmarked = 0 if last and last in _MARKS else unmarked
            else:
                out += letter
                unmarked, last = unmarked + 1, letter
        yield out
