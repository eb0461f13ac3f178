"""Times and rates as people write them: `10min`, `60/min`, `1 per 3s`. Pure."""

import re

from toollama.tools.base import Rate

_SECONDS = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "h": 3_600.0,
    "hour": 3_600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 2_592_000.0,
}
_UNIT = rf"(?P<unit>{'|'.join(sorted(_SECONDS, key=len, reverse=True))})s?"
_DURATION = re.compile(rf"(?P<count>\d+(?:\.\d+)?)\s*{_UNIT}")
_RATE = re.compile(rf"(?P<count>\d+)\s*(?:/|per)\s*(?P<units>\d+(?:\.\d+)?)?\s*{_UNIT}")
FOREVER_S = 10 * 365 * 86_400.0
"""Ten years: longer than any cache of this program is kept."""


def duration_s(text: str) -> float:
    """Return `10min` in seconds; `never` is 0. Raises `ValueError`."""
    if text in {"never", "forever"}:
        return 0.0 if text == "never" else FOREVER_S
    match = _DURATION.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no duration such as 10min, 2h, 7day, never, forever")
    return float(match["count"]) * _SECONDS[match["unit"]]


def rate(text: str) -> Rate:
    """Return `60/min` or `1 per 3s` as a rate; a month is 30 days. Raises `ValueError`."""
    match = _RATE.fullmatch(text.strip())
    if not match or not int(match["count"]):
        raise ValueError(f"{text!r} is no rate such as 60/min or 1 per 3s")
    return Rate(int(match["count"]), float(match["units"] or 1) * _SECONDS[match["unit"]])
