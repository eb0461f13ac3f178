"""Schemas as strangers write them, made into JSON Schema. Pure.

Python type names are mapped, a list of options that stands at an array is moved to its items, and
what no validator knows is left as a note.
"""

from collections.abc import Mapping
from typing import Any

_TYPES = {
    "dict": "object",
    "float": "number",
    "double": "number",
    "int": "integer",
    "long": "integer",
    "str": "string",
    "char": "string",
    "any": "string",
    "bool": "boolean",
    "tuple": "array",
    "list": "array",
}


def json_schema(foreign: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with every type name and keyword where JSON Schema has it."""
    schema = {key: value for key, value in foreign.items() if key not in {"optional", "format"}}
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = _TYPES.get(kind.lower(), kind)
    if isinstance(schema.get("properties"), Mapping):
        schema["properties"] = {
            name: json_schema(part) for name, part in schema["properties"].items()
        }
        names = schema["properties"]
        schema["required"] = [name for name in schema.get("required", []) if name in names]
    if isinstance(schema.get("items"), Mapping):
        schema["items"] = json_schema(schema["items"])
    if schema.get("type") == "array":
        options = schema.get("enum", [])
        if options and not any(isinstance(option, list) for option in options):
            schema["items"] = {**schema.get("items", {}), "enum": schema.pop("enum")}
    return schema
