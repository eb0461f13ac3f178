"""Schemas that no finite document satisfies, because a reference always leads to another one.

llguidance compiles them; a model under such a grammar opens brackets until its tokens are spent.
Pure: a least fixed point over the subschemas, in time linear in their number.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from toollama.models.schema import Fault, Place, referred, subschemas

_Groups = list[frozenset[Place]]
"""What a schema needs to come to an end: of every group one member that does."""


def endless(schema: Any) -> Fault | None:
    """Return the first subschema that cannot come to an end. It must have passed `excess`."""
    parts = dict(subschemas(schema))
    # What is no subschema (`true`, a bad part) is left to the compiler and holds nothing up.
    needs = {
        place: [group for group in _needs(schema, place, part) if group <= parts.keys()]
        for place, part in parts.items()
    }
    ending = _ending(needs)
    for place in needs:
        if place not in ending:
            return Fault(place, "every document of it contains another one, without an end")
    return None


def _ending(needs: Mapping[Place, _Groups]) -> set[Place]:
    needed_by: dict[Place, list[tuple[Place, int]]] = defaultdict(list)
    for place, groups in needs.items():
        for number, group in enumerate(groups):
            for member in group:
                needed_by[member].append((place, number))
    unmet = {place: set(range(len(groups))) for place, groups in needs.items()}
    waiting = [place for place, groups in unmet.items() if not groups]
    ending = set(waiting)
    while waiting:
        for place, number in needed_by[waiting.pop()]:
            unmet[place].discard(number)
            if not unmet[place] and place not in ending:
                ending.add(place)
                waiting.append(place)
    return ending


def _needs(root: Any, place: Place, schema: Mapping[str, Any]) -> _Groups:
    """Return the groups of one schema."""
    if "enum" in schema or "const" in schema:
        return []
    groups: _Groups = [frozenset({(*place, *inner)}) for inner in _required(schema)]
    target = referred(root, schema.get("$ref"))
    if target is not None:
        groups.append(frozenset({target}))
    for keyword in ("anyOf", "oneOf"):
        options = schema.get(keyword)
        if isinstance(options, list | tuple) and options:
            groups.append(frozenset((*place, keyword, at) for at in range(len(options))))
    return groups


def _required(schema: Mapping[str, Any]) -> list[Place]:
    """Return the subschemas of which every document has an instance."""
    branches = schema.get("allOf")
    places: list[Place] = (
        [("allOf", at) for at in range(len(branches))] if isinstance(branches, list | tuple) else []
    )
    properties, names = schema.get("properties"), schema.get("required")
    if schema.get("type") == "object" and isinstance(names, list | tuple):
        known = properties if isinstance(properties, Mapping) else {}
        places += [("properties", name) for name in names if name in known]
    least, first = schema.get("minItems", 0), schema.get("prefixItems", ())
    if schema.get("type") == "array" and isinstance(least, int):
        known_items = len(first) if isinstance(first, list | tuple) else 0
        places += [("prefixItems", at) for at in range(min(least, known_items))]
        places += [("items",)] if least > known_items else []
    return places
