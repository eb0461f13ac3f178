"""Keep each provider's published limits, across processes and restarts.

Every request that was let through is a row with its time, so all windows are exact ("sliding
log"). pyrate-limiter keeps the same log, but counts and inserts in two steps unless a lock file is
held, reads its own clock, and knows no time that a provider itself named; here one transaction
decides, on the caller's clock.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from toollama.store.connection import transaction
from toollama.tools.base import Rate
from toollama.tools.reliability.database import open_disposable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (provider TEXT NOT NULL, at_s REAL NOT NULL);
CREATE INDEX IF NOT EXISTS requests_of ON requests (provider, at_s);
CREATE TABLE IF NOT EXISTS closures (provider TEXT PRIMARY KEY, until_s REAL NOT NULL);
"""
_LONGEST_CLOSURE_S = 7 * 86_400.0
_CLOCK_SLACK_S = 60.0


def opens_at_s(oldest_counted_s: Sequence[float | None], rates: Sequence[Rate]) -> float:
    """Return when the next request may be made. Pure.

    `oldest_counted_s` holds for each rate the time of the request `rate.count` places back, or
    None where fewer were made: that one has to leave the window first.
    """
    return max(
        (
            at_s + rate.window_s
            for at_s, rate in zip(oldest_counted_s, rates, strict=True)
            if at_s is not None
        ),
        default=0.0,
    )


class RateLedger:
    """The requests made to every provider. Times are seconds since 1970."""

    def __init__(self, path: Path) -> None:
        """Open the file at the first use."""
        self._path = path

    @cached_property
    def _database(self) -> sqlite3.Connection:
        return open_disposable(self._path, _SCHEMA)

    def take(self, provider: str, rates: Sequence[Rate], *, now_s: float) -> float:
        """Enter a request and return 0, or return the seconds until one may be made.

        Where the file fails, the request is let through: the provider has its own say.
        """
        try:
            with transaction(self._database):
                self._prune(provider, rates, now_s)
                opens_s = max(self._closed_until_s(provider), self._opens_at_s(provider, rates))
                if opens_s > now_s:
                    return opens_s - now_s
                if rates:
                    self._database.execute("INSERT INTO requests VALUES (?, ?)", (provider, now_s))
        except sqlite3.Error:
            return 0.0
        return 0.0

    def give_back(self, provider: str) -> None:
        """Take the newest request back: it was never sent."""
        with suppress(sqlite3.Error):
            self._database.execute(
                """DELETE FROM requests WHERE rowid = (
                    SELECT rowid FROM requests WHERE provider = ? ORDER BY at_s DESC LIMIT 1
                )""",
                (provider,),
            )

    def close_until(self, provider: str, until_s: float, *, now_s: float) -> None:
        """Note the time that a provider asked to be left alone until; at most a week."""
        until_s = min(until_s, now_s + _LONGEST_CLOSURE_S)
        with suppress(sqlite3.Error):
            self._database.execute(
                "INSERT OR REPLACE INTO closures (provider, until_s) VALUES (?, ?)",
                (provider, until_s),
            )

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        database: sqlite3.Connection | None = self.__dict__.pop("_database", None)
        if database is not None:
            database.close()

    def _closed_until_s(self, provider: str) -> float:
        row = self._database.execute(
            "SELECT until_s FROM closures WHERE provider = ?", (provider,)
        ).fetchone()
        return float(row[0]) if row else 0.0

    def _opens_at_s(self, provider: str, rates: Sequence[Rate]) -> float:
        rows = [
            self._database.execute(
                "SELECT at_s FROM requests WHERE provider = ? ORDER BY at_s DESC LIMIT 1 OFFSET ?",
                (provider, rate.count - 1),
            ).fetchone()
            for rate in rates
        ]
        return opens_at_s([row[0] if row else None for row in rows], rates)

    def _prune(self, provider: str, rates: Sequence[Rate], now_s: float) -> None:
        """Drop what no window reaches, and what a clock that was wrong has dated ahead."""
        longest_s = max((rate.window_s for rate in rates), default=0.0)
        self._database.execute(
            "DELETE FROM requests WHERE provider = ? AND (at_s <= ? OR at_s > ?)",
            (provider, now_s - longest_s, now_s + _CLOCK_SLACK_S),
        )
        self._database.execute(
            "DELETE FROM closures WHERE until_s <= ? OR until_s > ?",
            (now_s, now_s + _LONGEST_CLOSURE_S),
        )
