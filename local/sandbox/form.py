"""The questions that a tool's JSON schema asks, and the arguments that their answers make.

Schemas come as LiveKit and OpenAI write them (strict: every property required, optional ones nullable), by hand, or
nested; nothing here may fail on one it has not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from local.sandbox.phrases import every_word
from local.sandbox.wording import words

Schema = dict[str, Any]
Lookup = Callable[[str], str | None]

_KEYS = {
    "name": "name full_name customer_name visitor_name caller_name",
    "phone": "phone mobile phone_number mobile_number contact_number contact whatsapp",
    "email": "email email_id email_address",
    "city": "city town location place",
    "need": "need requirement requirements purpose reason interest query service issue",
    "budget": "budget",
    "visit_date": "visit_date date preferred_date appointment_date day",
}
_KNOWN_AS = {alias: key for key, aliases in _KEYS.items() for alias in aliases.split()}
_NOT_ASKED = {"language", "notes", "summary", "remarks", "comments", "consent", "confirmed", "confirm"}
_ENDS_CALL = re.compile(r"^(end|hang|close|finish)_?(up|call|conversation)", re.IGNORECASE)
_DEEPEST = 6


def known_as(key: str) -> str:
    """The well-known field that a property's name means, else the name itself."""
    return _KNOWN_AS.get(key.lower(), key)


@dataclass(frozen=True)
class Field:
    """One thing to find out."""

    key: str
    label: str
    optional: bool


@dataclass(frozen=True)
class Form:
    """The tool that takes a visitor's details."""

    tool: str
    schema: Schema
    fields: tuple[Field, ...]

    def arguments(self, values: Lookup) -> dict[str, Any]:
        """The tool's arguments, filled with what is known."""
        filled = build(self.schema, values)
        return filled if isinstance(filled, dict) else {}

    def field(self, key: str) -> Field | None:
        """The field of a well-known key, if the tool has it."""
        return next((field for field in self.fields if field.key == key), None)


def find_form(tools: list[Schema]) -> Form | None:
    """The tool to collect details for: of those with properties, the one that knows most of a visitor's details."""
    forms = []
    for function in _functions(tools):
        schema = function.get("parameters")
        if isinstance(schema, dict) and not _ENDS_CALL.match(str(function["name"])):
            fields = [field for field in _fields(schema, schema, 0) if field.key not in _NOT_ASKED]
            fields.sort(key=lambda field: {"name": 0, "phone": 1}.get(field.key, 2))
            unique = tuple({field.key: field for field in reversed(fields)}.values())[::-1]
            if unique:
                forms.append(Form(str(function["name"]), schema, unique))
    return max(forms, key=lambda form: sum(field.key in _KEYS for field in form.fields), default=None)


def end_tool(tools: list[Schema]) -> str | None:
    """Name of the tool that ends the call, if one is offered."""
    return next((str(each["name"]) for each in _functions(tools) if _ENDS_CALL.match(str(each["name"]))), None)


def _functions(tools: list[Schema]) -> Iterator[Schema]:
    for tool in tools:
        function = tool.get("function", tool)
        if isinstance(function, dict) and function.get("name"):
            yield function


def _resolve(schema: Any, root: Schema) -> tuple[Schema, bool]:
    """A schema with its reference followed and its null set aside, and whether it may be null."""
    nullable = False
    for _ in range(_DEEPEST):
        if not isinstance(schema, dict):
            return {}, nullable
        if isinstance(schema.get("$ref"), str):
            target: Any = root
            for step in schema["$ref"].lstrip("#/").split("/"):
                target = target.get(step, {}) if isinstance(target, dict) else {}
            schema = target
            continue
        choices = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(choices, list):
            real = [each for each in choices if isinstance(each, dict) and each.get("type") != "null"]
            nullable = nullable or len(real) < len(choices)
            said = {key: schema[key] for key in ("description", "title") if key in schema}
            schema = {**real[0], **said} if real else {}
            continue
        break
    kinds = schema.get("type")
    if isinstance(kinds, list):
        nullable = nullable or "null" in kinds
        schema = {**schema, "type": next((kind for kind in kinds if kind != "null"), "null")}
    return schema, nullable


def _pairs(item: Schema, root: Schema) -> tuple[str, str, list[str]] | None:
    """Of a list of key and value objects: the two property names and the keys allowed."""
    properties = item.get("properties")
    if not isinstance(properties, dict) or len(properties) < 2:
        return None
    named = {name: _resolve(schema, root)[0] for name, schema in properties.items()}
    key = next((name for name, schema in named.items() if isinstance(schema.get("enum"), list)), None)
    value = next((name for name in ("value", "text", "answer") if name in named), None)
    if key is None or value is None:
        return None
    return key, value, [str(each) for each in named[key]["enum"]]


def _fields(schema: Any, root: Schema, depth: int) -> Iterator[Field]:
    real, _ = _resolve(schema, root)
    properties = real.get("properties")
    if not isinstance(properties, dict) or depth > _DEEPEST:
        return
    for key, each in properties.items():
        leaf, optional = _resolve(each, root)
        item = _resolve(leaf.get("items"), root)[0] if leaf.get("type") == "array" else {}
        pairs = _pairs(item, root)
        if isinstance(leaf.get("properties"), dict):
            yield from _fields(leaf, root, depth + 1)
        elif pairs:
            yield from (Field(known_as(name), name.replace("_", " "), True) for name in pairs[2])
        elif leaf.get("type") != "boolean":
            about = str(leaf.get("description") or leaf.get("title") or key.replace("_", " "))
            label = about.split(". ")[0].rstrip(" .।:")
            yield Field(known_as(key), label, optional and not about.rstrip(".").endswith("Needed"))


def build(schema: Any, values: Lookup, root: Schema | None = None, key: str = "", depth: int = 0) -> Any:
    """A value that fits `schema`, its leaves looked up by their names; null, or something empty, where unknown."""
    root = root if root is not None else schema if isinstance(schema, dict) else {}
    real, nullable = _resolve(schema, root)
    kind = real.get("type") or ("object" if "properties" in real else "string")
    known = values(known_as(key)) if key else None
    if depth > _DEEPEST:
        return None
    if kind == "object":
        inner = real.get("properties")
        properties = inner if isinstance(inner, dict) else {}
        if nullable and known is None and not any(values(known_as(name)) for name in properties):
            return None
        return {
            name: build(each, values, root, key if name in ("value", "text", "answer") else name, depth + 1)
            for name, each in properties.items()
        }
    if kind == "array":
        item = _resolve(real.get("items"), root)[0]
        if pairs := _pairs(item, root):
            return [{pairs[0]: name, pairs[1]: found} for name in pairs[2] if (found := values(known_as(name)))]
        return [build(real.get("items"), values, root, key, depth + 1)] if known else None if nullable else []
    if "const" in real:
        return real["const"]
    return _leaf(real, kind, known, nullable)


def _leaf(schema: Schema, kind: str, known: str | None, nullable: bool) -> Any:
    options = schema.get("enum")
    if isinstance(options, list) and options:
        same = [each for each in options if known and str(each).lower() == known.lower()]
        return same[0] if same else None if nullable or None in options else options[0]
    if known is None and nullable:
        return None
    if kind in ("integer", "number"):
        digits = re.search(r"\d+(?:\.\d+)?", (known or "").replace(",", ""))
        number = float(digits[0]) if digits else 0.0
        return None if nullable and not digits else int(number) if kind == "integer" else number
    if kind == "boolean":
        return any(word in every_word("yes") for word in words(known or ""))
    return None if kind == "null" else known or ""
