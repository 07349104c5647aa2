"""An agent as one file that people read: YAML, and back again exactly.

Only the plainest YAML is read: no tags, no anchors, one document, and every value is the text that
stands there, made a number or a yes by the contract and not by YAML, so that `name: No` names
somebody No.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agents.contract import AgentConfig

FORMAT = 1
FORMAT_KEY = "vaani"
MAX_BYTES = 1_000_000
MAX_PARTS = 10_000  # an agent with all there is to fill in has some hundreds
MAX_DEPTH = 6
MAX_FAULTS = 10
ONE_LINE = 100  # characters of a text or list that is written on the line of its name

Where = tuple[str | int, ...]


class AgentFileError(Exception):
    """The file is not an agent we can take. `faults` are sentences for the person who wrote it."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


# Writing ---------------------------------------------------------------------------------------


def dump_agent(config: AgentConfig) -> str:
    """The agent as a file. `load_agent` gives back an equal one."""
    return yaml.dump(
        {FORMAT_KEY: FORMAT, **_written(config)},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=2**31,
    )


def _written(model: BaseModel) -> dict[str, Any]:
    """What is written of a model: all but the empty parts that are empty by default.

    Other defaults are written, because the next version of Vaani may have others.
    """
    parts = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if value or value != field.default:
            parts[name] = _plain(value)
    return parts


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _written(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value


# What cannot stand in a block of text as it is, or would be read as another line break.
_NEEDS_ESCAPE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffe]")


