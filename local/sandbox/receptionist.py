"""The receptionist: what a language model in its place would answer, from the request alone.

It keeps nothing between requests. Each time it walks through the whole conversation again, one event after another,
to the state it is in now, and answers from that state; so a call that is taken up by another worker goes on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from local.sandbox import answers
from local.sandbox.form import Field, Form, end_tool, find_form
from local.sandbox.phrases import DEFAULT_LANGUAGE, phrases
from local.sandbox.prompt import Brief, is_question, language_of_script, text_of

Message = dict[str, Any]

_REFUSED = re.compile(
    r"error|invalid|not valid|not saved|could not|cannot|unable|missing|must be|wrong|failed|incomplete|required",
    re.IGNORECASE,
)
_PARTING_ORDER = re.compile(r"goodbye|good bye|farewell|end the call|time is (?:up|over)|wrap up", re.IGNORECASE)
_PATIENCE = 2  # answers without a number before an optional number is let go


@dataclass(frozen=True)
class ToolCall:
    """A tool to be called."""

    name: str
    arguments: dict[str, Any]

    @property
    def arguments_json(self) -> str:
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class Reply:
    """What is said, and the tools called with it."""

    text: str = ""
    tools: tuple[ToolCall, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the ledger."""
        return {"text": self.text, "tools": [{"name": each.name, "arguments": each.arguments} for each in self.tools]}


@dataclass(frozen=True)
class _Said:
    """The visitor's words since the agent last spoke."""

    text: str


@dataclass(frozen=True)
class _Done:
    """What a tool answered."""

    tool: str
    result: str


def reply(messages: list[Message], tools: list[dict[str, Any]]) -> Reply:
    """The next words, and tool calls, of the speaker whom the messages describe."""
    brief = Brief.of(messages)
    events = _events(messages)
    said = [event.text for event in events if isinstance(event, _Said)]
    language = brief.language or language_of_script(said[-1] if said else "") or DEFAULT_LANGUAGE
    talk = _Talk(brief, find_form(tools), end_tool(tools), language)
    for event in events:
        talk.take(event)
    last = messages[-1]
    if last.get("role") in ("system", "developer") and any(each.get("role") == "assistant" for each in messages):
        return talk.obey(text_of(last))
    return talk.answer


def _events(messages: list[Message]) -> list[_Said | _Done]:
    """What happened, in order. Words with no answer between them are one turn: the visitor paused and went on."""
    names: dict[str, str] = {}
    events: list[_Said | _Done] = []
    joined = False
    for message in messages:
        role, text = message.get("role"), text_of(message)
        if role == "user" and text.strip():
            before = events[-1] if events else None
            if joined and isinstance(before, _Said):
                events[-1] = _Said(f"{before.text} {text}")
            else:
                events.append(_Said(text))
            joined = True
        elif role == "assistant":
            joined = False
            calls = message.get("tool_calls")
            for call in calls if isinstance(calls, list) else []:
                function = call.get("function") if isinstance(call, dict) else None
                if isinstance(function, dict):
                    names[str(call.get("id"))] = str(function.get("name"))
        elif role == "tool":
            joined = False
            events.append(_Done(names.get(str(message.get("tool_call_id")), str(message.get("name") or "")), text))
    return events


