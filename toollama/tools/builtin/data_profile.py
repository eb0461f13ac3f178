"""The tool `data_profile`: what a data file holds, column by column.

Owns the exact statistics of cells and the choice of rows by conditions, which `data_group` shares.
It describes and never ranks groups. Statistics are computed on fractions, so nothing is rounded
before it is written.
"""

import asyncio
import difflib
import re
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from toollama.policy import Effect
from toollama.text import one_line
from toollama.tools import documents, tables
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.tables import Cell, Column, Table

Operator = Literal["=", "!=", ">", ">=", "<", "<=", "contains"]

STATEMENT_CHARACTERS = 240
AGGREGATES: dict[str, Callable[[Any], Any]] = {
    "sum": sum,
    "mean": statistics.mean,
    "median": statistics.median,
    "min": min,
    "max": max,
    "count": lambda cells: Fraction(len(cells)),
    "distinct": lambda cells: Fraction(len(set(cells))),
}
"""Exact functions of a non-empty list of present cells, by name."""

_MAX_STATEMENTS = 12
_TOP_VALUES = 5
_MAX_KNOWN_VALUES = 1_000
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_IDENTIFIERS = frozenset(tables.words_of("id code no number key uuid zip postcode phone index"))
_VAGUE = frozenset(tables.words_of("id code no number name title total amount value"))
_RESERVED = frozenset(
    tables.words_of(
        "total sum average mean median count number top most best more less highest lowest least "
        "how many share percent by per each every which what who the a an of in on is are was for "
        "from to and or all any not no yes with it whole value name min max maximum minimum"
    )
)
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


class Filter(Arguments):
    """One condition on the rows. `=` conditions on the same column are alternatives."""

    column: str
    op: Operator = "="
    value: str = Field(description="text, a number, or a date as 2024, 2024-03 or 2024-03-31")


class ProfileArguments(Arguments):
    """Which file to describe."""

    path: str = Field(description="a CSV, TSV, JSON or JSONL file, or stdin")
    column: str = Field(default="", description="describe this column only; empty for all")


def granted(name: str, context: ToolContext) -> bool:
    """Tell whether `name` was given by the user, so that its header may be read beforehand."""
    if documents.given_text(name, context) is not None:
        return True
    path = documents.locate(name, context)
    attached = [given.path for given in context.attachments if given.path]
    return any(path.is_relative_to(root.resolve()) for root in [*attached, *context.read_roots])


def peek(name: str, context: ToolContext) -> Table | None:
    """Return the head of a table that the user gave, or None where there is none to read."""
    try:
        return tables.load(name, context, head_only=True) if granted(name, context) else None
    except ToolFailure:
        return None


def kept_rows(table: Table, filters: Sequence[Filter]) -> list[int]:
    """Return the places of the rows that meet every condition.

    Raises `ToolFailure` for an unknown column or a value of the wrong type.
    """
    alternatives: dict[str, list[Callable[[Cell], bool]]] = {}
    cells: dict[str, tuple[Cell, ...]] = {}
    for place, condition in enumerate(filters):
        column = table.column(condition.column)
        key = column.name if condition.op == "=" else f"{column.name} {place}"
        alternatives.setdefault(key, []).append(_test(column, condition))
        cells[key] = column.cells
    return [
        row
        for row in range(table.rows)
        if all(any(test(cells[key][row]) for test in tests) for key, tests in alternatives.items())
    ]


def column_letter(column: Column) -> str:
    """Return what kind of thing a column holds: `n` measure, `i` identifier, `t`, `d` or `b`."""
    if column.kind in {"number", "text"} and tables.words_of(column.name)[-1] in _IDENTIFIERS:
        return "i"
    return column.kind[0]


def marked(text: str, table: Table) -> tuple[str, list[tuple[str, list[int]]]]:
    """Return a request with marks for what it names in a table, and the values met.

    Columns become `@` (a near miss: `~`), their letter and their place, as in `which @t0 has the
    highest @n2`; the first value met becomes `@v0`. Each value comes with its columns' places.
    """
    tokens = re.findall(r"\d+(?:[.,-]\d+)*|[^\W_]+|[<>]=?|=", _dated(text, table))
    stems = [next(iter(tables.words_of(token)), token) for token in tokens]
    names, values = _name_marks(table), _values(text, table)
    marks: list[str] = []
    met: list[tuple[str, list[int]]] = []
    place = 0
    while place < len(tokens):
        for size in range(5, 0, -1):
            key = tuple(stems[place : place + size])
            if key in names:
                marks.append(names[key])
            elif key in values:
                marks.append(f"@v{len(met)}")
                met.append(values[key])
            else:
                continue
            place += len(key)
            break
        else:
            marks.append(_near_miss(stems[place], names) or tokens[place])
            place += 1
    return " ".join(marks), met


