"""Finds where in a schema a compiler's fault lies.

llguidance says what it cannot enforce and not where. The place is the innermost part that has the
same fault on its own, and in it the keyword without which the fault is another one.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from toollama.models.schema import Fault, Place, children, part_at, pointer, referred, rewritten

ProblemOf = Callable[[Mapping[str, Any]], str]
"""Returns why a schema cannot be enforced; empty if it can."""

_MAX_CHARACTERS = 2_000_000
"""Schema text compiled to find one place: about a second. After that the place is a wider one."""


def locate(schema: Mapping[str, Any], problem: str, *, problem_of: ProblemOf) -> Fault:
    """Return the problem with its place. The schema must have passed `schema.excess`."""
    return Fault(_Search(schema, problem, problem_of).place(), problem)


class _Search:
    """One search, with a bound on what it may compile."""

    def __init__(self, schema: Mapping[str, Any], problem: str, problem_of: ProblemOf) -> None:
        self._schema = schema
        self._rebased = rewritten(schema, _rebased)
        self._problem = problem
        self._problem_of = problem_of
        self._characters_left = _MAX_CHARACTERS

    def place(self) -> Place:
        place: Place = ()
        seen: set[Place] = set()
        while place not in seen:
            seen.add(place)
            while (narrower := self._narrower(place)) is not None:
                place = narrower
            keyword = self._keyword(place)
            target = referred(self._schema, part_at(self._schema, place).get("$ref"))
            if keyword != ("$ref",) or target is None:
                return place + keyword
            place = target
        return place

    def _narrower(self, place: Place) -> Place | None:
        """Return a part of the part at `place` that has the problem as well."""
        for below, inner in children(part_at(self._schema, place)):
            here = (*place, *below)
            if isinstance(inner, Mapping) and self._has_problem(self._alone(here)):
                return here
        return None

    def _keyword(self, place: Place) -> Place:
        """Return the keyword of the part at `place` that has the problem, if it is one alone."""
        alone = self._alone(place)
        part = part_at(self._schema, place)
        if not all(keyword in alone for keyword in part):
            return ()
        # Most faults go away with the type, which is rarely the one to blame.
        for keyword in sorted(part, key=lambda keyword: keyword == "type"):
            lesser = {key: value for key, value in alone.items() if key != keyword}
            if self._characters_left > 0 and not self._has_problem(lesser):
                return (keyword,)
        return ()

    def _has_problem(self, schema: Mapping[str, Any]) -> bool:
        if self._characters_left <= 0:
            return False
        self._characters_left -= len(json.dumps(schema))
        return self._problem_of(schema) == self._problem

    def _alone(self, place: Place) -> Mapping[str, Any]:
        """Return one part as a schema of its own, in which references still find their way."""
        part: Mapping[str, Any] = part_at(self._schema, place)
        dialect = {key: self._schema[key] for key in ("$schema",) if key in self._schema}
        if not place or "$ref" not in json.dumps(part):
            return dialect | dict(part)
        reference = f"#/$defs/root{pointer(place)[1:]}"
        return dialect | {"$ref": reference, "$defs": {"root": self._rebased}}


def _rebased(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#"):
        return schema
    return {**schema, "$ref": f"#/$defs/root{reference[1:]}"}
