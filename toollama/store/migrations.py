"""How the tables came to be: an ordered list of steps, each applied once and recorded by name.

A step that was released is never edited; a change of the tables is a new step at the end.
"""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

from toollama.errors import StoreError
from toollama.store.connection import transaction

Migration = Callable[[sqlite3.Connection], None]

_LEDGER = "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)"


def m001_initial(connection: sqlite3.Connection) -> None:
    """Make the tables of runs, events and evidence. Times are ISO 8601 text in UTC."""
    connection.execute(
        """
        CREATE TABLE runs (
            run_id TEXT PRIMARY KEY,
            started_at TEXT NOT NULL,
            finished_at TEXT,
            status TEXT NOT NULL CHECK (status IN (
                'running', 'complete', 'partial', 'failed', 'cancelled', 'interrupted')),
            prompt TEXT NOT NULL,
            answer TEXT NOT NULL DEFAULT '',
            exit_code INTEGER,
            duration_s REAL,
            owner_pid INTEGER NOT NULL,
            owner_marker TEXT NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX runs_by_start ON runs (started_at)")
    connection.execute(
        """
        CREATE TABLE events (
            run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
            seq INTEGER NOT NULL,
            ts TEXT NOT NULL,
            type TEXT NOT NULL,
            line TEXT NOT NULL,
            PRIMARY KEY (run_id, seq)
        )
        """
    )
    connection.execute(
        """
        CREATE TABLE evidence (
            run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
            id TEXT NOT NULL,
            title TEXT NOT NULL,
            locator TEXT NOT NULL,
            text TEXT NOT NULL,
            tool TEXT NOT NULL,
            retrieved_at TEXT,
            untrusted INTEGER NOT NULL,
            private INTEGER NOT NULL,
            PRIMARY KEY (run_id, id)
        )
        """
    )


def m002_conversations(connection: sqlite3.Connection) -> None:
    """Let a run tell which run it goes on from, in which conversation and on which terminal."""
    for column in ("previous_run_id", "session", "terminal"):
        connection.execute(f"ALTER TABLE runs ADD COLUMN {column} TEXT")
    connection.execute("CREATE INDEX runs_by_session ON runs (session, started_at)")
    connection.execute("CREATE INDEX runs_by_terminal ON runs (terminal, started_at)")


_SEARCHABLE = (
    ("prompt", ("run.started",), "json_extract({line}, '$.data.prompt')"),
    ("answer", ("run.completed",), "json_extract({line}, '$.data.answer')"),
    ("answer", ("run.failed", "run.cancelled"), "json_extract({line}, '$.data.partial')"),
    (
        "arguments",
        ("tool.call.requested",),
        """json_extract({line}, '$.data.tool') || ' ' || (SELECT group_concat(atom, ' ')
            FROM json_tree({line}, '$.data.arguments') WHERE atom IS NOT NULL)""",
    ),
    (
        "results",
        ("tool.call.completed",),
        "(SELECT group_concat(value, ' ') FROM json_each({line}, '$.data.statements'))",
    ),
)
"""Field, the event types that hold it, and its text as SQL over the event's line."""


def m003_search(connection: sqlite3.Connection) -> None:
    """Let every text of a run be found by its words.

    Triggers keep the index, so that an event written twice is indexed once, and what is deleted
    is not found any more. A row's id is that of its event. Where this SQLite lacks FTS5, nothing
    is made and search says so.
    """
    options = {name for (name,) in connection.execute("PRAGMA compile_options")}
    if "ENABLE_FTS5" not in options:
        return
    connection.execute(
        "CREATE VIRTUAL TABLE search USING fts5 (run_id UNINDEXED, field UNINDEXED, text, "
        "tokenize = 'unicode61 remove_diacritics 2')"
    )
    for number, (field, types, text) in enumerate(_SEARCHABLE):
        named = ", ".join(f"'{name}'" for name in types)
        connection.execute(
            f"""
            CREATE TRIGGER search_{number} AFTER INSERT ON events
            WHEN NEW.type IN ({named}) AND json_valid(NEW.line)
            BEGIN
                INSERT OR REPLACE INTO search (rowid, run_id, field, text)
                VALUES (NEW.rowid, NEW.run_id, '{field}', {text.format(line="NEW.line")});
            END
            """  # noqa: S608 - constants of this module
        )
        connection.execute(
            f"""
            INSERT INTO search (rowid, run_id, field, text)
            SELECT events.rowid, run_id, '{field}', {text.format(line="line")} FROM events
            WHERE events.type IN ({named}) AND json_valid(line)
            """  # noqa: S608 - constants of this module
        )
    connection.execute(
        """
        CREATE TRIGGER search_forget AFTER DELETE ON events
        BEGIN
            DELETE FROM search WHERE rowid = OLD.rowid;
        END
        """
    )


MIGRATIONS: tuple[Migration, ...] = (m001_initial, m002_conversations, m003_search)
"""Every step, oldest first."""


def migrate(
    connection: sqlite3.Connection,
    *,
    now: datetime,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Apply the steps that the database lacks, each with its record in one commit.

    Takes no write lock where nothing is missing. Raises `StoreError` where the database has
    steps that this version does not know.
    """
    known = [migration.__name__ for migration in migrations]
    applied = _applied(connection)
    newer = sorted(applied.difference(known))
    if newer:
        raise StoreError(
            f"the run log was written by a newer toollama (it has {', '.join(newer)})",
            fix="upgrade toollama, or set TOOLLAMA_DATA_DIR to another directory",
        )
    if applied.issuperset(known):
        return
    with transaction(connection):
        connection.execute(_LEDGER)
        applied = _applied(connection)  # another process may have been first
        for migration in migrations:
            if migration.__name__ not in applied:
                migration(connection)
                connection.execute(
                    "INSERT INTO migrations VALUES (?, ?)", (migration.__name__, now.isoformat())
                )


def _applied(connection: sqlite3.Connection) -> set[str]:
    ledger = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'"
    if connection.execute(ledger).fetchone() is None:
        return set()
    return {name for (name,) in connection.execute("SELECT name FROM migrations")}
