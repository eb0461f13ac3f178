"""What llguidance compiles but does not hold the output to: refused, or written more narrowly.

Found with llguidance 1.9.1 by random walks whose documents were validated by `jsonschema`; a later
version may need less of this. `unenforced` refuses and `tightened` narrows: a document of the
narrower schema is one of the original. Pure.
"""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from toollama.models.schema import Fault, Place, children, referred, rewritten, subschemas

_MAX_MULTIPLE = 100_000
_LEAST_POSITIVE = 1e-9
_PLAIN_NAME = r'^[^"\\\x00-\x1f\x7f]*$'
_LEFT_OUT_OF_FORMATS = {
    "time": {"pattern": r"^\d\d:\d\d:[0-5]"},
    "date-time": {"pattern": r"^.{11}\d\d:\d\d:[0-5]"},
    "hostname": {"maxLength": 253},
}


def unenforced(schema: Any) -> Fault | None:
    """Return the first keyword that would be ignored. The schema must have passed `excess`."""
    dialect = schema.get("$schema", "") if isinstance(schema, Mapping) else ""
    parts = dict(subschemas(schema))
    multiple = Fraction(1)
    for place, part in parts.items():
        fault = _ignored(part, dialect=str(dialect)) or _reference(schema, part)
        if fault is None and "multipleOf" in part:
            multiple, fault = _multiple(part["multipleOf"], multiple)
        if fault is None and place and "$id" in part:
            fault = "$id", "a document of its own inside the schema cannot be followed"
        if fault is not None:
            return Fault((*place, fault[0]), fault[1])
    return None


_Problem = tuple[str, str]
"""The keyword and what is wrong with it."""


def _ignored(schema: Mapping[str, Any], *, dialect: str) -> _Problem | None:
    """Return a keyword that llguidance passes over or reads in another way than its dialect."""
    if isinstance(schema.get("items"), list | tuple) and (not dialect or "2020-12" in dialect):
        return "items", "a list of schemas is called prefixItems since draft 2020-12"
    for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(schema.get(keyword), bool) and "draft-04" not in dialect:
            return keyword, "true and false are bounds in draft-04 only"
    least = schema.get("minProperties")
    names = schema.get("required")
    sure = len(names) if isinstance(names, list | tuple) else 0
    if isinstance(least, int) and least > max(1, sure) and _has_free_names(schema):
        # A free name may be written twice, and counts once when it is read.
        return "minProperties", "only the names in required can be counted"
    return None


def _has_free_names(schema: Mapping[str, Any]) -> bool:
    return schema.get("additionalProperties") is not False or bool(schema.get("patternProperties"))


def _reference(root: Any, schema: Mapping[str, Any]) -> _Problem | None:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return None
    target = referred(root, reference)
    if target is None:
        return "$ref", "it names no place in this document (such as #/$defs/name)"
    return None if _is_schema(root, target) else ("$ref", "it names a place that holds no schema")


def _is_schema(root: Any, place: Place) -> bool:
    """Return whether a place is reached from the root through schema keywords alone."""
    part, rest = root, place
    while rest:
        for inside, inner in children(part):
            if rest[: len(inside)] == inside:
                part, rest = inner, rest[len(inside) :]
                break
        else:
            return False
    return True


def _multiple(value: Any, so_far: Fraction) -> tuple[Fraction, _Problem | None]:
    """Return the common multiple with all before: a grammar has a state for each remainder."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return so_far, ("multipleOf", "it must be a positive number")
    step = Fraction(str(value))
    common = Fraction(
        math.lcm(so_far.numerator, step.numerator), math.gcd(so_far.denominator, step.denominator)
    )
    if common.numerator > _MAX_MULTIPLE:
        return so_far, ("multipleOf", f"the steps have no common multiple up to {_MAX_MULTIPLE}")
    return common, None


def tightened(schema: Any) -> Any:
    """Return a schema whose documents are all documents of the original.

    - An object with declared names admits others only as plain text: written with an escape, a
      name could be a declared one a second time, with a value of any kind. Where the others have a
      schema of their own, none are admitted.
    - "Above zero" starts at 1e-9: llguidance lets a zero through below 1.
    - A time has seconds up to 59: a leap second is valid at one moment of the day only. A host
      name has at most 253 characters (RFC 1123 §2.1 with RFC 1035 §3.1).

    The schema must have passed `excess`.
    """
    return rewritten(schema, _tightened)


def _tightened(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return _plain_names(_nonzero(_whole_format(schema)))


def _plain_names(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    declared = schema.get("properties") or schema.get("patternProperties")
    others = schema.get("additionalProperties", True)
    if not declared or others is False:
        return schema
    closed = {**schema, "additionalProperties": False}
    if others in (True, {}) and not schema.get("patternProperties"):
        closed["patternProperties"] = {_PLAIN_NAME: {}}
    return closed


def _nonzero(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if schema.get("type") == "integer":
        return schema
    changed = dict(schema)
    for exclusive, inclusive, least, narrower in (
        ("exclusiveMinimum", "minimum", _LEAST_POSITIVE, max),
        ("exclusiveMaximum", "maximum", -_LEAST_POSITIVE, min),
    ):
        bound = changed.get(exclusive)
        if isinstance(bound, int | float) and not isinstance(bound, bool) and bound == 0:
            del changed[exclusive]
            changed[inclusive] = narrower(changed.get(inclusive, least), least)
    return changed


def _whole_format(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    rest = _LEFT_OUT_OF_FORMATS.get(str(schema.get("format", "")))
    if rest is None:
        return schema
    return {**schema, "allOf": [*schema.get("allOf", []), rest]}
