"""Schemas small enough for a small model: what a caller must know, and nothing else. Pure.

Kept are types, limits, up to 20 options and 120 characters of description; dropped are examples,
titles, extensions and what is nested deep. A tool's parameters together take at most 1,500
characters of JSON: required ones stay, optional ones in the order of how often such are wanted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from toollama.text import truncate
from toollama.tools.openapi.secrets import is_secret

BUDGET_CHARACTERS = 1_500
MAX_OPTIONS = 20
MAX_DESCRIPTION = 120
_OVERHEAD = 75
"""Characters that a parameter costs beside its own name, schema and description."""
_FRAME = 160
"""Characters of a tool's schema around its parameters."""
_LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
_FORMATS = ("date", "date-time", "time", "email", "uri", "uuid", "ipv4", "ipv6")
_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object"})
_FOREIGN_TYPES = {
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "str": "string",
    "text": "string",
    "date": "string",
    "file": "string",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "map": "object",
}
_MAX_DEPTH = 3
_LONG_WORD = re.compile(r"\S{16,}")
_WANTED = re.compile(
    r"^(?:q|query|search|term|keyword|text|name|title|id|ids|city|country|place|address|lat|lon|"
    r"latitude|longitude|date|from|to|start|end|since|until|limit|per_?page|page_?size|count|sort|"
    r"order|category|type|status|lang|language|filter)s?$",
    re.IGNORECASE,
)
_UNWANTED = re.compile(
    r"callback|jsonp|^format$|fields|expand|pretty|debug|trace|locale|etag|^if-|user-?agent|"
    r"facet|include|accept|cursor|offset",
    re.IGNORECASE,
)


def slim(schema: Mapping[str, Any], *, depth: int = 0) -> dict[str, Any]:
    """Return what a caller needs of a schema whose references are written out."""
    chosen = _chosen(schema)
    kept: dict[str, Any] = {}
    if kind := _kind(chosen):
        kept["type"] = kind
    if chosen.get("format") in _FORMATS:
        kept["format"] = chosen["format"]
    options = _options(chosen)
    if options and len(options) <= MAX_OPTIONS:
        kept["enum"] = options
    kept |= {key: chosen[key] for key in _LIMITS if _is_number(chosen.get(key))}
    kept |= _exclusive(chosen)
    pattern = chosen.get("pattern")
    if isinstance(pattern, str) and len(pattern) <= 60:
        kept["pattern"] = pattern
    description = described(chosen, options)
    if description:
        kept["description"] = description
    if depth < _MAX_DEPTH:
        kept |= _nested(chosen, depth)
    return kept


def described(schema: Mapping[str, Any], options: Sequence[Any] = ()) -> str:
    """Return a description on one line, with what no longer stands in the schema."""
    text = " ".join(str(schema.get("description") or "").split())
    text = _LONG_WORD.sub(
        lambda match: "…" if is_secret(match[0].strip("'\"`.,()")) else match[0], text
    )
    if len(options) > MAX_OPTIONS:
        some = ", ".join(str(option) for option in options[:5])
        text = f"{truncate(text, 60)} One of {len(options)}, such as {some}".strip()
    return truncate(text, MAX_DESCRIPTION)


