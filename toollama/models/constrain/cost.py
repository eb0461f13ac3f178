"""What a constraint may cost to compile: limits on sizes and on patterns that meet in one text.

The limits lie where llguidance 1.9.1 still answers within a second; past some of them it takes all
memory and ends the process, so they are checked before it sees a schema. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from toollama.models.schema import Fault, Place, children, referred, subschemas

MAX_PROPERTIES = 400
MAX_PATTERN_PROPERTIES = 32
MAX_BRANCHES = 1_000
MAX_ITEMS_LEAST = 1_000
MAX_PATTERN_CHARACTERS = 64_000
MAX_REPETITIONS = 10_000
MAX_CHOICE_CHARACTERS = 256_000
MAX_MEETING_PATTERNS = 12
"""Whether some text matches all of n patterns is found in 2**n steps: 20 take 3 s, 22 take 14 s."""
_MAX_TRIALS = 16

_COUNT = re.compile(r"\d+(?=,\d*\}|\})")
_COUNTED_GROUP_OR_MANY = re.compile(r"\)\{\d|\{\d{3}|,\d{3}")


def too_costly(schema: Any) -> Fault | None:
    """Return the first keyword that costs more than a grammar may. It must have passed `excess`."""
    for place, part in subschemas(schema):
        for keyword, limit in (
            ("properties", MAX_PROPERTIES),
            ("patternProperties", MAX_PATTERN_PROPERTIES),
            ("anyOf", MAX_BRANCHES),
            ("oneOf", MAX_BRANCHES),
            ("allOf", MAX_BRANCHES),
        ):
            value = part.get(keyword)
            if isinstance(value, Mapping | list | tuple) and len(value) > limit:
                return Fault((*place, keyword), f"more than {limit} entries")
        least = part.get("minItems")
        if isinstance(least, int) and least > MAX_ITEMS_LEAST:
            return Fault((*place, "minItems"), f"more than {MAX_ITEMS_LEAST} items")
        if problem := too_long(str(part.get("pattern", ""))):
            return Fault((*place, "pattern"), problem)
    return _crowd(schema)


def too_long(pattern: str) -> str:
    """Return in what a pattern is longer than it may be; empty if in nothing."""
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        return f"more than {MAX_PATTERN_CHARACTERS} characters"
    most = str(MAX_REPETITIONS)
    if any((len(count), count) > (len(most), most) for count in _COUNT.findall(pattern)):
        return f"more than {MAX_REPETITIONS} repetitions"
    return ""


def worth_a_trial(schema: Any) -> Iterator[tuple[Place, str]]:
    """Yield the patterns whose repetitions may multiply, each once and at most sixteen.

    Their cost shows only when text is matched: `(a{1,100}){1,100}` reads a run of a in as many ways
    as there are partitions of it.
    """
    seen: set[str] = set()
    for place, part in subschemas(schema):
        pattern = part.get("pattern")
        if not isinstance(pattern, str) or pattern in seen or len(seen) == _MAX_TRIALS:
            continue
        if _COUNTED_GROUP_OR_MANY.search(pattern):
            seen.add(pattern)
            yield (*place, "pattern"), pattern


def _crowd(schema: Any) -> Fault | None:
    """Return a place where one text may have to match too many patterns at the same time."""
    parts = dict(subschemas(schema))
    if len({str(part[key]) for part in parts.values() for key in _TEXTUAL & part.keys()}) <= (
        MAX_MEETING_PATTERNS
    ):
        return None
    meeting: dict[Place, int] = {}
    for place in _inner_first(schema, parts):
        meeting[place] = _meeting(schema, place, parts[place], meeting)
        if meeting[place] > MAX_MEETING_PATTERNS:
            problem = f"more than {MAX_MEETING_PATTERNS} patterns may meet in one text"
            return Fault(place, problem)
    return None


_TEXTUAL = {"pattern", "format"}


def _inner_first(schema: Any, parts: Mapping[Place, Mapping[str, Any]]) -> Iterator[Place]:
    """Yield every place after those inside it and the one it refers to, cycles aside."""
    seen: set[Place] = set()
    waiting: list[tuple[Place, bool]] = [((), False)]
    while waiting:
        place, is_left = waiting.pop()
        if is_left:
            yield place
        elif place in parts and place not in seen:
            seen.add(place)
            waiting.append((place, True))
            target = referred(schema, parts[place].get("$ref"))
            inside = [(*place, *below) for below, _ in children(parts[place])]
            waiting += [(at, False) for at in [*inside, *([] if target is None else [target])]]


def _meeting(schema: Any, place: Place, part: Mapping[str, Any], known: Mapping[Place, int]) -> int:
    """Return a bound on the patterns that meet in one text of a part.

    Branches of `allOf` and the target of a reference apply together, one branch of `anyOf` at a
    time, and everything else to texts of their own.
    """
    together = 0
    apart = len(_TEXTUAL & part.keys())
    alternatives: dict[str, int] = {"anyOf": 0, "oneOf": 0}
    for below, _ in children(part):
        inner, keyword = known.get((*place, *below), 0), str(below[0])
        if keyword == "allOf":
            together += inner
        elif keyword in alternatives:
            alternatives[keyword] = max(alternatives[keyword], inner)
        elif keyword not in {"$defs", "definitions"}:
            apart = max(apart, inner)
    target = referred(schema, part.get("$ref"))
    together += known.get(target, 0) if target is not None else 0
    return together + apart + sum(alternatives.values())
