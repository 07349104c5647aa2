"""What a job has used of its providers: counted as it goes, told once a minute and at the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from livekit.agents import SessionUsageUpdatedEvent
from livekit.agents.llm import CompletionUsage
from livekit.agents.metrics import STTModelUsage, TTSModelUsage

from agents.contract import USAGE_EVENT, ModelChoice, Unit, Used

TELL_SECONDS = 60.0  # what a killed job may have used untold

_Key = tuple[str, str, Unit]  # provider, model, unit


class Usage:
    """Sums of one attempt, told by `report(kind, detail)` as `Used` lines. Each telling says all so far."""

    def __init__(self, report: Callable[[str, dict[str, Any]], object]) -> None:
        self._report = report
        self._thought: Counter[_Key] = Counter()
        self._heard_and_said: dict[_Key, float] = {}
        self._told: list[Used] = []

    def thought(self, choice: ModelChoice, usage: CompletionUsage) -> None:
        """A language model has told what a reply took."""
        key = (choice.provider, choice.model)
        self._thought[*key, "llm_input"] += max(0, usage.prompt_tokens - usage.prompt_cached_tokens)
        self._thought[*key, "llm_cached_input"] += usage.prompt_cached_tokens
        self._thought[*key, "llm_output"] += usage.completion_tokens

    def on_session(self, event: SessionUsageUpdatedEvent) -> None:
        """The session tells its sums anew. Language models are left out: it sees only the first of the line."""
        for used in event.usage.model_usage:
            provider = used.provider.lower()
            if isinstance(used, STTModelUsage):
                self._heard_and_said[provider, used.model, "stt_seconds"] = used.audio_duration
            elif isinstance(used, TTSModelUsage):
                self._heard_and_said[provider, used.model, "tts_characters"] = used.characters_count

    def tell(self) -> None:
        """Report the sums, if there is news."""
        sums = {**self._thought, **self._heard_and_said}
        lines = [
            Used(provider=provider, model=model, unit=unit, amount=round(amount, 3))
            for (provider, model, unit), amount in sums.items()
            if amount
        ]
        if lines != self._told:
            self._told = lines
            self._report(USAGE_EVENT, {"lines": [line.model_dump() for line in lines]})

    async def keep_telling(self) -> None:
        """Report once a minute, until cancelled."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            self.tell()
