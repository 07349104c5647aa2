"""What a test or benchmark may order for a call, as the body of `PUT /control/calls/{call_id}`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from local.sandbox.speaking import LANGUAGES, bcp47

FaultKind = Literal[
    "refuse_key",  # 401, Sarvam 403
    "rate_limit",  # 429, with Retry-After when `retry_after` is set
    "error",  # 500
    "refuse_model",  # 404
    "hang",  # taken in, never answered
    "drip",  # one tiny piece a second
    "reset",  # the connection breaks after the first piece
    "garbage",  # what comes is not the protocol
    "close",  # a polite end before the answer is complete
]


def _known_language(code: str) -> str:
    if bcp47(code) not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return bcp47(code)


Language = Annotated[str, AfterValidator(_known_language)]


class _Strict(BaseModel):
    """Unknown names are refused: a misspelt order that is silently ignored makes a test that tests nothing."""

    model_config = ConfigDict(extra="forbid")


class HeardLine(_Strict):
    """Words to be heard in a language of their own."""

    text: str
    language: Language | None = None


class ToolReply(_Strict):
    """A reply that calls a tool."""

    tool: str = Field(min_length=1)
    arguments: dict[str, Any] = Field(default_factory=dict)


class Delays(_Strict):
    """Milliseconds before the first output of each part."""

    stt: int | None = Field(None, ge=0, le=600_000)
    llm: int | None = Field(None, ge=0, le=600_000)
    tts: int | None = Field(None, ge=0, le=600_000)
    data: int | None = Field(None, ge=0, le=600_000)


class Fault(_Strict):
    """Something that goes wrong: `times` requests or utterances, once `after` of them went well."""

    kind: FaultKind
    times: int = Field(1, ge=0, description="How often; 0 is always")
    after: int = Field(0, ge=0, description="Good ones first")
    retry_after: float | None = Field(None, ge=0, description="Seconds, told with rate_limit")


class Faults(_Strict):
    """The fault of each part. `data` is a language model that is asked for data in a schema, not for speech."""

    stt: Fault | None = None
    llm: Fault | None = None
    tts: Fault | None = None
    data: Fault | None = None


class Orders(_Strict):
    """All that can be ordered. What is left out comes from the orders of `*`, or is the sandbox's own choice."""

    hear: list[str | HeardLine] | None = None
    replies: list[str | ToolReply] | None = None
    data: list[str] | None = None  # answers to requests for data in a schema, as they are
    language: Language | None = None
    delays: Delays | None = None
    faults: Faults | None = None
