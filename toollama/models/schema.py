"""JSON Schemas as trees: places in them, their parts, their limits and their default bounds.

Pure: it compiles nothing and does not know what a matcher can enforce. A schema is untrusted until
`excess` has found nothing; only then may it be rewritten, because rewriting descends into it.
Vocabulary: https://json-schema.org/draft/2020-12/json-schema-core (applicators).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from toollama.text import truncate

Place = tuple[str | int, ...]

MAX_DEPTH = 64
MAX_NODES = 20_000
MAX_CHARACTERS = 256_000
MAX_ENUM_VALUES = 10_000
_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1
_MIN_STRING_CHARACTERS = 16
_MAX_EXACT_INTEGER = 2**53 - 1
_MAX_POINTER_CHARACTERS = 100

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems", "items")
_SINGLE = (
    "items",
    "additionalProperties",
    "additionalItems",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "not",
    "if",
    "then",
    "else",
)
_SETTLES_LENGTH = ("maxLength", "enum", "const", "pattern", "format", "$ref", "allOf")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a schema, and where."""

    place: Place
    problem: str

    def __str__(self) -> str:
        return f"{truncate(pointer(self.place), _MAX_POINTER_CHARACTERS)}: {self.problem}"


def pointer(place: Place) -> str:
    """Return the place as a URI fragment, such as `#/properties/age/type` (RFC 6901)."""
    return "#" + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in place)


def part_at(schema: Any, place: Place) -> Any:
    """Return the part at a place. Raises `LookupError` where there is none."""
    for key in place:
        is_list = isinstance(schema, list | tuple)
        if not (isinstance(key, int) if is_list else isinstance(schema, Mapping)):
            raise KeyError(key)
        schema = schema[key]
    return schema


def referred(schema: Any, reference: Any) -> Place | None:
    """Return the place that a `$ref` into the same document names, or None for any other."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        return None
    place: list[str | int] = []
    for step in reference.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        is_list = isinstance(schema, list | tuple) and key.isdecimal()
        place.append(int(key) if is_list else key)
        try:
            schema = part_at(schema, (place[-1],))
        except LookupError:
            return None
    return tuple(place)


def children(schema: Any) -> Iterator[tuple[Place, Any]]:
    """Yield the schemas directly inside a schema, in the schema's own order."""
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, Mapping):
            yield from (((key, name), inner) for name, inner in value.items())
        elif key in _LISTS and isinstance(value, list | tuple):
            yield from (((key, at), inner) for at, inner in enumerate(value))
        elif key in _SINGLE:
            yield (key,), value


def subschemas(schema: Any) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Yield the schema and every schema inside it, parents first; booleans are left out."""
    waiting: list[tuple[Place, Any]] = [((), schema)]
    while waiting:
        place, part = waiting.pop()
        if isinstance(part, Mapping):
            yield place, part
            inside = [((*place, *below), inner) for below, inner in children(part)]
            waiting.extend(reversed(inside))


def excess(schema: Any) -> Fault | None:
    """Return where a schema is not JSON or larger than anything that may be compiled.

    Looks at every value once and at nothing below a limit, so it ends on cyclic objects as well.
    """
    nodes = characters = 0
    waiting: list[tuple[Place, Any]] = [((), schema)]
    while waiting:
        place, part = waiting.pop()
        nodes += 1
        characters += len(part) if isinstance(part, str) else 4
        if problem := _excess_of(part, place, nodes=nodes, characters=characters):
            return Fault(place, problem)
        if isinstance(part, Mapping):
            characters += sum(len(key) for key in part)
            waiting.extend(((*place, key), value) for key, value in reversed(list(part.items())))
        elif isinstance(part, list | tuple):
            waiting.extend(((*place, at), part[at]) for at in reversed(range(len(part))))
    return None


def _excess_of(part: Any, place: Place, *, nodes: int, characters: int) -> str:
    if len(place) > MAX_DEPTH:
        return f"it is nested more than {MAX_DEPTH} deep"
    if nodes > MAX_NODES:
        return f"the schema has more than {MAX_NODES} parts"
    if characters > MAX_CHARACTERS:
        return f"the schema has more than {MAX_CHARACTERS} characters"
    if isinstance(part, list | tuple) and len(part) > MAX_ENUM_VALUES:
        return f"it lists more than {MAX_ENUM_VALUES} values"
    return _not_json(part)


def _not_json(part: Any) -> str:
    if isinstance(part, Mapping):
        texts = list(part)
        if not all(isinstance(key, str) for key in texts):
            return "it is not JSON: a name is not text"
    elif isinstance(part, str):
        texts = [part]
    elif isinstance(part, float) and not abs(part) < float("inf"):
        return f"it is not JSON: {part}"
    elif isinstance(part, int) and not _INT64_MIN <= part <= _UINT64_MAX:
        return "the number needs more than 64 bits"
    elif part is None or isinstance(part, bool | int | float | list | tuple):
        return ""
    else:
        return f"it is not JSON: {type(part).__name__}"
    if any("\ud800" <= character <= "\udfff" for text in texts for character in text):
        return "it has a character that no UTF-8 text can hold"
    return ""


def rewritten(schema: Any, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Any:
    """Return a copy in which `change` was applied to every schema, inner ones first.

    The schema must have passed `excess`: the copy is made by recursion.
    """
    if not isinstance(schema, Mapping):
        return schema
    copy: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, Mapping):
            copy[key] = {name: rewritten(inner, change) for name, inner in value.items()}
        elif key in _LISTS and isinstance(value, list | tuple):
            copy[key] = [rewritten(inner, change) for inner in value]
        else:
            copy[key] = rewritten(value, change) if key in _SINGLE else value
    return dict(change(copy))


def bounded(schema: Any, *, max_tokens: int) -> Any:
    """Return the schema with a bound on every string and integer that has none of its own.

    A weak model inside an open string writes until its tokens are spent, and a document cut there
    is no document. The budget is shared among the open strings at one character per token, the
    least that any vocabulary writes, and each gets at least 16 characters. Strings with a pattern,
    a format or values of their own are left alone. Integers stay where every JSON reader keeps
    them exact (RFC 7493 §2.2). The schema must have passed `excess`.
    """
    open_strings = sum(_is_open_string(part) for _, part in subschemas(schema))
    share = max(_MIN_STRING_CHARACTERS, max_tokens // max(open_strings, 1))

    def bound(part: Mapping[str, Any]) -> Mapping[str, Any]:
        if _is_open_string(part):
            least = part.get("minLength", 0)
            return {**part, "maxLength": max(share, least if isinstance(least, int) else 0)}
        if part.get("type") == "integer" and not any(word in part for word in ("enum", "const")):
            return _with_exact_integers(part)
        return part

    return rewritten(schema, bound)


def _with_exact_integers(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    bounds = {}
    if not schema.keys() & {"minimum", "exclusiveMinimum"}:
        bounds["minimum"] = -_MAX_EXACT_INTEGER
    if not schema.keys() & {"maximum", "exclusiveMaximum"}:
        bounds["maximum"] = _MAX_EXACT_INTEGER
    return {**schema, **bounds}


def _is_open_string(schema: Mapping[str, Any]) -> bool:
    types = schema.get("type")
    is_string = types == "string" or (isinstance(types, list | tuple) and "string" in types)
    return is_string and not any(keyword in schema for keyword in _SETTLES_LENGTH)


def literal_pattern(text: str) -> str:
    """Return a pattern that matches exactly this text."""
    return re.escape(text).replace("\\\n", r"\n")
