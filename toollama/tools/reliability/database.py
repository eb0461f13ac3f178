"""Open a SQLite file whose loss costs nothing but work done again.

A file that cannot be used is deleted and made anew; where no file can be, memory serves instead.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path

_LOCK_TIMEOUT_S = 1.0


def open_disposable(path: Path, schema: str) -> sqlite3.Connection:
    """Return a connection in autocommit mode with the schema applied."""
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return _connect(str(path), schema)
        except (sqlite3.OperationalError, OSError):
            break  # not the file's fault: read-only, full, locked
        except sqlite3.DatabaseError:
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return _connect(":memory:", schema)


def _connect(name: str, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, timeout=_LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL keeps the file sound; a power loss may take the last commits, which is no loss.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(schema)
    except BaseException:
        connection.close()
        raise
    return connection
