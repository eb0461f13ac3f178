"""The schema that an answer is written under: the user's, narrowed where it leaves the end open.

A weak model inside an open list or object goes on until its tokens are spent, and a document cut
there is none. What is narrowed admits only documents of the user's own schema. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toollama.models.schema import excess, rewritten, subschemas
from toollama.text import one_line

_MAX_ITEMS = 8
"""Of a list that neither the schema nor the request bounds."""
_COMBINING = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"}
)
"""Beside or above an object these may ask for names that it does not declare itself."""
_OPEN_NAMES = frozenset(
    {"additionalProperties", "patternProperties", "unevaluatedProperties", "minProperties"}
)
_LIST_SETTLED = frozenset({"maxItems", "minItems", "prefixItems", "contains", "enum", "const"})


def narrowed(schema: Mapping[str, Any], *, request: str) -> Any:
    """Return the schema with no names beyond the declared ones and an end to every list.

    A list ends where the request says so: `3 papers` for the list `papers`.
    """
    if excess(schema):
        return schema  # it is refused, with its place, before anything is written under it
    counts = dict(_counts(schema, request))
    combines = any(not _COMBINING.isdisjoint(part) for _, part in subschemas(schema))

    def narrow(part: Mapping[str, Any]) -> Mapping[str, Any]:
        if "properties" in part:
            named = {
                name: _ended(inner, counts.get(name, _MAX_ITEMS))
                for name, inner in part["properties"].items()
            }
            part = {**part, "properties": named}
            return part if combines else _closed(part)
        return part

    return rewritten(schema, narrow)


def _counts(schema: Mapping[str, Any], request: str) -> Iterator[tuple[str, int]]:
    """Yield how many of a list the request asks for, by the list's name."""
    words = one_line(request).casefold()
    for _, part in subschemas(schema):
        for name in part.get("properties", ()):
            noun = re.escape(name.casefold().replace("_", " "))
            if found := re.search(rf"\b([1-9]\d?) (?:\w+ )?{noun}\b", words):
                yield name, int(found[1])


def _ended(schema: Any, count: int) -> Any:
    if not isinstance(schema, Mapping) or schema.get("type") != "array":
        return schema
    return schema if not _LIST_SETTLED.isdisjoint(schema) else {**schema, "maxItems": count}


def _closed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if not _OPEN_NAMES.isdisjoint(schema) or not schema["properties"]:
        return schema
    if not set(schema.get("required", ())) <= schema["properties"].keys():
        return schema
    return {**schema, "additionalProperties": False}
