"""A job: one process, one call. Everything here is module-level, for jobs find it by name."""

from __future__ import annotations

import json
import logging.config
import signal
from uuid import UUID

import structlog
from livekit.agents import JobContext, JobProcess

from agents.languages import LANGUAGES
from agents.worker.client import WebClient, WebError
from agents.worker.conversation import Conversation, send_notice
from vaani.env import get_env
from vaani.logs import get_logger, log_config
from vaani.sentry import start_sentry

log = get_logger(__name__)

_CONVERSATION = "conversation"
_WEB = "web"


def setup(process: JobProcess) -> None:
    """Run once in each job process, before a call comes."""
    # A group kill must not cut a live call: the parent drains, and jobs end when their call does.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.config.dictConfig(log_config())
    start_sentry(django=False)


async def entrypoint(ctx: JobContext) -> None:
    """Claim the call named in the dispatch, and hold its conversation."""
    env = get_env()
    web = ctx.proc.userdata[_WEB] = WebClient(env, env.worker_id)
    metadata = json.loads(ctx.job.metadata)
    call_id = UUID(metadata["call_id"])
    _name_lines(ctx, call_id)
    try:
        claim = await web.claim(call_id, ctx.job.id)
    except WebError as error:
        await _leave(ctx, error, metadata.get("language", ""))
        return
    log.info("session_started", attempt=claim.attempt, agent_id=claim.agent.agent_id, language=claim.language)
    conversation = Conversation(env, claim, web, ctx)
    ctx.proc.userdata[_CONVERSATION] = conversation
    try:
        await conversation.start()
    except Exception as error:
        conversation.fail(error)
        raise


async def on_session_end(ctx: JobContext) -> None:
    """The session is over, however it ended."""
    conversation: Conversation | None = ctx.proc.userdata.get(_CONVERSATION)
    if conversation is not None:
        _name_lines(ctx, conversation.claim.call_id)
        await conversation.finish()
        await ctx.delete_room()
    await ctx.proc.userdata[_WEB].__aexit__(None, None, None)


def _name_lines(ctx: JobContext, call_id: UUID) -> None:
    """Put the call on every line that is logged from here on. The framework runs what it calls in contexts of their own."""
    structlog.contextvars.bind_contextvars(call_id=str(call_id), job_id=ctx.job.id)


async def _leave(ctx: JobContext, error: WebError, language: str) -> None:
    if error.status == 409:
        log.info("claim_refused", status=error.status)
        ctx.shutdown(reason="another job holds the call")
        return
    if error.status != 410:
        # Nobody can answer this call: say so before hanging up.
        log.error("claim_failed", error=str(error))
        await ctx.connect()
        spoken = LANGUAGES.get(language)
        await send_notice(ctx.room, "apology", spoken.apology if spoken else "")
    await ctx.delete_room()
    ctx.shutdown(reason="the call cannot be claimed")
