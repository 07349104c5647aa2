"""A run of an example conversation: the exchange of a call, without a room, by the same tools and models."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async

from agents.contract import Claim, ToolAnswer
from agents.example_runs import finish_run, take_run
from agents.models import ExampleRun
from agents.services import language_models, mark_refused, speech_models
from agents.worker.pipeline import Exchange, hold
from calls.models import VISITOR_IDENTITY, Call
from calls.tools import run_tool
from vaani.env import get_env


def run_example(run_id: UUID) -> None:
    """Hold one run's conversation and keep what came of it. Does nothing for a run that somebody else has."""
    run = take_run(run_id)
    if run is None:
        return
    try:
        _run(run)
    except Exception as error:
        finish_run(run, [], trouble="failed", detail=type(error).__name__)
        raise


def _run(run: ExampleRun) -> None:
    if run.example.language not in run.version.config.languages:
        finish_run(run, [], trouble="language")
        return
    exchange = _hold(run)
    for kind, detail in exchange.failures:
        if kind == "model_refused":
            mark_refused(detail["model"], detail["message"])
    last = exchange.failures[-1][1]["message"] if exchange.trouble and exchange.failures else ""
    finish_run(run, exchange.steps, trouble=exchange.trouble, detail=last)


def _hold(run: ExampleRun) -> Exchange:
    config = run.version.config
    wanted = run.example.voice if run.example.voice in config.voices else config.default_voice
    stt_model, tts_model, voice = speech_models(config, wanted)
    # Never stored. Tools check for it and answer, and keep nothing for a call that is not a visitor's.
    call = Call(
        id=run.pk,
        kind=Call.Kind.EXAMPLE,
        agent=run.version.agent,
        version=run.version,
        language=run.example.language,
        voice=voice,
        typed=True,
        status=Call.Status.LIVE,
    )
    claim = Claim(
        call_id=call.pk,
        attempt=1,
        agent=config,
        language=call.language,
        voice=voice,
        stt_model=stt_model,
        tts_model=tts_model,
        models=language_models(config),
        visitor_identity=VISITOR_IDENTITY,
        max_seconds=config.max_seconds,
        typed=True,
    )

    async def check(name: str, item_id: str, arguments: dict[str, Any]) -> ToolAnswer:
        return await sync_to_async(run_tool)(call, name, item_id, arguments)

    exchange: Exchange = async_to_sync(hold)(get_env(), claim, run.example.lines, check)
    return exchange