def _chosen(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema with the first alternative that is not null taken."""
    for key in ("oneOf", "anyOf"):
        options = [one for one in _maps(schema.get(key)) if one.get("type") != "null"]
        if not options:
            continue
        outer = {name: value for name, value in schema.items() if name not in {"oneOf", "anyOf"}}
        constants = [one["const"] for one in options if "const" in one]
        if len(constants) == len(options):
            return {"type": "string", **outer, "enum": constants}
        return {**_chosen(options[0]), **outer}
    return schema


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), None)
    if isinstance(kind, str):
        lowered = kind.lower()
        if lowered in _TYPES:
            return lowered
        if lowered in _FOREIGN_TYPES:
            return _FOREIGN_TYPES[lowered]
    if isinstance(schema.get("properties"), Mapping):
        return "object"
    if isinstance(schema.get("items"), Mapping):
        return "array"
    return "string" if all(isinstance(one, str) for one in _options(schema) or [None]) else ""


def _options(schema: Mapping[str, Any]) -> list[Any]:
    if "const" in schema and isinstance(schema["const"], str | int | float):
        return [schema["const"]]
    options = schema.get("enum")
    if not isinstance(options, list):
        return []
    scalars = [one for one in options if isinstance(one, str | int | float)]
    unique = {(type(one), one): one for one in scalars}
    return [one for one in unique.values() if not is_secret(one)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exclusive(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return OpenAPI 3.0's `exclusiveMinimum: true` as the bound that it makes of `minimum`."""
    found: dict[str, Any] = {}
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(exclusive) is True and _is_number(schema.get(bound)):
            found[exclusive] = schema[bound]
    return found


def _nested(schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    items = schema.get("items")
    if isinstance(items, Mapping):
        found["items"] = slim(items, depth=depth + 1)
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        found["properties"] = {
            str(name): slim(part, depth=depth + 1)
            for name, part in list(properties.items())[:MAX_OPTIONS]
            if isinstance(part, Mapping) and part.get("readOnly") is not True
        }
        required = schema.get("required")
        names = required if isinstance(required, list) else []
        found["required"] = [name for name in found["properties"] if name in names]
    return found


def within_budget(
    parameters: Sequence[dict[str, Any]], *, budget: int = BUDGET_CHARACTERS
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the parameters that a tool offers, and the names of those left out.

    Each is `{name, in, required, description, schema}`. Fixed ones (`x-send`) cost nothing.
    """
    asked = {at: one for at, one in enumerate(parameters) if "x-send" not in one}
    kept = {at: one for at, one in asked.items() if one.get("required")}
    spent = sum(map(cost, kept.values())) + _FRAME
    if spent > budget:
        share = (budget - _FRAME) // len(kept)
        kept = {at: _shrunk(one, share) for at, one in kept.items()}
        spent = sum(map(cost, kept.values())) + _FRAME
    left_out = []
    optional = [at for at, one in asked.items() if not one.get("required")]
    for at in sorted(optional, key=lambda at: _rank(parameters[at])):
        if spent + cost(parameters[at]) <= budget:
            spent += cost(parameters[at])
            kept[at] = parameters[at]
        else:
            left_out.append(str(parameters[at]["name"]))
    fixed = {at: one for at, one in enumerate(parameters) if at not in asked}
    return [one for _, one in sorted({**kept, **fixed}.items())], left_out


def cost(parameter: Mapping[str, Any]) -> int:
    """Return the characters of JSON that a parameter adds to its tool's schema."""
    schema = {key: value for key, value in parameter["schema"].items() if key != "description"}
    texts = len(str(parameter["name"])) * 2 + len(str(parameter.get("description", "")))
    return len(to_json(schema)) + texts + _OVERHEAD


def _rank(parameter: Mapping[str, Any]) -> tuple[int, int]:
    name = str(parameter["name"])
    score = 0
    score -= 4 if _WANTED.search(name) else 0
    score += 4 if _UNWANTED.search(name) else 0
    score += 4 if parameter.get("deprecated") else 0
    score += 2 if parameter["in"] in {"header", "cookie"} else 0
    score -= 1 if parameter.get("description") else 0
    return score, cost(parameter)


def _shrunk(parameter: Mapping[str, Any], budget: int) -> dict[str, Any]:
    """Return a required parameter with less said of it, down to its type."""
    small = {**parameter, "description": truncate(str(parameter.get("description", "")), 60)}
    if cost(small) <= budget:
        return small
    schema = parameter["schema"]
    plain = {key: schema[key] for key in ("type", "format") if key in schema}
    if schema.get("type") == "array" and isinstance(schema.get("items"), Mapping):
        plain["items"] = {key: schema["items"][key] for key in ("type",) if key in schema["items"]}
    small = {**small, "schema": plain}
    return small if cost(small) <= budget else {**small, "description": ""}
