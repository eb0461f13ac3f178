"""One exact figure per group of the rows of a table: the computation. Pure.

A share is only given where the groups add up to a whole.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field

from toollama.tools.base import Arguments
from toollama.tools.refusal import refusal
from toollama.tools.tabular.aggregates import FUNCTIONS, Aggregate, suited_kinds
from toollama.tools.tabular.cells import Cell, label
from toollama.tools.tabular.columns import Column
from toollama.tools.tabular.filters import Filter, kept_rows
from toollama.tools.tabular.tables import Table

Period = Literal["day", "month", "quarter", "year"]

Order = Literal["highest", "lowest", "none"]

MAX_LIMIT = 1_000


class GroupArguments(Arguments):
    """What to compute, from which file, for which groups."""

    path: str = Field(description="a CSV, TSV, JSON or JSONL file, or stdin")
    group_by: str = Field(default="", description="column whose values are the groups; empty: all")
    value: str = Field(default="", description="column to compute with; empty to count rows")
    aggregate: Aggregate
    order: Order = "none"
    limit: int = Field(default=0, ge=0, le=MAX_LIMIT, description="groups to keep; 0 keeps all")
    where: tuple[Filter, ...] = ()
    period: Period = Field(default="day", description="length of a group, for a date column")


@dataclass(frozen=True, slots=True)
class Grouping:
    """The answer before it is put into words."""

    table: Table
    rows: int
    """Rows that the conditions kept."""
    left_out: int
    """Kept rows without a value to compute with."""
    groups: tuple[tuple[str, Cell], ...]
    """Label and figure, in the order asked for, none cut."""
    whole: Cell
    """The figure over all groups; None where no row is left."""
    unit: str

    @property
    def adds_up(self) -> bool:
        """Return whether no group is below zero and the whole is above it."""
        figures = [figure for _, figure in self.groups]
        return (
            isinstance(self.whole, Fraction)
            and self.whole > 0
            and all(isinstance(figure, Fraction) and figure >= 0 for figure in figures)
        )

    def share(self, part: Cell) -> str:
        """Return a part of the whole as `45.0%`; empty where either is no number."""
        if not isinstance(self.whole, Fraction) or not isinstance(part, Fraction):
            return ""
        return f"{round(1_000 * part / self.whole) / 10:.1f}%"


def compute(table: Table, args: GroupArguments) -> Grouping:
    """Return one exact figure per group of the rows that the conditions keep.

    Raises `ToolFailure` for an unknown column, or one that does not suit the aggregate.
    """
    rows = kept_rows(table, args.where)
    value = None if args.aggregate == "count" else _value_column(table, args)
    group = table.column(args.group_by) if args.group_by else None
    cells: dict[Cell, list[Cell]] = {}
    for row in rows:
        if value is None or value.cells[row] is not None:
            key = _group_key(group.cells[row], args.period) if group else None
            cells.setdefault(key, []).append(value.cells[row] if value else True)
    function = FUNCTIONS[args.aggregate]
    figures = [(key, function(members)) for key, members in cells.items()]
    if args.order != "none":
        figures.sort(key=lambda pair: pair[1], reverse=args.order == "highest")
    elif group and group.kind != "text":
        figures.sort(key=lambda pair: _place(pair[0]))
    everything = [cell for members in cells.values() for cell in members]
    return Grouping(
        table=table,
        rows=len(rows),
        left_out=len(rows) - len(everything),
        groups=tuple((label(key, group.unit if group else ""), v) for key, v in figures),
        whole=function(everything) if everything else None,
        unit=value.unit if value and args.aggregate != "distinct" else "",
    )


def _place(key: Cell) -> tuple[bool, Any]:
    """Return where a group stands in natural order; the missing one comes last."""
    return key is None, 0 if key is None else key


def _value_column(table: Table, args: GroupArguments) -> Column:
    kinds = suited_kinds(args.aggregate)
    options = ", ".join(column.name for column in table.columns if column.kind in kinds)
    fix = f"use one of: {options}" if options else "count rows instead"
    if not args.value:
        raise refusal(f"the {args.aggregate} needs a value column", fix=fix)
    column = table.column(args.value)
    if column.kind not in kinds:
        raise refusal(
            f'"{column.name}" holds {column.kind}, which has no {args.aggregate}',
            fix=fix,
        )
    return column


def _group_key(cell: Cell, period: Period) -> Cell:
    if not isinstance(cell, date) or period == "day":
        return cell
    if period == "quarter":
        return f"{cell.year}-Q{(cell.month + 2) // 3}"
    return cell.isoformat()[: 4 if period == "year" else 7]
