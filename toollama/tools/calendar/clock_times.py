"""Clock times: how they are written, and the moment that they mean in a zone. Pure."""

import re
from datetime import UTC, date, datetime, time, tzinfo

from toollama.text import one_line
from toollama.tools.refusal import refusal

CLOCK_TIME = (
    r"(?<![\d:])\d{1,2}(?::\d{2})? ?(?:am|pm|a\.m\.|p\.m\.)(?!\w)"
    r"|(?<![\d:+-])\d{1,2}:\d{2}(?![\d:])"
    r"|\bnoon\b|\bmidday\b|\bmidnight\b|\b\d{1,2} ?o'?clock\b"
)
"""A clock time inside a sentence; a bare hour is none."""


def parse_time(text: str) -> time:
    """Return the clock time that the words give: `3pm`, `14:30`, `noon`.

    Raises `ToolFailure(kind="invalid_input")`.
    """
    words = text.lower().replace(".", "").strip()
    named = {"noon": time(12), "midday": time(12), "midnight": time(0)}
    if words in named:
        return named[words]
    match = re.fullmatch(r"(\d{1,2})(?::(\d{2}))? ?(am|pm|o'?clock)?", words)
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if match and match[3] in {"am", "pm"}:
        hour = hour % 12 + (12 if match[3] == "pm" else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        raise refusal(
            f"{one_line(text, 20)!r} is not a clock time", fix="write it as 14:30 or 2:30pm"
        )
    return time(hour, minute)


def moment_at(day: date, clock_time: time, tz: tzinfo) -> tuple[datetime, str]:
    """Return the moment at which clocks there show the time, and what daylight saving did to it."""
    local = datetime.combine(day, clock_time, tz)
    real = local.astimezone(UTC).astimezone(tz)
    if real.replace(tzinfo=None) != local.replace(tzinfo=None):
        note = f"Clocks there skip {clock_time:%H:%M} that day; {real:%H:%M} is taken."
        return real, note
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return local, f"Clocks there show {clock_time:%H:%M} twice that day; the first is taken."
    return local, ""
