"""English for counts and lists. Pure."""

from collections.abc import Sequence


def listed(items: Sequence[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def counted(count: int, noun: str, *, grouped: bool = False) -> str:
    """Return the count with its noun: `1 day`, `2 days`; `grouped` writes `1,200 rows`."""
    digits = f"{count:,}" if grouped else str(count)
    return f"{digits} {noun}" if count == 1 else f"{digits} {noun}s"
