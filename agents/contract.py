"""What crosses the boundary between the web server, the worker and Celery. Imports no Django.

Three kinds of shapes live here: the configuration of an agent (`AgentConfig`, which is also the
published snapshot), the worker's HTTP requests and answers, and the messages a job journals and
sends (`TurnMessage`, `EventMessage`, `CallEnded`). Old workers meet new web servers during a deploy,
so fields are only ever added, with a default, and whoever reads what the other side wrote ignores
fields it does not know (`extra="ignore"`). People's own input is read strictly.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

AGENT_NAME = "vaani"  # the name LiveKit dispatches our worker by
WORKER_AUDIENCE = "vaani-worker"  # `aud` of the worker's bearer
HEARTBEAT_PREFIX = "vaani:worker:"  # Redis keys of worker heartbeats
HEARTBEAT_SECONDS = 2
HEARTBEAT_TTL_SECONDS = 6
RECORD_TASK = "calls.record"  # Celery task that stores one message of a job
RECORD_QUEUE = "live"
EXAMPLE_TASK = "calls.run_example"  # Celery task that holds one example conversation
USAGE_EVENT = "usage"  # kind of the event whose `lines` are all that an attempt has used so far, as `Used`
RECORDING_EVENT = "recording"  # kind of the event that dates the first sound of an attempt's recording
NOTICE_TOPIC = "vaani.notice"  # LiveKit text stream by which the agent tells the page what it cannot say


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# The agent -------------------------------------------------------------------------------------


class Brief(Strict):
    """What staff write. Every part is plain text and may be empty but `who`."""

    who: str
    knows: str = ""
    never: str = ""
    ends: str = ""


class FieldToFindOut(Strict):
    """One thing the agent must find out. `key` is what n8n and exports see."""

    key: str
    label: str
    kind: Literal["text", "name", "phone", "email", "number", "money", "date", "choice", "yes_no"] = "text"
    required: bool = False
    hint: str = ""
    choices: list[str] = []


class SayAs(Strict):
    """A word, and how the voice must say it. Only speech is changed, never what is written."""

    word: str = Field(min_length=1, max_length=60)
    say: str = Field(min_length=1, max_length=120)


class TurnTaking(Strict):
    """When the agent speaks and when it waits, all in seconds.

    `extra_wait` is added to the shortest pause after which a language's speaker counts as finished;
    speech of `stop_after` interrupts the agent; after `ask_after` of silence it asks whether the
    visitor is there, and after `leave_after` more it says goodbye.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    extra_wait: float = Field(0.2, ge=0, le=3)
    stop_after: float = Field(0.5, ge=0.1, le=3)
    ask_after: float = Field(10.0, ge=3, le=120)
    leave_after: float = Field(10.0, ge=3, le=120)


class ModelChoice(Strict):
    """A language model to try: provider, model name, and fields its requests want."""

    provider: Literal["groq", "openai"]
    model: str
    extra: dict[str, Any] = {}


