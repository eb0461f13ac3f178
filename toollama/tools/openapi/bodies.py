"""The body of one operation: its fields become arguments, or it is an argument as a whole. Pure.

JSON and forms are sent. A body of any other kind leaves a tool that is off, and says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toollama.text import one_line
from toollama.tools.openapi.faults import Notes, pointer
from toollama.tools.openapi.operation import FORM
from toollama.tools.openapi.parameters import Sorted, Sorter
from toollama.tools.openapi.references import References

_TELLING_NOTHING = frozenset({"type", "description"})


@dataclass(frozen=True, slots=True)
class Body:
    """What an operation sends."""

    media_type: str
    required: bool
    is_whole: bool
    """It is one argument called `body`, not an object of known fields."""

    @property
    def off(self) -> str:
        """Return why it cannot be sent, or ""."""
        if "json" in self.media_type or self.media_type in (FORM, "*/*"):
            return ""
        return one_line(f"a body of {self.media_type} cannot be sent yet")

    def slim(self, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return it as a `requestBody` of the fields that are kept."""
        if self.is_whole:
            schema = dict(fields[0]["schema"]) if fields else {}
        else:
            schema = {
                "type": "object",
                "properties": {one["name"]: _property(one) for one in fields},
                "required": [one["name"] for one in fields if one.get("required")],
            }
        return {"required": self.required, "content": {self.media_type: {"schema": schema}}}


class Bodies:
    """Reads the bodies of one document's operations."""

    def __init__(self, references: References, sorter: Sorter, notes: Notes) -> None:
        self._references = references
        self._sorter = sorter
        self._notes = notes

    def read(self, declared: Mapping[str, Any], sorted_: Sorted, where: str) -> Body | None:
        """Return a declared body, its fields sorted in; None where nothing is told of it."""
        content = declared.get("content")
        if not isinstance(content, Mapping) or not content:
            return None
        media_type = _best(list(map(str, content)))
        media = content.get(media_type)
        schema = self._references.schema(
            media.get("schema") if isinstance(media, Mapping) else {}, where
        )
        required = declared.get("required") is True
        is_whole = self._is_whole(schema, sorted_, where)
        is_told = schema.get("type", "object") != "object" or schema.keys() - _TELLING_NOTHING
        if is_whole and not required and not is_told:
            return None
        if is_whole:
            whole = {"name": "body", "in": "body"}
            self._sorter.sort(sorted_, whole, schema, where, required=required)
        body = Body(media_type.partition(";")[0].strip(), required, is_whole)
        if body.off:
            self._notes.add(where, body.off)
        return body

    def _is_whole(self, schema: Mapping[str, Any], sorted_: Sorted, where: str) -> bool:
        """Sort the fields of a body in; return whether it has none that are known."""
        chosen = schema
        for key in ("oneOf", "anyOf"):
            options = schema.get(key)
            if isinstance(options, list) and options and isinstance(options[0], Mapping):
                chosen = {**options[0], **{k: v for k, v in schema.items() if k != key}}
                self._notes.add(where, f"the first schema of {key} is taken")
        properties = chosen.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            return True
        names = chosen.get("required")
        required = set(map(str, names)) if isinstance(names, list) else set()
        for name, part in properties.items():
            if isinstance(part, Mapping) and part.get("readOnly") is not True:
                made = {"name": str(name), "in": "body"}
                place = f"{where}{pointer('properties', name)}"
                self._sorter.sort(sorted_, made, part, place, required=name in required)
        return False


def _property(field: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: field[key] for key in ("description", "x-send") if key in field}
    return {**field["schema"], **kept}


def _best(media_types: Sequence[str]) -> str:
    """Return the media type that can be sent, JSON first; else the first."""
    json = [one for one in media_types if "json" in one]
    forms = [one for one in media_types if one.partition(";")[0] == FORM]
    return next(iter([*json, *forms, *media_types]))
