"""A function as a Drummer sees it: its parameters laid flat, nested ones under a dotted name. Pure.

`{"body": {"mode": …}}` is one parameter `body.mode`. Lists stay whole. `nested` goes the way back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from toollama.tools.foreign.schema import json_schema

_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """One value of a call. It equals itself alone, so that what it says is read out of it once."""

    path: tuple[str, ...]
    schema: Mapping[str, Any]
    required: bool

    @property
    def name(self) -> str:
        """Return the dotted name."""
        return ".".join(self.path)

    @property
    def description(self) -> str:
        """Return what the function says of it."""
        return str(self.schema.get("description", ""))

    @property
    def kind(self) -> str:
        """Return the JSON type; text where none is declared."""
        return str(self.schema.get("type", "string"))

    @property
    def options(self) -> tuple[Any, ...]:
        """Return the only values that it takes; empty where its type decides."""
        return tuple(self.schema.get("enum", ()))


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's name, its text, and its parameters in the order of its schema."""

    name: str
    summary: str
    schema: Mapping[str, Any]
    parameters: tuple[Parameter, ...]

    def flat_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the arguments laid flat, as `models.slots` takes it."""
        return {
            "type": "object",
            "properties": {one.name: dict(one.schema) for one in self.parameters},
            "required": [one.name for one in self.parameters if one.required],
        }

    def nested(self, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Return flat arguments as the function takes them, required objects always there."""
        arguments = _empty_objects(self.schema)
        for parameter in self.parameters:
            if parameter.name in flat:
                inside = arguments
                for step in parameter.path[:-1]:
                    inside = inside.setdefault(step, {})
                inside[parameter.path[-1]] = flat[parameter.name]
        return arguments


def signature_of(function: Mapping[str, Any]) -> Signature:
    """Return the signature of a function that is described as `name`, `description`, `parameters`.

    `parameters` is a JSON Schema, or one with the type names of Python.
    """
    schema = json_schema(function["parameters"])
    return Signature(
        name=str(function["name"]),
        summary=str(function.get("description", "")),
        schema=schema,
        parameters=tuple(_flat(schema, (), required=True)),
    )


def _flat(
    schema: Mapping[str, Any], path: tuple[str, ...], *, required: bool
) -> Iterator[Parameter]:
    needed = set(schema.get("required", []))
    for name, part in schema.get("properties", {}).items():
        here = (*path, name)
        is_required = required and name in needed
        if part.get("type") == "object" and part.get("properties") and len(here) < _MAX_DEPTH:
            yield from _flat(part, here, required=is_required)
        elif part.get("type") != "object":
            yield Parameter(here, part, is_required)


def _empty_objects(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {
        name: _empty_objects(properties[name])
        for name in schema.get("required", [])
        if properties[name].get("type") == "object"
    }
