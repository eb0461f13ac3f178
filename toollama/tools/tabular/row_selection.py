"""Rows of a table that meet conditions, in an order: which a request means, and the rows. Pure."""

import re
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field

from toollama.tools.base import Arguments, Candidate
from toollama.tools.tabular.cells import Cell, label
from toollama.tools.tabular.columns import Column
from toollama.tools.tabular.filters import Filter, kept_rows
from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.superlatives import reworded
from toollama.tools.tabular.table_conditions import COMPARATOR, read_conditions
from toollama.tools.tabular.table_marks import MarkedWords, column_letter, marked
from toollama.tools.tabular.table_vocabulary import (
    AGGREGATE_WORDS,
    HIGH,
    LOW,
    MANY,
    PEOPLE,
    SHARE,
    TAKING_MONEY,
)
from toollama.tools.tabular.tables import Table

MAX_LIMIT = 1_000
_FIGURES = re.compile("|".join([*AGGREGATE_WORDS.values(), HIGH, LOW, MANY, SHARE]))
"""Words for a figure, which is `data_group`'s to compute."""
_ALPHABETICAL = re.compile(r"\balphabetic(?:al|ally)?\b|\ba to z\b")
_SORTED = re.compile(
    r"\b(?:sort|sorted|order|ordered|arrange|arranged)(?: \w+)?? by (?:the )?[@~][a-z](\d+)"
)
_DESCENDING = re.compile(r"\b(?:descending|reversed?|z to a|newest first|largest first)\b")
_NAMES = PEOPLE | {*stems("name title label")}


class RowArguments(Arguments):
    """Which rows of which file, and what of them."""

    path: str = Field(description="a CSV, TSV, JSON or JSONL file, or stdin")
    where: tuple[Filter, ...] = ()
    columns: tuple[str, ...] = Field(default=(), description="columns to show; empty for all")
    order_by: str = Field(default="", description="column to sort by; empty: as in the file")
    descending: bool = False
    limit: int = Field(default=0, ge=0, le=MAX_LIMIT, description="rows to keep; 0 keeps all")


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that are kept, as people read them."""

    table: Table
    columns: tuple[Column, ...]
    """Those that are shown."""
    rows: tuple[int, ...]
    """Places in the table, in the order asked for."""

    def cells(self, row: int) -> list[str]:
        """Return what a row says in the columns that are shown."""
        return [label(column.cells[row], column.unit) for column in self.columns]

    def names(self) -> list[str]:
        """Return what each row is called: by the one column shown, else by the one of names."""
        column = self.columns[0] if len(self.columns) == 1 else naming_column(self.table)
        if column is None:
            return []
        return list(dict.fromkeys(label(column.cells[row], column.unit) for row in self.rows))


def select(table: Table, args: RowArguments) -> Selection:
    """Return the rows that meet every condition.

    Raises `ToolFailure` for an unknown column or a value of the wrong type.
    """
    columns = tuple(map(table.column, args.columns)) or table.columns
    rows = kept_rows(table, args.where)
    if args.order_by:
        key = table.column(args.order_by)
        held = [row for row in rows if key.cells[row] is not None]
        held.sort(key=lambda row: _rank(key.cells[row]), reverse=args.descending)
        rows = held + [row for row in rows if key.cells[row] is None]
    return Selection(table, columns, tuple(rows[: args.limit or len(rows)]))


def naming_column(table: Table) -> Column | None:
    """Return the column that tells rows apart: that of names, else the first without repeats."""
    texts = [column for column in table.columns if column.kind == "text"]
    named = [column for column in texts if not _NAMES.isdisjoint(stems(column.name))]
    telling = [column for column in texts if len(set(column.present)) == table.rows]
    return next(iter(named or telling), None)


def propose_rows(text: str, table: Table) -> dict[str, list[Candidate]]:
    """Return the candidates of every argument but the path; none where a figure is asked for."""
    request = marked(reworded(text, table), table)
    conditions = read_conditions(_with_the_measure(request, table), table)
    words = conditions.words
    if _FIGURES.search(words) or TAKING_MONEY.search(text):
        return {}
    found: dict[str, list[Candidate]] = {}
    if conditions.filters:
        filters = [condition.model_dump() for condition in conditions.filters]
        found["where"] = [Candidate(filters, "words", certain=conditions.certain)]
    bound = {condition.column for condition in conditions.filters}
    asked = [column for column in _asked_columns(words, table) if column.name not in bound]
    order = _order(words, table, asked)
    if order:
        found["order_by"] = [Candidate(order, "words", certain=True)]
        if _DESCENDING.search(words):
            found["descending"] = [Candidate(value=True, source="words", certain=True)]
    named = naming_column(table)
    if asked and named and named not in asked and re.search(r"\bwho\b", words):
        asked.insert(0, named)
    if found and asked:
        found["columns"] = [Candidate([column.name for column in asked], "words", certain=True)]
    return found


def _with_the_measure(request: MarkedWords, table: Table) -> MarkedWords:
    """Return the words with the only measure of the table named where a bound names none."""
    measures = [at for at, column in enumerate(table.columns) if column_letter(column) == "n"]
    if len(measures) != 1:
        return request

    def bounded(match: re.Match[str]) -> str:
        return match[0] if match[1] else f"@n{measures[0]} {match[0]}"

    words = re.sub(
        rf"(@[a-z]\d+ (?:is |are |was |were |of )?)?\b{COMPARATOR} \d", bounded, request.words
    )
    return replace(request, words=words)


def _asked_columns(words: str, table: Table) -> list[Column]:
    """Return the columns that the words name, but for those that they only sort by."""
    places = re.findall(r"@[a-z](\d+)", _SORTED.sub(" ", words))
    return [table.columns[int(place)] for place in dict.fromkeys(places)]


def _order(words: str, table: Table, asked: list[Column]) -> str:
    """Return the column to sort by; empty where the words ask for no order."""
    if named := _SORTED.search(words):
        return table.columns[int(named[1])].name
    if not _ALPHABETICAL.search(words):
        return ""
    texts = [column for column in asked if column_letter(column) == "t"]
    column = texts[0] if texts else naming_column(table)
    return column.name if column else ""


def _rank(cell: Cell) -> Any:
    return cell.casefold() if isinstance(cell, str) else cell
