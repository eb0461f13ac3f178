"""A damaged SQLite file: told from a fault that passes, named, and moved out of the way."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from toollama.errors import StoreError
from toollama.store.connection import connect_read_only

READ_FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What reading a file may raise; SQLite's message may quote a damaged name that is not UTF-8."""

_DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCK_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FILES_OF_A_DATABASE = ("", "-wal", "-shm")


def is_damage(error: Exception) -> bool:
    """Tell damage from a fault that passes.

    Our SQL names only tables that the migrations made, so a name that SQLite does not find was
    overwritten.
    """
    overwritten = isinstance(error, UnicodeDecodeError) or "no such " in str(error)
    return overwritten or _code(error) in _DAMAGE_CODES


def _code(error: Exception) -> int:
    """Return the plain result code: extended ones keep it in their low byte."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF


def find_damage(path: Path) -> str | None:
    """Return what `quick_check` finds wrong with the structure of the file, or None.

    It reads the whole file. Flipped bytes inside a stored text are not structure.
    """
    try:
        with closing(connect_read_only(path)) as reader:
            found = str(reader.execute("PRAGMA quick_check(1)").fetchone()[0])
    except READ_FAULTS as error:
        if is_damage(error):
            return str(error)
        raise
    return None if found == "ok" else found


def set_aside(path: Path, *, now: datetime) -> Path:
    """Rename the file and its write-ahead log to a name that is free; return that name."""
    stem = f"{path.name}.corrupt-{now:%Y%m%d-%H%M%S}"
    aside, again = path.with_name(stem), 1
    while aside.exists():
        again += 1
        aside = path.with_name(f"{stem}-{again}")
    for suffix in _FILES_OF_A_DATABASE:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def failure(path: Path, error: Exception) -> StoreError:
    """Return what a person is told when the file cannot be used."""
    if isinstance(error, StoreError):
        return error
    if is_damage(error):
        return StoreError(f"{path} is damaged: {error}", fix=f"mv '{path}' '{path}.damaged'")
    if _code(error) in _LOCK_CODES:
        return StoreError(
            f"another process has locked {path}", fix="end that process, or set TOOLLAMA_DATA_DIR"
        )
    return StoreError(
        f"cannot use {path}: {getattr(error, 'strerror', None) or error}",
        fix=f"check space and permissions of {path.parent}, or set TOOLLAMA_DATA_DIR",
    )
