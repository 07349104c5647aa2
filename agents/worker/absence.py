"""A visitor whose line dropped: LiveKit keeps the room for them a while, and the agent waits."""

from __future__ import annotations

from collections.abc import Callable

from livekit import rtc
from livekit.agents.voice.room_io.types import DEFAULT_CLOSE_ON_DISCONNECT_REASONS


class Absence:
    """Notices that the visitor is gone without having hung up, and that they are back.

    Who hangs up ends the session; it closes by itself. Who does not come back loses the room, and the job with it.
    """

    def __init__(self, identity: str, *, leaves: Callable[[], None], returns: Callable[[], None]) -> None:
        self.away = False
        self._identity = identity
        self._leaves, self._returns = leaves, returns

    def watch(self, room: rtc.Room) -> None:
        """Begin to notice."""
        room.on("participant_disconnected", self._on_left)
        room.on("participant_active", self._on_active)  # from then on sound and words reach them

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity != self._identity or self.away:
            return
        if participant.disconnect_reason not in DEFAULT_CLOSE_ON_DISCONNECT_REASONS:
            self.away = True
            self._leaves()

    def _on_active(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._identity and self.away:
            self.away = False
            self._returns()
