"""Keywords whose value has the wrong shape, such as `"minLength": -1`.

llguidance judges only the parts that it compiles; a broken part that no document reaches today is
still refused, so that a schema does not begin to fail when one of its definitions is first used.
Shapes: https://json-schema.org/draft/2020-12/json-schema-validation. Pure.
"""

from collections.abc import Callable, Mapping
from typing import Any

from toollama.models.schema import Fault, subschemas

_TYPES = {"array", "boolean", "integer", "null", "number", "object", "string"}


def misshapen(schema: Any) -> Fault | None:
    """Return the first keyword with a value that it cannot have. Unknown keywords are notes."""
    if not isinstance(schema, Mapping):
        return Fault((), "a schema is an object")
    for place, part in subschemas(schema):
        for keyword, value in part.items():
            expected = _EXPECTED.get(keyword)
            if expected is not None and not _HAS_SHAPE[expected](value):
                return Fault((*place, keyword), f"it must be {expected}")
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_schema(value: Any) -> bool:
    return isinstance(value, Mapping | bool)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list | tuple) else [value]
    return bool(names) and all(isinstance(name, str) and name in _TYPES for name in names)


def _list_of(has_shape: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and all(map(has_shape, value))


_HAS_SHAPE: dict[str, Callable[[Any], bool]] = {
    "a whole number from 0": _is_count,
    "a number": _is_number,
    "text": lambda value: isinstance(value, str),
    "a type name or a list of them": _is_type,
    "a list": lambda value: isinstance(value, list | tuple),
    "a list of names": _list_of(lambda value: isinstance(value, str)),
    "a list of schemas": _list_of(_is_schema),
    "a schema": _is_schema,
    "an object of schemas": lambda value: (
        isinstance(value, Mapping) and all(map(_is_schema, value.values()))
    ),
}
_EXPECTED = {
    keyword: expected
    for expected, keywords in (
        ("a whole number from 0", "minLength maxLength minItems maxItems"),
        ("a whole number from 0", "minProperties maxProperties minContains maxContains"),
        ("a number", "minimum maximum multipleOf"),
        ("text", "pattern format $ref"),
        ("a type name or a list of them", "type"),
        ("a list", "enum"),
        ("a list of names", "required"),
        ("a list of schemas", "anyOf oneOf allOf prefixItems"),
        ("a schema", "additionalProperties contains propertyNames not if then else"),
        ("an object of schemas", "properties patternProperties $defs definitions"),
    )
    for keyword in keywords.split()
}
