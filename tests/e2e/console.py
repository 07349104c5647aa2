"""What a browser complains of: scripts that fail, and errors on its console, which requests and our own policy end in."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage


class Console:
    """The complaints of the browsers it watches. Those that a test expects are named by `allow`."""

    def __init__(self) -> None:
        self._allowed: tuple[str, ...] = ()
        self._said: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("weberror", lambda fault: self._said.append(str(fault.error)))
        context.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._said.append(f"{said.text} {said.location['url']}")

    def allow(self, *beginnings: str) -> None:
        """Let pass whatever begins with one of these."""
        self._allowed += beginnings

    @property
    def faults(self) -> list[str]:
        """What was said and not allowed."""
        return [text for text in self._said if not text.startswith(self._allowed)]