class AgentConfig(Strict):
    """The published snapshot of an agent: all that a call needs to know about it.

    `llm_provider` and `llm_model` are empty when the agent follows the site's defaults. `variables`
    are the agent's own words for `{name}` in its brief and greetings. `recording` and `callback` offer visitors
    to keep a recording and to be called back. Programs
    (n8n, the config endpoint) read and write it in camelCase.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    agent_id: str
    name: str
    description: str = ""
    brief: Brief
    fields: list[FieldToFindOut] = []
    greetings: dict[str, str] = {}
    languages: list[str]
    default_language: str
    voices: list[str]
    default_voice: str
    llm_provider: Literal["", "groq", "openai"] = ""
    llm_model: str = ""
    temperature: float = Field(0.4, ge=0, le=2)
    stt_model: str
    tts_model: str
    pace: float = Field(1.0, ge=0.5, le=2.0)
    say_as: list[SayAs] = []
    variables: dict[str, str] = {}
    turn_taking: TurnTaking = TurnTaking()
    text_chat: bool = True
    max_seconds: int = Field(600, ge=30, le=3600)
    consent: str = ""
    recording: bool = False
    callback: bool = False


# The worker's requests and answers -------------------------------------------------------------


class ClaimRequest(Strict):
    """Sent by a job that wants a call. The same job may ask again and gets the same attempt."""

    job_id: str = Field(max_length=100)
    worker_id: str = Field(max_length=100)


class StoredTurn(Strict):
    """A turn as Postgres has it, for a job that resumes a conversation."""

    item_id: str
    role: Literal["visitor", "agent"]
    text: str


class Claim(BaseModel):
    """Answer to a claim: the call is this job's, as attempt number `attempt`.

    `models` are the language models to try in order, retired ones already replaced. `voice` and
    `tts_model`, `stt_model` are likewise those that are served today. `turns` are the call's own so far, `earlier` those
    of the calls that it goes on with. `max_seconds` is what is left.
    A `typed` call has no sound. `record` is true when agent and visitor both want a recording.
    """

    call_id: UUID
    attempt: int
    agent: AgentConfig
    language: str
    voice: str
    stt_model: str
    tts_model: str
    models: list[ModelChoice]
    visitor_name: str = ""
    visitor_identity: str
    turns: list[StoredTurn] = []
    max_seconds: int
    typed: bool = False
    record: bool = False
    earlier: list[StoredTurn] = []


class Stored(BaseModel):
    """What Postgres holds of a call: turns by item id with their state, events, finished attempts."""

    turns: dict[str, Literal["draft", "final"]]
    revisions: dict[str, int] = {}
    events: list[str]
    ended_attempts: list[int]


class ToolRequest(Strict):
    """A tool call of the model. `arguments` are checked by the tool's own handler."""

    item_id: str = Field(max_length=40)
    arguments: dict[str, Any]


class ToolAnswer(BaseModel):
    """`ok` false means the model should ask the visitor again; `text` is for the model to read."""

    ok: bool
    text: str


class Heartbeat(BaseModel):
    """What a worker says of itself every two seconds, in Redis. `slots` is 0 while it drains.

    `resent`: lines of journals that it had to send again, since it started. `lacking_since`: the web server has
    lacked lines of its machine's journals, or could not be asked about them, since then.
    """

    worker_id: str
    host: str
    slots: int
    active: list[UUID]
    keys: dict[str, Literal["ok", "refused", "unreachable", "missing"]] = {}
    resent: int = 0
    lacking_since: datetime | None = None
    at: datetime


# What a job records ----------------------------------------------------------------------------


class Latencies(Strict):
    """Where the wait before a reply went, in seconds, as the job measured it. None: not measured."""

    endpointing: float | None = None
    stt: float | None = None
    llm: float | None = None
    tts: float | None = None
    playback: float | None = None
    total: float | None = None


class _Message(Strict):
    call_id: UUID
    attempt: int = Field(ge=1)
    n: int = Field(ge=0)

    @property
    def item_id(self) -> str:
        """Identity of the item within its call: `<attempt>.<n>`."""
        return f"{self.attempt}.{self.n}"


class TurnMessage(_Message):
    """One turn by one speaker, as far as it has come.

    Several may tell of one turn, each of a higher `revision`: drafts, then a final; never the reverse.
    """

    type: Literal["turn"] = "turn"
    role: Literal["visitor", "agent"]
    text: str
    language: str = ""
    typed: bool = False
    final: bool = True
    revision: int = Field(0, ge=0)
    interrupted: bool = False
    started_at: datetime
    ended_at: datetime | None = None
    latencies: Latencies = Latencies()


class EventMessage(_Message):
    """Something that happened in the call that is not speech: an error, a tool call, a fallback."""

    type: Literal["event"] = "event"
    kind: str = Field(max_length=40)
    at: datetime
    detail: dict[str, Any] = {}


Unit = Literal["stt_seconds", "tts_characters", "llm_input", "llm_cached_input", "llm_output"]  # the last three: tokens


class Used(Strict):
    """How much of a provider's model an attempt has used so far, in `unit`."""

    provider: str = Field(max_length=40)
    model: str = Field(max_length=100)
    unit: Unit
    amount: float = Field(ge=0)


class CallEnded(_Message):
    """The attempt is over; `n` is its last item, so all of 1 to n must be stored before the call settles."""

    type: Literal["ended"] = "ended"
    reason: str = Field(max_length=40)
    at: datetime


Message = Annotated[TurnMessage | EventMessage | CallEnded, Field(discriminator="type")]
MESSAGE: TypeAdapter[TurnMessage | EventMessage | CallEnded] = TypeAdapter(Message)