def _fits_block(text: str) -> bool:
    return not text.startswith("\t") and not _NEEDS_ESCAPE.search(text)


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:
        analysis = super().analyze_scalar(scalar)
        # PyYAML would put a page of text on one line for the sake of one space at a line's end.
        analysis.allow_block = bool(scalar) and _fits_block(scalar)
        return analysis


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text or len(text) > ONE_LINE or _NEEDS_ESCAPE.search(text):
        style = "|" if _fits_block(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _write_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    short = all(isinstance(item, str) for item in items) and sum(map(len, items)) <= ONE_LINE
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(list, _write_list)


# Reading ---------------------------------------------------------------------------------------


def read_agent(data: bytes) -> AgentConfig:
    """The agent in the bytes of a file. Raises `AgentFileError`."""
    try:
        return load_agent(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise AgentFileError([_("The file is not text in UTF-8. An agent's file is.")]) from error


def load_agent(text: str) -> AgentConfig:
    """The agent that `dump_agent`, or a person, wrote as `text`. Raises `AgentFileError`."""
    no_text = _("There is a character that no text holds.")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise _fault(text.count("\n", 0, error.start) + 1, no_text) from error
    if len(data) > MAX_BYTES:
        raise AgentFileError([_("The file is larger than 1 MB. An agent's file never is.")])
    reader = _Reader(data)
    try:
        parts = reader.read()
    except yaml.reader.ReaderError as error:
        raise _fault(data.count(b"\n", 0, error.position) + 1, no_text) from error
    except yaml.MarkedYAMLError as error:
        line = int(error.problem_mark.line) + 1 if error.problem_mark else 1
        raise _fault(line, _("This is not YAML: %(problem)s.") % {"problem": error.problem}) from error
    if not isinstance(parts, dict) or FORMAT_KEY not in parts:
        raise AgentFileError(
            [_("This is not an agent's file: its first line should be %(line)s.") % {"line": f"{FORMAT_KEY}: {FORMAT}"}]
        )
    if (found := parts.pop(FORMAT_KEY)) != str(FORMAT):
        message = _("The file is of format %(found)s. This Vaani reads format %(known)s.")
        raise AgentFileError([message % {"found": str(found)[:20], "known": FORMAT}])
    try:
        return AgentConfig.model_validate(parts, by_alias=False, by_name=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        sentences = [_sentence(fault, reader.line_of(fault["loc"])) for fault in faults[:MAX_FAULTS]]
        if len(faults) > MAX_FAULTS:
            sentences.append(_("And %(count)s more.") % {"count": len(faults) - MAX_FAULTS})
        raise AgentFileError(sentences) from error


class _Reader:
    """Builds lists, dictionaries and text out of YAML's events, and remembers where each part stood.

    Events are read one at a time, so that a file made to exhaust us is left at its first excess.
    """

    def __init__(self, data: bytes) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(data, Loader=yaml.CSafeLoader)
        self._lines: dict[Where, int] = {}
        self._parts = 0

    def read(self) -> Any:
        """The one document; None when there is none."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), ())
        self._next()
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            raise _fault(_line(event), _("A second document begins here. A file holds one agent."))
        return value

    def line_of(self, where: Where) -> int:
        """Line on which a part stands, or of the part that should hold it."""
        while where and where not in self._lines:
            where = where[:-1]
        return self._lines.get(where, 1)

    def _next(self) -> yaml.Event:
        event = next(self._events)
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _fault(_line(event), _("The file has more parts than an agent can have."))
        if getattr(event, "anchor", None):
            raise _fault(_line(event), _("Anchors and aliases (& and *) are not read. Write the text out."))
        if getattr(event, "tag", None):
            raise _fault(_line(event), _("Tags (words with ! before them) are not read. Put the text in quotes."))
        return event

    def _value(self, event: yaml.Event, where: Where) -> Any:
        self._lines.setdefault(where, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if len(where) >= MAX_DEPTH:
            raise _fault(_line(event), _("There are lists within lists here, more than an agent can have."))
        return self._list(where) if isinstance(event, yaml.SequenceStartEvent) else self._dictionary(where)

    def _list(self, where: Where) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*where, len(items))))
        return items

    def _dictionary(self, where: Where) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        seen = set()
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _fault(_line(event), _("A name is expected here, with a colon after it."))
            name, line = event.value, _line(event)
            if name in seen:
                raise _fault(line, _("%(name)s is written twice.") % {"name": name[:40]})
            seen.add(name)
            self._lines[*where, name] = line
            event = self._next()
            value = self._value(event, (*where, name))
            if not _is_nothing(event):
                parts[name] = value
        return parts


def _is_nothing(event: yaml.Event) -> bool:
    """Whether a person wrote a name and left its value open."""
    return (
        isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value in ("", "~", "null", "Null", "NULL")
    )


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1 if event.start_mark else 1


# Sentences -------------------------------------------------------------------------------------

_WHAT = {
    "missing": gettext_lazy("is missing."),
    "extra_forbidden": gettext_lazy("is not a part of an agent."),
    "string_type": gettext_lazy("must be text."),
    "list_type": gettext_lazy("must be a list, each item on a line that begins with a hyphen."),
    "dict_type": gettext_lazy("must be lines of a name, a colon and a value."),
    "model_type": gettext_lazy("must be lines of a name, a colon and a value."),
    "int_type": gettext_lazy("must be a whole number."),
    "int_parsing": gettext_lazy("must be a whole number."),
    "float_type": gettext_lazy("must be a number."),
    "float_parsing": gettext_lazy("must be a number."),
    "bool_type": gettext_lazy("must be true or false."),
    "bool_parsing": gettext_lazy("must be true or false."),
    "literal_error": gettext_lazy("must be %(expected)s."),
    "greater_than_equal": gettext_lazy("must be at least %(ge)s."),
    "less_than_equal": gettext_lazy("must be at most %(le)s."),
    "string_too_short": gettext_lazy("must not be empty."),
    "string_too_long": gettext_lazy("is longer than %(max_length)s characters."),
}


def _sentence(fault: ErrorDetails, line: int) -> str:
    known = _WHAT.get(fault["type"])
    what = known % fault.get("ctx", {}) if known else _("is wrong. %(why)s.") % {"why": fault["msg"]}
    return _("Line %(line)s: %(part)s %(what)s") % {"line": line, "part": part_name(fault["loc"]), "what": what}


def part_name(where: Where) -> str:
    """A part of the file, as people point at it: `fields > 2 > kind`."""
    return " > ".join(str(step + 1) if isinstance(step, int) else step[:40] for step in where)


def _fault(line: int, what: str) -> AgentFileError:
    return AgentFileError([_("Line %(line)s: %(what)s") % {"line": line, "what": what}])
