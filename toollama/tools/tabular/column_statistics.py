"""What a column holds, in figures: statistics, distinct and missing cells. Pure and exact."""

from collections import Counter
from typing import Any

from toollama.tools.tabular import cells
from toollama.tools.tabular.aggregates import FUNCTIONS, Aggregate
from toollama.tools.tabular.cells import Cell
from toollama.tools.tabular.columns import Column

_TOP_VALUES = 5
STATISTICS: tuple[Aggregate, ...] = ("min", "max", "mean", "median", "sum")
HEADER = ("column", "type", "missing", "distinct", *STATISTICS, "top values")


def _statistics(column: Column) -> dict[str, Cell]:
    """Return the statistics that a column's type has; dates have a first and a last."""
    names = {"number": STATISTICS, "date": ("min", "max")}.get(column.kind, ())
    present = column.present
    return {name: FUNCTIONS[name](present) for name in names} if present else {}


def _top_values(column: Column) -> list[tuple[str, int]]:
    if column.kind not in {"text", "bool"}:
        return []
    counts = Counter(cells.label(cell) for cell in column.present)
    return counts.most_common(_TOP_VALUES)


def _missing(column: Column) -> int:
    return len(column.cells) - len(column.present)


def sentence(column: Column) -> str:
    """Return a sentence: `revenue (number): sum 12, mean 4, median 3, from 1 to 8; 2 missing.`."""
    figures = {name: cells.label(cell, column.unit) for name, cell in _statistics(column).items()}
    distinct = len(set(column.present))
    if column.kind == "number" and figures:
        facts = ", ".join(f"{name} {figures[name]}" for name in ("sum", "mean", "median"))
        facts += f", from {figures['min']} to {figures['max']}"
    elif figures:
        facts = f"from {figures['min']} to {figures['max']}"
    else:
        tops = ", ".join(f"{value} ({count:,})" for value, count in _top_values(column))
        facts = f"{distinct:,} distinct" + (f", most often {tops}" if tops else "")
    missing = f"; {_missing(column):,} missing" if _missing(column) else ""
    return f"{column.name} ({column.kind}): {facts}{missing}."


def row(column: Column) -> list[str]:
    """Return the column as a row of a table headed by `HEADER`."""
    found = _statistics(column)
    return [
        column.name,
        column.kind,
        f"{_missing(column):,}",
        f"{len(set(column.present)):,}",
        *(cells.label(found[name], column.unit) if name in found else "" for name in STATISTICS),
        ", ".join(f"{value} ({count:,})" for value, count in _top_values(column)),
    ]


def record(column: Column) -> dict[str, Any]:
    """Return the column as JSON-ready data."""
    return {
        "name": column.name,
        "type": column.kind,
        "unit": column.unit,
        "missing": _missing(column),
        "distinct": len(set(column.present)),
        **{name: cells.json_value(cell) for name, cell in _statistics(column).items()},
        "top": dict(_top_values(column)),
    }
