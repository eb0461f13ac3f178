"""Tables: a data file as typed columns of equal length.

Owns the table, finding its columns by name, and loading it. Rows are `tools.table_rows`', types
`tools.columns`'.
"""

import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toollama.tools.base import ToolContext, ToolFailure
from toollama.tools.reading import files
from toollama.tools.reading.decoding import decode
from toollama.tools.refusal import refusal
from toollama.tools.tabular.columns import Column, typed
from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.table_rows import read_rows

_HEAD_BYTES = 300_000


@dataclass(frozen=True, slots=True)
class Table:
    """A data file as columns of equal length."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    notes: tuple[str, ...] = ()
    """Whole sentences about cells that were left out or could be read in two ways."""

    def column(self, name: str) -> Column:
        """Return the column that `name` means, whatever its case, spacing or plural.

        Raises `ToolFailure` with the nearest names.
        """
        wanted = stems(name)
        tests: tuple[Callable[[Column], bool], ...] = (
            lambda column: column.name == name,
            lambda column: stems(column.name) == wanted,
            lambda column: stems(column.name)[-len(wanted) :] == wanted,
        )
        for test in tests:
            if len(found := [column for column in self.columns if test(column)]) == 1:
                return found[0]
        names = [column.name for column in self.columns]
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        raise refusal(
            f'{self.name} has no column "{name}"', fix=f"use one of: {', '.join(near or names)}"
        )


def load(name: str, context: ToolContext, *, head_only: bool = False) -> Table:
    """Return the table that `name` means: a data file, or text given as `stdin`.

    `head_only` stops after the first 300 kB, which is enough to propose arguments from. Raises
    `ToolFailure` where the file cannot be read or is not a table.
    """
    limit = _HEAD_BYTES if head_only else None
    if (given := files.given_text(name, context)) is not None:
        return parse(given[:limit], name=name, partial=len(given) > (limit or len(given)))
    path = files.locate(name, context)
    data = files.read_bytes(path)
    text = decode(data[:limit], name=path.name)
    return parse(text, name=path.name, partial=len(data) > (limit or len(data)))


def parse(text: str, *, name: str, partial: bool = False) -> Table:
    """Return text as a table. A `partial` text may end anywhere. Raises `ToolFailure`."""
    rows = read_rows(text, name=name, partial=partial)
    if len(rows) < 2 or not rows[0]:
        raise refusal(f"{name} has no rows of data", fix="name a file with a header and rows")
    names, *body = rows
    columns = [
        typed(column, [row[place] for row in body]) for place, column in enumerate(_unique(names))
    ]
    notes = tuple(note for _, note in columns if note)
    return Table(name, tuple(column for column, _ in columns), len(body), notes)


def peek(name: str, context: ToolContext) -> Table | None:
    """Return the head of a table that the user gave, or None where there is none to read."""
    try:
        return load(name, context, head_only=True) if files.is_given(name, context) else None
    except ToolFailure:
        return None  # the call itself will say what is wrong


def _unique(names: Sequence[str]) -> list[str]:
    """Return a name for every column: blank ones are numbered, repeated ones too."""
    seen: Counter[str] = Counter()
    result = []
    for place, name in enumerate(names, start=1):
        clean = " ".join(name.split()) or f"column {place}"
        seen[clean] += 1
        result.append(clean if seen[clean] == 1 else f"{clean} ({seen[clean]})")
    return result
