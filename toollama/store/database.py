"""One database file: made private, checked, opened, set aside when damaged. No table here."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from toollama.errors import StoreError
from toollama.store.connection import connect_read_only, connect_writer, transaction
from toollama.store.damage import READ_FAULTS, failure, find_damage, set_aside
from toollama.store.lease import Lease, others_wait

Statement = tuple[str, Sequence[str | int | float | None]]
"""One SQL statement and its parameters."""


class Database:
    """One open database file: a writer connection, and a fresh read-only one per read.

    Writes must not overlap; the owner of the object serialises them.
    """

    def __init__(
        self, path: Path, *, writer: sqlite3.Connection, lease: Lease, set_aside_as: Path | None
    ) -> None:
        self.path = path
        self.writer = writer
        self.set_aside_as = set_aside_as
        """Where the damaged file that stood here before was moved."""
        self._lease = lease

    @classmethod
    def open(cls, path: Path, *, now: datetime) -> "Database":
        """Open the file, making it and its directory (modes 0600 and 0700) where missing.

        A damaged file is renamed to `NAME.corrupt-YYYYMMDD-HHMMSS` and an empty one begun.
        Raises `StoreError` where the file cannot be used, or is damaged and in use elsewhere.
        """
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite does not wait for the lock it needs to switch a new file to WAL.
            with others_wait(path.parent):
                return cls._open_alone(path, now=now)
        except (OSError, *READ_FAULTS) as error:
            raise failure(path, error) from error

    @classmethod
    def _open_alone(cls, path: Path, *, now: datetime) -> "Database":
        _create(path)
        lease = Lease(path)
        try:
            aside = _set_aside_if_damaged(path, now=now, may_move=lease.held)
            writer = connect_writer(path, checkpoints=lease.held)
        except BaseException:
            lease.drop()
            raise
        return cls(path, writer=writer, lease=lease, set_aside_as=aside)

    def wait_for_locks(self, timeout_s: float) -> None:
        """Let later writes wait that long for another process's lock."""
        self.writer.execute(f"PRAGMA busy_timeout = {round(timeout_s * 1000)}")

    def write(self, statements: Iterable[Statement]) -> None:
        """Run the statements as one durable commit. Raises `sqlite3.DatabaseError`."""
        with transaction(self.writer):
            for sql, parameters in statements:
                self.writer.execute(sql, parameters)

    def read(self, sql: str, parameters: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query. Takes no write lock. Raises `StoreError`."""
        try:
            with closing(connect_read_only(self.path)) as reader:
                return reader.execute(sql, parameters).fetchall()
        except READ_FAULTS as error:
            raise failure(self.path, error) from error

    def close(self) -> None:
        """Close the writer and let another process look after the file."""
        self.writer.close()
        self._lease.drop()


def _create(path: Path) -> None:
    """Make an empty file that only its user can read; SQLite gives -wal and -shm the same mode.

    A file that exists is not opened: closing it would drop this process's SQLite locks on it
    (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _set_aside_if_damaged(path: Path, *, now: datetime, may_move: bool) -> Path | None:
    damage = find_damage(path)
    if damage is None:
        return None
    if not may_move:
        raise StoreError(
            f"{path} is damaged ({damage}) and another process uses it",
            fix="end the other toollama process, then run the command again",
        )
    aside = set_aside(path, now=now)
    _create(path)
    return aside
