"""`oneOf` between objects that a tag tells apart, as pydantic writes discriminated unions.

llguidance proves alternatives exclusive by their types and constants, not by a property of theirs.
Where one required property has no value in common between any two alternatives, at most one of
them can hold, and `oneOf` means `anyOf`. Pure.
"""

from collections.abc import Mapping
from typing import Any

from toollama.models.schema import part_at, referred, rewritten


def with_tags_resolved(schema: Any) -> Any:
    """Return an equivalent schema in which tagged `oneOf` is `anyOf`.

    The schema must have passed `schema.excess`.
    """

    def change(part: Mapping[str, Any]) -> Mapping[str, Any]:
        branches = part.get("oneOf")
        if "anyOf" in part or not isinstance(branches, list) or not _told_apart(schema, branches):
            return part
        return {"anyOf" if key == "oneOf" else key: value for key, value in part.items()}

    return rewritten(schema, change)


def _told_apart(root: Any, branches: list[Any]) -> bool:
    tags = [_tags(root, branch) for branch in branches]
    common = set.intersection(*(set(found) for found in tags)) if tags else set()
    return any(_disjoint([found[name] for found in tags]) for name in common)


def _disjoint(values: list[frozenset[str]]) -> bool:
    return len(frozenset[str]().union(*values)) == sum(map(len, values))


def _tags(root: Any, branch: Any) -> dict[str, frozenset[str]]:
    """Return the values of each required text property that lists them."""
    branch = _resolved(root, branch)
    properties, names = branch.get("properties"), branch.get("required", ())
    if branch.get("type") != "object" or not isinstance(properties, Mapping):
        return {}
    found: dict[str, frozenset[str]] = {}
    for name in names:
        part = _resolved(root, properties.get(name))
        values = [part["const"]] if "const" in part else part.get("enum", ())
        # Only text: 1 and 1.0 are one value in JSON Schema and not the same text.
        if values and all(isinstance(value, str) for value in values):
            found[name] = frozenset(values)
    return found


def _resolved(root: Any, part: Any) -> Mapping[str, Any]:
    """Return a schema, or what its own `$ref` names; empty where there is no object."""
    if isinstance(part, Mapping) and (target := referred(root, part.get("$ref"))) is not None:
        part = part_at(root, target)
    return part if isinstance(part, Mapping) else {}
