"""Conditions on the rows of a table: which rows meet all of them. Pure."""

import re
from collections.abc import Callable, Sequence
from operator import ge, gt, le, lt
from typing import Any, Literal

from pydantic import Field

from toollama.tools.base import Arguments
from toollama.tools.refusal import refusal
from toollama.tools.tabular import cells
from toollama.tools.tabular.cells import Cell
from toollama.tools.tabular.columns import Column
from toollama.tools.tabular.tables import Table

Operator = Literal["=", "!=", ">", ">=", "<", "<=", "contains"]

_SIGNS = {"!=": "is not", ">=": "≥", "<=": "≤"}
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


class Filter(Arguments):
    """One condition on the rows. `=` conditions on the same column are alternatives."""

    column: str
    op: Operator = "="
    value: str = Field(description="text, a number, or a date as 2024, 2024-03 or 2024-03-31")


def kept_rows(table: Table, filters: Sequence[Filter]) -> list[int]:
    """Return the places of the rows that meet every condition.

    Raises `ToolFailure` for an unknown column or a value of the wrong type.
    """
    parts: list[tuple[Column, list[Callable[[Cell], bool]]]] = []
    alternatives: dict[str, list[Callable[[Cell], bool]]] = {}
    for condition in filters:
        column = table.column(condition.column)
        test = _test(column, condition)
        if condition.op == "=" and column.name in alternatives:
            alternatives[column.name].append(test)
            continue
        tests = [test]
        parts.append((column, tests))
        if condition.op == "=":
            alternatives[column.name] = tests
    return [
        row
        for row in range(table.rows)
        if all(any(test(column.cells[row]) for test in tests) for column, tests in parts)
    ]


def condition_in_words(filters: Sequence[Filter]) -> str:
    """Return the conditions in words: ` where country is Spain or France and price > 5`."""
    either: dict[str, list[str]] = {}
    joined: list[str] = []
    for condition in filters:
        if condition.op == "=":
            either.setdefault(condition.column, []).append(condition.value)
        else:
            sign = _SIGNS.get(condition.op, condition.op)
            joined.append(f"{condition.column.replace('_', ' ')} {sign} {condition.value}")
    joined += [
        f"{column.replace('_', ' ')} is {' or '.join(values)}" for column, values in either.items()
    ]
    return f" where {' and '.join(joined)}" if joined else ""


def _test(column: Column, condition: Filter) -> Callable[[Cell], bool]:
    """Return the condition as a test of one cell; a missing cell only meets `!=`."""
    wanted, view = _comparable(column, condition)
    if condition.op == "!=":
        return lambda cell: cell is None or view(cell) != wanted
    if condition.op == "contains":
        text = condition.value.casefold()
        return lambda cell: text in cells.label(cell).casefold()
    if condition.op == "=":
        return lambda cell: cell is not None and view(cell) == wanted
    compare = _ORDERINGS[condition.op]
    return lambda cell: cell is not None and compare(view(cell), wanted)


def _comparable(column: Column, condition: Filter) -> tuple[Any, Callable[[Any], Any]]:
    """Return the condition's value, and how a cell is seen to compare with it."""
    text = condition.value
    if condition.op == "contains" or column.kind == "text":
        return text.casefold(), lambda cell: cell.casefold()
    if column.kind == "number" and (number := cells.to_number(text)):
        return number[0], lambda cell: cell
    if column.kind == "bool" and (truth := cells.to_bool(text)) is not None:
        return truth, lambda cell: cell
    if column.kind == "date" and re.fullmatch(r"\d{4}(?:-\d\d){0,2}", text):
        # A year equals each of its days: dates are compared at the precision that was asked for.
        return text, lambda cell: cell.isoformat()[: len(text)]
    raise refusal(
        f'"{text}" cannot be compared with {column.name}, a {column.kind} column',
        fix=f"give a value such as {next((cells.label(c) for c in column.present), 'one of its')}",
    )
