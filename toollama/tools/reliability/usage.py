"""What the reliability layer has on file: requests counted, rests asked for, answers remembered.

Reads only, and never creates a file: looking at the health of services leaves nothing behind.
Circuits are not here: they live as long as the process that calls.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from toollama import paths


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """How much the cache of results holds."""

    answers: int = 0
    answer_bytes: int = 0


class Usage:
    """The counters of all providers, as they are on disk now."""

    def __init__(self, now_s: float) -> None:
        """`now_s` is seconds since 1970."""
        self._now_s = now_s

    def counts(self, provider: str, rates: Sequence[tuple[int, float]]) -> list[int]:
        """Return the requests of a provider within each rate's window, in seconds."""
        query = "SELECT count(*) FROM requests WHERE provider = ? AND at_s > ?"
        return [
            int(self._one(query, provider, self._now_s - window_s) or 0) for _, window_s in rates
        ]

    def rests_until_s(self, provider: str) -> float | None:
        """Return until when a provider asked to be left alone; None where it did not."""
        query = "SELECT until_s FROM closures WHERE provider = ? AND until_s > ?"
        return self._one(query, provider, self._now_s)

    def _one(self, query: str, *values: object) -> float | None:
        row = _row(paths.rates_database(), query, *values)
        return None if row is None else float(row[0])


def cache_usage() -> CacheUsage:
    """Return how much the cache of results holds."""
    query = "SELECT count(*), coalesce(sum(length(result)), 0) FROM results"
    row = _row(paths.results_database(), query)
    return CacheUsage(*map(int, row)) if row else CacheUsage()


def _row(path: Path, query: str, *values: object) -> tuple[float, ...] | None:
    """Return the first row of a query; None without one, or without a file that can be read."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            found: tuple[float, ...] | None = database.execute(query, values).fetchone()
            return found
    except sqlite3.Error:
        return None
