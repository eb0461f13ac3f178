"""The tool `data_rows`: the rows of a data file that meet conditions, or all of them in an order.

It lists and never computes: figures are `data_group`'s, columns are described by `data_profile`.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from toollama.policy import Effect
from toollama.text import one_line
from toollama.tools.base import Proposal, Tool, ToolContext, ToolResult, ToolSpec
from toollama.tools.language.sentences import STATEMENT_CHARACTERS
from toollama.tools.language.words import counted
from toollama.tools.reading import files, markdown
from toollama.tools.reading.requested_files import TABLE_SUFFIXES, path_candidates
from toollama.tools.tabular import tables
from toollama.tools.tabular.cells import json_value
from toollama.tools.tabular.filters import condition_in_words
from toollama.tools.tabular.row_selection import RowArguments, Selection, propose_rows, select

_ROWS_IN_FULL = 6
_SHOWN_ROWS = 500


class DataRows(Tool[RowArguments, Selection]):
    """Lists rows of a table."""

    spec = ToolSpec(
        name="data_rows",
        summary="List the rows of a data file (CSV, TSV, JSON) that meet conditions, or in order.",
        utterances=(
            "who has not paid in dues.csv",
            "who has not replied in invitations.csv",
            "which employees in firm.csv work in Bonn",
            "which invoices in invoices.csv are unpaid",
            "list the orders over 100 in orders.csv",
            "show the rows of stock.csv where quantity is below 5",
            "which guests in guests.csv are vegetarian",
            "list the names in people.csv in alphabetical order",
            "sort books.csv by author",
            "show me staff.csv ordered by start date",
            "who lives in Lyon according to contacts.csv",
            "which tasks in todo.csv are not done",
            "find the entry for Meyer in customers.csv",
            "which flights in flights.json were cancelled",
            "filter leads.csv where country is Chile",
            "all customers from Austria in clients.csv",
            "the towns of places.csv from a to z",
            "what did Nora order in orders.csv",
            "which students in class.csv have not handed in",
            "list everybody born before 1980 in members.csv",
            "look up the row with id 17 in parts.csv",
            "rows of survey.tsv with missing age",
            "shwo rows where status is open",
            "who is absent in attendance.csv",
            "give me all products of the category toys in shop.json",
            "list the expenses of may in costs.csv",
            "which machines in plant.csv are switched off",
            "names of all members who joined after 2020 in club.csv",
        ),
        parameters=RowArguments,
        packs=("drummer.analysis", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the file, and the conditions, the columns and the order that the words name."""
        paths = path_candidates(text, context, suffixes=TABLE_SUFFIXES)
        if not paths:
            return {}
        if (table := tables.peek(paths[0].value, context)) is None:
            return {"path": [replace(path, certain=False) for path in paths]}
        found = propose_rows(text, table)
        return {"path": paths, **found} if found else {}

    def touches(self, args: RowArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return files.read_paths(args.path, context), []

    async def execute(self, args: RowArguments, context: ToolContext) -> Selection:
        """Read the file and choose. Raises `ToolFailure`."""
        return await asyncio.to_thread(lambda: select(tables.load(args.path, context), args))

    def format(self, args: RowArguments, raw: Selection, context: ToolContext) -> ToolResult:
        """State how many rows and what they are called, then the first in full."""
        header = [column.name for column in raw.columns]
        shown = raw.rows[:_SHOWN_ROWS]
        return ToolResult(
            statements=tuple(one_line(s, STATEMENT_CHARACTERS) for s in _statements(args, raw)),
            answer=one_line(", ".join(raw.names())),
            text=markdown.table(header, map(raw.cells, shown)) if shown else "",
            data=[
                {column.name: json_value(column.cells[row]) for column in raw.columns}
                for row in raw.rows
            ],
            sources=(files.source_of(args.path, context),),
            status="ok" if raw.rows else "empty",
            truncated=len(shown) < len(raw.rows),
        )


def _statements(args: RowArguments, raw: Selection) -> Iterator[str]:
    name, condition = raw.table.name, condition_in_words(args.where)
    if not raw.rows:
        yield f"{name} has no row{condition}."
        return
    size = counted(raw.table.rows, "row", grouped=True)
    kept = f"{len(raw.rows):,} of its {size}{condition}" if args.where else size
    order = f", by {args.order_by.replace('_', ' ')}" if args.order_by else ""
    names = raw.names()
    called = f": {', '.join(names)}" if names else ""
    yield f"{name} has {kept}{order}{called}."
    if len(raw.columns) > 1:
        for row in raw.rows[:_ROWS_IN_FULL]:
            cells = zip(raw.columns, raw.cells(row), strict=True)
            yield "; ".join(f"{column.name.replace('_', ' ')}: {cell}" for column, cell in cells)
    yield from raw.table.notes


TOOL = DataRows()
