"""How a SQLite file is opened and committed to. No table is known here.

`synchronous=FULL` costs one disk flush per commit and is what keeps an acknowledged commit through
a power loss; in WAL mode `NORMAL` keeps the file sound and may lose the last commits
(https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_TIMEOUT_S = 5.0
"""How long a statement waits for another process's lock."""


def connect_writer(path: Path, *, checkpoints: bool) -> sqlite3.Connection:
    """Return a connection for durable commits, in autocommit mode.

    `checkpoints` is for one connection per file only: before SQLite 3.51.3 two that reset the
    write-ahead log at one moment can corrupt the file (https://www.sqlite.org/wal.html).
    """
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = _decode
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if not checkpoints:
            connection.execute("PRAGMA wal_autocheckpoint = 0")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot change the file. Damaged text is read, with U+FFFD in it."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    connection.text_factory = _decode
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the block as a whole or not at all.

    `BEGIN IMMEDIATE` waits for the write lock at the start, where waiting is possible; a lock
    that is upgraded later fails at once.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("ROLLBACK")
        raise


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")
