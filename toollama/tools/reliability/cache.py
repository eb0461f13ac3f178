"""Remember what tools answered, for as long as their spec allows.

An entry is found by tool, program version and arguments, never by a credential, and a result that
is private or changed something is not kept. Entries past their time are kept a week longer: they
stand in, with their date, while a service is down.
"""

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, to_json

from toollama._version import __version__
from toollama.errors import StoreError
from toollama.policy import Effect
from toollama.tools.base import ToolResult, ToolSpec
from toollama.tools.reliability.database import open_disposable

MAX_ENTRY_BYTES = 2_000_000
MAX_BYTES = 64_000_000
STALE_S = 7 * 86_400.0
"""How long an answer may stand in for a service that is down."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, at_s REAL NOT NULL, result BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS results_by_age ON results (at_s);
"""
_RESULT = TypeAdapter(ToolResult)


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer and when it was given."""

    result: ToolResult
    at: datetime


def is_cacheable(spec: ToolSpec) -> bool:
    """Return whether a tool's answers may be kept: they are public, and it changes nothing."""
    return spec.cache_ttl_s > 0 and spec.effects <= {Effect.READ_PUBLIC}


def cache_key(spec: ToolSpec, arguments: Mapping[str, Any], *, timezone: str) -> str:
    """Return the key of a call; arguments in any order give the same."""
    call = [__version__, spec.origin, spec.name, timezone, _sorted(arguments)]
    return hashlib.sha256(to_json(call, fallback=str)).hexdigest()


class ResultCache:
    """Answers in one SQLite file of at most 64 MB."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        """Open the file at the first use."""
        self._path = path
        self._max_bytes = max_bytes

    @cached_property
    def _database(self) -> sqlite3.Connection:
        return open_disposable(self._path, _SCHEMA)

    def get(self, key: str, *, now: datetime, max_age_s: float) -> Remembered | None:
        """Return an answer of at most that age; an entry that cannot be read is none."""
        try:
            row = self._database.execute(
                "SELECT at_s, result FROM results WHERE key = ?", (key,)
            ).fetchone()
            if row is None or not 0 <= now.timestamp() - row[0] <= max_age_s:
                return None
            return Remembered(_RESULT.validate_json(row[1]), datetime.fromtimestamp(row[0], UTC))
        except (sqlite3.Error, ValueError):
            return None

    def put(self, key: str, result: ToolResult, *, now: datetime) -> None:
        """Keep an answer. What cannot be kept is left out: the answer itself matters more."""
        try:
            document = _RESULT.dump_json(result)
            if len(document) > MAX_ENTRY_BYTES:
                return
            self._database.execute(
                "INSERT OR REPLACE INTO results (key, at_s, result) VALUES (?, ?, ?)",
                (key, now.timestamp(), document),
            )
            self._make_room(now)
        except (sqlite3.Error, PydanticSerializationError):
            return

    def clear(self) -> None:
        """Forget every answer. Raises `StoreError` where another process keeps the file."""
        try:
            self._database.execute("DELETE FROM results")
            self._database.execute("VACUUM")
        except sqlite3.Error as error:
            raise StoreError(
                f"{self._path}: {error}", fix="try again once no request is being served"
            ) from error

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        database: sqlite3.Connection | None = self.__dict__.pop("_database", None)
        if database is not None:
            database.close()

    def _make_room(self, now: datetime) -> None:
        """Drop what is too old, then the oldest until the rest is small enough."""
        self._database.execute(
            "DELETE FROM results WHERE at_s < ?", (now.timestamp() - STALE_S - 86_400,)
        )
        self._database.execute(
            """DELETE FROM results WHERE key IN (
                SELECT key FROM (
                    SELECT key, sum(length(result)) OVER (ORDER BY at_s DESC, key) AS total
                    FROM results
                ) WHERE total > ?
            )""",
            (self._max_bytes,),
        )


def _sorted(value: Any) -> Any:
    match value:
        case Mapping():
            return {name: _sorted(value[name]) for name in sorted(value)}
        case list() | tuple():
            return [_sorted(entry) for entry in value]
        case _:
            return value
