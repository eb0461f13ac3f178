"""Follow `$ref` inside one document, and write schemas out to a bounded depth. Pure.

References that lead out of the document are not followed: an import never fetches what a stranger
names. A schema that contains itself is cut at the third time, as is anything nested deeper.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from toollama.tools.openapi.faults import Notes

MAX_DEPTH = 3
_MAX_HOPS = 20
_NESTED = ("properties", "required", "items", "allOf", "anyOf", "oneOf")
_MAX_WRITTEN = 4_000
_MAX_WRITTEN_IN_ALL = 400_000
"""Schema objects written out for one parameter or body, and for the whole document.

What lies beyond is cut to its type: a file may be made so that it never ends."""


class References:
    """The references of one document."""

    def __init__(self, document: Mapping[str, Any], notes: Notes) -> None:
        self._document = document
        self._notes = notes
        self._left = _MAX_WRITTEN_IN_ALL

    def resolved(self, part: Any, where: str) -> Mapping[str, Any]:
        """Return the object that a part is or refers to; an empty one where it leads nowhere.

        What stands beside a `$ref` overrides what it refers to, as in OpenAPI 3.1.
        """
        beside: dict[str, Any] = {}
        for _ in range(_MAX_HOPS):
            if not isinstance(part, Mapping):
                return beside
            reference = part.get("$ref")
            if not isinstance(reference, str):
                return {**part, **beside} if beside else part
            beside = {**{key: v for key, v in part.items() if key != "$ref"}, **beside}
            found = self._at(reference)
            if found is None:
                self._notes.add(where, f"$ref {reference!r} leads nowhere in this file")
                return beside
            part = found
        self._notes.add(where, "$ref goes round in circles")
        return beside

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            return None
        part: Any = self._document
        for step in reference[2:].split("/"):
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(part, Mapping):
                part = part.get(key)
            elif isinstance(part, list) and key.isdecimal() and int(key) < len(part):
                part = part[int(key)]
            else:
                return None
        return part

    def schema(self, part: Any, where: str) -> dict[str, Any]:
        """Return a schema with its references written out, three levels deep."""
        writer = _Writer(self, where, min(self._left, _MAX_WRITTEN))
        written = writer.written(part, 0)
        self._left = max(self._left - writer.count, 0)
        return written


class _Writer:
    """Writes one schema out."""

    def __init__(self, references: References, where: str, limit: int) -> None:
        self._references = references
        self._where = where
        self._limit = limit
        self.count = 0

    def written(self, part: Any, depth: int) -> dict[str, Any]:
        self.count += 1
        schema = dict(self._references.resolved(part, self._where))
        if depth >= MAX_DEPTH or self.count > self._limit:
            return _cut(schema)
        if isinstance(schema.get("allOf"), list):
            schema = self._merged(schema, depth)
        if isinstance(properties := schema.get("properties"), Mapping):
            schema["properties"] = self._properties(schema, properties, depth)
        if isinstance(items := schema.get("items"), Mapping):
            schema["items"] = self.written(items, depth + 1)
        for key in ("anyOf", "oneOf"):
            if isinstance(options := schema.get(key), list):
                schema[key] = [self.written(option, depth + 1) for option in options[:10]]
        return schema

    def _properties(
        self, schema: Mapping[str, Any], properties: Mapping[str, Any], depth: int
    ) -> dict[str, Any]:
        """Return the properties; on the last level, optional ones that would be cut are left out.

        Of what is cut nobody can tell what it needs.
        """
        names = schema.get("required")
        required = names if isinstance(names, list) else []
        written = {}
        for name, inner in properties.items():
            if depth + 1 >= MAX_DEPTH and name not in required:
                resolved = self._references.resolved(inner, self._where)
                if any(key in resolved for key in _NESTED):
                    continue
            written[str(name)] = self.written(inner, depth + 1)
        return written

    def _merged(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """Return `allOf` as one schema: properties and requirements joined, the outer one last."""
        merged: dict[str, Any] = {}
        outer = {key: value for key, value in schema.items() if key != "allOf"}
        parts = [self.written(part, depth + 1) for part in schema["allOf"][:20]]
        for part in [*parts, outer]:
            for key, value in part.items():
                known = merged.get(key)
                if key == "properties" and isinstance(known, dict) and isinstance(value, dict):
                    merged[key] = {**known, **value}
                elif key == "required" and isinstance(known, list) and isinstance(value, list):
                    merged[key] = [*known, *value]
                else:
                    merged[key] = value
        return merged


def _cut(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without what is nested in it."""
    return {key: value for key, value in schema.items() if key not in _NESTED}
