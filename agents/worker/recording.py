"""A call's recording: stereo Opus on this machine's disk while it is spoken, then handed to the web server.

`SPOOL_DIR/<call>/<attempt>.ogg`, the visitor on the left, the agent on the right. The job writes it as the call goes, so a
killed job leaves what it had; the worker's parent sends it once the job is gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from livekit.agents import AgentSession
from livekit.agents.voice.recorder_io import RecorderIO

from agents.worker.client import WebClient, WebError
from agents.worker.journal import drop_spooled, is_being_written
from vaani.env import Env
from vaani.logs import get_logger

log = get_logger(__name__)

PERIOD_SECONDS = 5
PATIENCE_SECONDS = 10  # the encoder writes each few seconds; a file that rested longer has no writer any more
_NOT_WANTED = (403, 404)  # not agreed to, or erased with its call


class Tape:
    """Records one attempt.

    The framework's own `record` option is not used: with a LiveKit Cloud address it would send the sound there.
    """

    def __init__(self, spool: Path, call_id: UUID, attempt: int) -> None:
        self._path = spool / str(call_id) / f"{attempt}.ogg"
        self._recorder: RecorderIO | None = None

    async def start(self, session: AgentSession[None]) -> None:
        """Record what the session hears and plays from now on. Before its first word, once its sound is set up."""
        hears, plays = session.input.audio, session.output.audio
        if hears is None or plays is None:
            return
        self._recorder = RecorderIO(agent_session=session)
        session.input.audio = self._recorder.record_input(hears)
        session.output.audio = self._recorder.record_output(plays)
        await self._recorder.start(output_path=self._path)

    async def stop(self) -> None:
        """Write the rest, and close the file."""
        if self._recorder is not None:
            await self._recorder.aclose()


def recordings(spool: Path) -> Iterator[tuple[UUID, int, Path]]:
    """Every recording on this machine, with its call and attempt."""
    for path in sorted(spool.glob("*/*.ogg")):
        try:
            yield UUID(path.parent.name), int(path.stem), path
        except ValueError:
            log.warning("recording_misplaced", path=str(path))


async def send_recordings_forever(env: Env, worker_id: str) -> None:
    """Send every finished recording on this machine until the web server has it, each five seconds, until cancelled."""
    async with WebClient(env, worker_id) as web:
        while True:
            for call_id, attempt, path in recordings(env.spool_path):
                try:
                    rested = time.time() - path.stat().st_mtime > PATIENCE_SECONDS
                    if rested and not is_being_written(path.with_suffix(".jsonl")):  # the same job's
                        await _send(web, call_id, attempt, path)
                except OSError as error:
                    log.warning("recording_unreadable", path=str(path), error=str(error))
            await asyncio.sleep(PERIOD_SECONDS)


async def _send(web: WebClient, call_id: UUID, attempt: int, path: Path) -> None:
    try:
        await web.send_recording(call_id, attempt, path)
    except WebError as error:
        if error.status not in _NOT_WANTED:
            log.warning("recording_not_sent", call_id=str(call_id), error=str(error))
            return
        log.warning("recording_not_wanted", call_id=str(call_id), status=error.status)
    drop_spooled(path)
