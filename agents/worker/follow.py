"""Following a visitor into another language."""

from __future__ import annotations

from collections.abc import Container

from agents.smalltalk import words

WORDS = 3  # an utterance of fewer says little of its language: callers mix
UTTERANCES = 2  # in a row


class Follower:
    """Notices a visitor who keeps to another of the languages the agent offers."""

    def __init__(self, offered: Container[str], language: str) -> None:
        self._offered = offered
        self.language = language
        self._other, self._times = "", 0

    def hears(self, text: str, language: str | None) -> str | None:
        """The language to go on in, when these words settle it; None to stay."""
        if len(words(text)) < WORDS or language is None:
            return None
        if language == self.language or language not in self._offered:
            self._other, self._times = "", 0
            return None
        self._times = self._times + 1 if language == self._other else 1
        self._other = language
        return language if self._times >= UTTERANCES else None

    def follow(self, language: str) -> None:
        """The call goes on in `language`."""
        self.language = language
        self._other, self._times = "", 0
