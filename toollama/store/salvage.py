"""Carry what can still be read from a damaged log into a fresh one.

Rows are read from the first on until the damage, then from the last back to it, so one bad page
costs the rows near it. A row that the fresh tables or the event's own schema refuse is left out.
The damaged file is only read.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toollama.events import Event
from toollama.store.connection import connect_read_only, transaction
from toollama.store.damage import READ_FAULTS

Row = dict[str, Any]


def salvage(damaged: Path, connection: sqlite3.Connection) -> int:
    """Copy runs, events and evidence into the fresh database; return how many runs came over."""
    with closing(connect_read_only(damaged)) as reader, transaction(connection):
        for table in ("runs", "events", "evidence"):
            for row in _readable(reader, table, _common_columns(reader, connection, table)):
                if _is_whole(table, row):
                    _copy(connection, table, row)
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])


def _common_columns(
    reader: sqlite3.Connection, connection: sqlite3.Connection, table: str
) -> list[str]:
    """Return what both have: the damaged file may be older than the newest column."""
    here = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    there = here
    with suppress(*READ_FAULTS):  # what cannot be read will be missed row by row
        there = [row[1] for row in reader.execute(f"PRAGMA table_info({table})")]
    return [column for column in here if column in there]


def _readable(reader: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[Row]:
    seen: set[int] = set()
    for direction in ("ASC", "DESC"):
        with suppress(*READ_FAULTS):  # the damage begins here
            query = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED"  # noqa: S608 - own names
            for rowid, *values in reader.execute(f"{query} ORDER BY rowid {direction}"):
                if rowid in seen:
                    return
                seen.add(rowid)
                yield dict(zip(columns, values, strict=True))


def _is_whole(table: str, row: Row) -> bool:
    if table != "events":
        return True
    try:
        event = Event.model_validate_json(row["line"])
    except ValidationError:
        return False
    return (event.run_id, event.seq) == (row["run_id"], row["seq"])


def _copy(connection: sqlite3.Connection, table: str, row: Row) -> None:
    marks = ", ".join("?" * len(row))
    insert = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608 - own names
    with suppress(sqlite3.IntegrityError):  # its run is lost, or a damaged value breaks a check
        connection.execute(insert, tuple(row.values()))
