"""Decide which waiting work runs next and in which order models leave memory. Pure.

Work of a resident model never waits for a swap; among models that must be loaded, the one with
the most waiting work goes first; nobody waits longer than a bounded number of turns.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

MAX_PASSED_OVER = 8
"""Turns that others may take before waiting work is served whatever it costs."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One inference that waits for its model."""

    model: str
    passed_over: int = 0
    """How many turns others took since it arrived."""


def next_turn(
    waiting: Sequence[Waiting],
    resident: frozenset[str],
    *,
    running: Mapping[str, int],
    at_once: int,
) -> int | None:
    """Return the position in `waiting` (oldest first) of what runs next, beside what runs already.

    `running` counts the turns that each model has now, of which it can have `at_once`. None where
    everything must wait: only models that have no turn left have work, or somebody who waited too
    long has such a model.
    """
    starving = [at for at, work in enumerate(waiting) if work.passed_over >= MAX_PASSED_OVER]
    if starving:
        model = waiting[starving[0]].model
        return starving[0] if running.get(model, 0) < at_once else None
    for at, work in enumerate(waiting):
        if work.model in resident and running.get(work.model, 0) < at_once:
            return at
    demand = Counter(work.model for work in waiting if work.model not in resident)
    if not demand:
        return None
    wanted = max(demand.values())
    return next(at for at, work in enumerate(waiting) if demand[work.model] == wanted)


def eviction_order(resident_bytes: Mapping[str, int], next_use: Mapping[str, int]) -> list[str]:
    """Return the resident models in the order in which they should leave memory.

    `next_use` gives, by model, how many turns away its next known use is; the furthest leaves
    first, before it those without known use, and of equals the largest (Belady). How many of them
    leave is for `models.ladder`.
    """
    return sorted(
        resident_bytes, key=lambda model: (-next_use.get(model, inf), -resident_bytes[model])
    )