@dataclass
class _Talk:
    """The conversation so far, and the answer to its newest event."""

    brief: Brief
    form: Form | None
    ending: str | None
    language: str
    values: dict[str, str | None] = field(default_factory=dict)
    asking: str | None = None
    number: str | None = None  # heard, and waiting for a yes
    misses: int = 0
    turns: int = 0
    saved: bool = False
    leaving: bool = False
    answer: Reply = Reply()

    def __post_init__(self) -> None:
        self.answer = Reply(self.say("greet", name=self.brief.name or self.words.nobody))

    @property
    def words(self) -> Any:
        return phrases(self.language)

    def say(self, phrase: str, **values: str) -> str:
        """One phrase of the catalogue in the speaker's gender."""
        return self.line(getattr(self.words, phrase), **values)

    def line(self, pattern: str, **values: str) -> str:
        """A pattern in the speaker's gender."""
        return str(self.words.line(pattern, self.brief.gender, **values))

    def take(self, event: _Said | _Done) -> None:
        """Move on by one event."""
        if isinstance(event, _Done):
            self.answer = self.after_tool(event)
            return
        self.turns += 1
        # Thanks, while a number waits for its yes, are no leave-taking.
        if answers.is_goodbye(event.text) or (self.number is None and answers.is_parting(event.text)):
            self.leaving, self.number = True, None
            known = any(value for key, value in self.values.items() if key != "need")
            self.answer = self.save() if known and not self.saved else self.part()
        elif self.form is None or self.saved:
            self.answer = Reply(self.chat(event.text))
        else:
            self.answer = self.collect(event.text)

    def obey(self, order: str) -> Reply:
        """Answer an instruction that came after the conversation had begun, rather than the visitor."""
        if _PARTING_ORDER.search(order):
            return Reply(self.say("goodbye"))
        missing = self.missing()
        return Reply(self.question(missing)) if missing else self.answer

    def chat(self, text: str) -> str:
        """Answer where there is nothing to collect: from the knowledge, or with the visitor's own words."""
        if fact := self.brief.fact_about(text):
            return self.say("fact", line=fact)
        echo = self.words.echo
        return self.line(echo[(self.turns - 1) % len(echo)], words=answers.own_words(text))

    def collect(self, text: str) -> Reply:
        """Take an answer to the question asked, and ask the next."""
        if self.number is not None:
            return self.confirm(text)
        fact = self.brief.fact_about(text) if self.turns == 1 or is_question(text) else ""
        number = answers.mobile(text, self.language)
        if number and self.form and self.form.field("phone") and not self.values.get("phone"):
            return self.read_back(number)
        if self.asking == "phone":
            return self.missed()
        if self.asking and not (fact and is_question(text)):
            self.values[self.asking] = self.value(self.asking, text)
        elif self.turns == 1 and self.form and self.form.field("need") and not answers.is_greeting(text):
            self.values["need"] = text.strip()
        return self.go_on(self.say("fact", line=fact) if fact else self.acknowledge())

    def confirm(self, text: str) -> Reply:
        """The answer to a number read back."""
        if other := answers.mobile(text, self.language):
            return self.read_back(other)
        if answers.is_no(text):
            self.number, self.asking = None, "phone"
            return Reply(self.say("phone_again"))
        if not answers.is_yes(text):
            return self.read_back(self.number or "")
        self.values["phone"], self.number = self.number, None
        return self.go_on(self.acknowledge())

    def read_back(self, number: str) -> Reply:
        self.number = number
        return Reply(self.say("read_back", digits=self.words.spell(number)))

    def missed(self) -> Reply:
        """No number was heard. An optional one is let go after a while, so that nobody is asked for ever."""
        self.misses += 1
        wanted = self.form.field("phone") if self.form else None
        if wanted is not None and wanted.optional and self.misses >= _PATIENCE:
            self.values["phone"] = None
            return self.go_on(self.acknowledge())
        return Reply(self.say("phone_again"))

    def value(self, key: str, text: str) -> str | None:
        if key == "name":
            return answers.name(text, self.language)
        if key == "email":
            return answers.email(text) or text.strip()
        return text.strip()

    def missing(self) -> Field | None:
        """The next field to ask for."""
        fields = self.form.fields if self.form and not self.saved else ()
        return next((each for each in fields if each.key not in self.values), None)

    def question(self, wanted: Field) -> str:
        ask = self.words.ask
        return self.line(ask.get(wanted.key) or ask["other"], label=wanted.label)

    def acknowledge(self) -> str:
        ack = self.words.ack
        return self.line(ack[(self.turns - 1) % len(ack)])

    def go_on(self, before: str) -> Reply:
        """Ask for the next field, or hand over what is known."""
        wanted = self.missing()
        if wanted is None:
            return self.save()
        self.asking = wanted.key
        return Reply(f"{before} {self.question(wanted)}")

    def save(self) -> Reply:
        """Call the tool with what is known."""
        if self.form is None:
            return self.part()
        known = {**self.values, "language": self.language, "confirmed": "yes", "confirm": "yes", "consent": "yes"}
        for key in ("notes", "summary", "remarks", "comments"):
            known[key] = self.values.get("need")
        return Reply(tools=(ToolCall(self.form.tool, self.form.arguments(known.get)),))

    def after_tool(self, event: _Done) -> Reply:
        """Answer a tool's result: ask again for what it refused, else thank the visitor and take leave."""
        if event.tool == self.ending:
            return Reply(self.say("goodbye"))
        if self.form is not None and event.tool == self.form.tool and _was_refused(event.result):
            wrong = next((each for each in self.form.fields if each.key in event.result.lower()), None)
            if wrong is not None and not self.leaving:
                self.values.pop(wrong.key, None)
                self.asking = wrong.key
                return Reply(self.say("phone_again") if wrong.key == "phone" else self.question(wrong))
            self.saved = True
            return self.part(self.say("trouble"))
        self.saved = True
        return self.part(self.say("noted"))

    def part(self, before: str = "") -> Reply:
        """Take leave, and end the call where a tool for that is offered."""
        tools = (ToolCall(self.ending, {}),) if self.ending else ()
        return Reply(f"{before} {self.say('goodbye')}".strip(), tools)


def _was_refused(result: str) -> bool:
    """Whether a tool's answer says no. Tools answer in prose or in JSON."""
    try:
        told = json.loads(result)
    except ValueError:
        told = None
    if isinstance(told, dict):
        for key in ("ok", "saved", "success"):
            if isinstance(told.get(key), bool):
                return not told[key]
    return bool(_REFUSED.search(result))
