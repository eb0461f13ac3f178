"""Exact figures over cells: total, average, median, extremes and counts. Pure."""

import statistics
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Literal, get_args

from toollama.tools.tabular.columns import Kind

Aggregate = Literal["sum", "mean", "median", "min", "max", "count", "distinct"]
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)

FUNCTIONS: dict[Aggregate, Callable[[Any], Any]] = {
    "sum": sum,
    "mean": statistics.mean,
    "median": statistics.median,
    "min": min,
    "max": max,
    "count": lambda cells: Fraction(len(cells)),
    "distinct": lambda cells: Fraction(len(set(cells))),
}
"""Each takes a non-empty list of cells of one kind, none missing."""


def suited_kinds(aggregate: Aggregate) -> frozenset[Kind]:
    """Return the kinds of column that the aggregate has a meaning for."""
    if aggregate in {"count", "distinct"}:
        return frozenset(get_args(Kind))
    return frozenset({"number", "date"} if aggregate in {"min", "max"} else {"number"})