def _dated(text: str, table: Table) -> str:
    """Return a request in lower case without file names, its months and quarters as ISO dates.

    A month without a year is that of the table's only year.
    """
    plain = re.sub(r"\S+\.(?:csv|tsv|tab|jsonl?|ndjson)\b", " ", text).casefold()
    years = {
        cell.year for column in table.columns for cell in column.cells if isinstance(cell, date)
    }
    for number, month in enumerate(MONTHS, start=1):
        name = rf"\b{month[:3]}(?:{month[3:]})?\b\.?"
        plain = re.sub(rf"{name} ((?:19|20)\d\d)\b", rf"\1-{number:02}", plain)
        if len(years) == 1:
            plain = re.sub(
                rf"\b(in|for|during) {name}(?!\w)", rf"\1 {min(years)}-{number:02}", plain
            )
    return re.sub(
        r"\bq([1-4])(?: of)? ((?:19|20)\d\d)\b",
        lambda m: f"{m[2]}-{3 * int(m[1]) - 2:02} to {m[2]}-{3 * int(m[1]):02}",
        plain,
    )


def _name_marks(table: Table) -> dict[tuple[str, ...], str]:
    """Return marks by name; the last or the telling part of a name stands for it if unique."""
    full: dict[tuple[str, ...], str] = {}
    short: dict[tuple[str, ...], set[str]] = {}
    for place, column in enumerate(table.columns):
        stems = tables.words_of(column.name)
        full[stems] = mark = f"@{column_letter(column)}{place}"
        telling = tuple(stem for stem in stems if stem not in _VAGUE)
        for part in {telling, stems[-1:]} - {()}:
            if part[0] not in _RESERVED:
                short.setdefault(part, set()).add(mark)
    return {part: min(marks) for part, marks in short.items() if len(marks) == 1} | full


def _values(text: str, table: Table) -> dict[tuple[str, ...], tuple[str, list[int]]]:
    """Return the cells of text columns by their words, each with the places of its columns."""
    found: dict[tuple[str, ...], tuple[str, list[int]]] = {}
    for place, column in enumerate(table.columns):
        distinct = {cell for cell in column.present if isinstance(cell, str)}
        for cell in sorted(distinct) if len(distinct) <= _MAX_KNOWN_VALUES else ():
            key = tables.words_of(cell)
            # `IT` in capitals is the department, `it` is a pronoun.
            plain = not set(key) <= _RESERVED or (cell.isupper() and cell in text.split())
            if key and plain and not cell.isdigit() and len(cell) > 1:
                found.setdefault(key, (cell, []))[1].append(place)
    return found


def _near_miss(stem: str, names: dict[tuple[str, ...], str]) -> str:
    single = [name[0] for name in names if len(name) == 1 and len(name[0]) >= 4]
    near = difflib.get_close_matches(stem, single, n=1, cutoff=0.82)
    return names[(near[0],)].replace("@", "~") if near and stem not in _RESERVED else ""


def _test(column: Column, condition: Filter) -> Callable[[Cell], bool]:
    """Return the condition as a test of one cell; a missing cell only meets `!=`."""
    wanted, view = _comparable(column, condition)
    if condition.op == "!=":
        return lambda cell: cell is None or view(cell) != wanted
    if condition.op == "contains":
        text = condition.value.casefold()
        return lambda cell: text in tables.label(cell).casefold()
    if condition.op == "=":
        return lambda cell: cell is not None and view(cell) == wanted
    compare = _ORDERINGS[condition.op]
    return lambda cell: cell is not None and compare(view(cell), wanted)


def _comparable(column: Column, condition: Filter) -> tuple[Any, Callable[[Any], Any]]:
    """Return the condition's value, and how a cell is seen to compare with it."""
    text = condition.value
    if condition.op == "contains" or column.kind == "text":
        return text.casefold(), lambda cell: cell.casefold()
    if column.kind == "number" and (number := tables.to_number(text)):
        return number[0], lambda cell: cell
    if column.kind == "bool" and (truth := tables.to_bool(text)) is not None:
        return truth, lambda cell: cell
    if column.kind == "date" and re.fullmatch(r"\d{4}(?:-\d\d){0,2}", text):
        # A year equals each of its days: dates are compared at the precision that was asked for.
        return text, lambda cell: cell.isoformat()[: len(text)]
    raise documents.refusal(
        f'"{text}" cannot be compared with {column.name}, a {column.kind} column',
        fix=f"give a value such as {next((tables.label(c) for c in column.present), 'one of its')}",
    )


class DataProfile(Tool[ProfileArguments, Table]):
    """Describes the columns of a data file."""

    spec = ToolSpec(
        name="data_profile",
        summary="Describe a data file (CSV, TSV, JSON): rows, columns, types, missing values, "
        "and the minimum, maximum, mean, median and sum of its numbers.",
        utterances=(
            "what is in sales.csv",
            "describe this csv",
            "profile the attached data",
            "summary statistics for data.csv",
            "how many rows and columns does it have",
            "which columns are there",
            "what columns does orders.csv have",
            "are there missing values in this file",
            "how many nulls per column",
            "basic stats pls",
            "data overview",
            "give me an overview of the dataset",
            "whats the structure of this json",
            "show me min max and mean of every column",
            "schema of events.jsonl",
            "column types of survey.tsv",
            "is this data clean",
            "explore the spreadsheet i attached",
            "how big is the table",
            "how many distinct values does country have",
            "sumarize the csv colums",
            "what kind of data am i looking at",
            "quick eda on results.csv",
            "what are the most common values in each column",
        ),
        parameters=ProfileArguments,
        packs=("drummer.analysis", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the data files that the words or attachments name, and the column if one is."""
        paths = documents.path_candidates(text, context, suffixes=documents.TABLE_SUFFIXES)
        if not paths:
            return {}
        table = peek(paths[0].value, context)
        asked = f" {' '.join(tables.words_of(text))} "
        columns = [
            column.name
            for column in (table.columns if table else ())
            if f" {' '.join(tables.words_of(column.name))} " in asked
        ]
        if len(columns) != 1:
            return {"path": paths}
        return {"path": paths, "column": [Candidate(columns[0], "words", certain=True)]}

    def touches(
        self, args: ProfileArguments, context: ToolContext
    ) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return documents.read_paths(args.path, context), []

    async def execute(self, args: ProfileArguments, context: ToolContext) -> Table:
        """Read the table. Raises `ToolFailure`."""
        table = await asyncio.to_thread(tables.load, args.path, context)
        if args.column:
            return Table(table.name, (table.column(args.column),), table.rows, table.notes)
        return table

    def format(self, args: ProfileArguments, raw: Table, context: ToolContext) -> ToolResult:
        """Return one sentence per column, and all of them as a Markdown table."""
        names = ", ".join(column.name for column in raw.columns)
        count = f"{len(raw.columns)} {'column' if len(raw.columns) == 1 else 'columns'}"
        size = f"{raw.rows:,} {'row' if raw.rows == 1 else 'rows'}"
        first = f"{raw.name} has {size}; it describes {names}."
        if not args.column:
            first = f"{raw.name} has {size} and {count}: {names}."
        sentences = [first, *raw.notes, *(_sentence(column) for column in raw.columns)]
        header = ("column", "type", "missing", "distinct", *_STATISTICS, "top values")
        return ToolResult(
            statements=tuple(
                one_line(sentence, STATEMENT_CHARACTERS)
                for sentence in sentences[: _MAX_STATEMENTS + len(raw.notes)]
            ),
            text=tables.markdown(header, [_cells(column) for column in raw.columns]),
            data={"rows": raw.rows, "columns": [_record(column) for column in raw.columns]},
            sources=(documents.source_of(args.path, context),),
        )


_STATISTICS = ("min", "max", "mean", "median", "sum")


def _statistics(column: Column) -> dict[str, Cell]:
    """Return the statistics that a column's type has; dates have a first and a last."""
    names = {"number": _STATISTICS, "date": ("min", "max")}.get(column.kind, ())
    present = column.present
    return {name: AGGREGATES[name](present) for name in names} if present else {}


def _top_values(column: Column) -> list[tuple[str, int]]:
    if column.kind not in {"text", "bool"}:
        return []
    counts = Counter(tables.label(cell) for cell in column.present)
    return counts.most_common(_TOP_VALUES)


def _missing(column: Column) -> int:
    return len(column.cells) - len(column.present)


def _sentence(column: Column) -> str:
    figures = {name: tables.label(cell, column.unit) for name, cell in _statistics(column).items()}
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


def _cells(column: Column) -> list[str]:
    found = _statistics(column)
    return [
        column.name,
        column.kind,
        f"{_missing(column):,}",
        f"{len(set(column.present)):,}",
        *(tables.label(found[name], column.unit) if name in found else "" for name in _STATISTICS),
        ", ".join(f"{value} ({count:,})" for value, count in _top_values(column)),
    ]


def _record(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.kind,
        "unit": column.unit,
        "missing": _missing(column),
        "distinct": len(set(column.present)),
        **{name: tables.json_value(cell) for name, cell in _statistics(column).items()},
        "top": dict(_top_values(column)),
    }


TOOL = DataProfile()
