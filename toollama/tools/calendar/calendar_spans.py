"""Spans of calendar time: days, weeks, months, years and working days between or from dates.

Pure; the calendar is the proleptic Gregorian one of `datetime`, years 1 to 9999.
"""

import calendar
from datetime import date, timedelta
from typing import Literal

from toollama.tools.language.words import counted, listed
from toollama.tools.refusal import refusal

SpanUnit = Literal["days", "weeks", "months", "years", "working_days"]


def add_months(start: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day where it is shorter.

    Raises `OverflowError` outside the years 1 to 9999.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("the year is outside 1 to 9999")
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def shift(start: date, amount: int, unit: SpanUnit) -> date:
    """Return the date so many units later, or earlier for a negative amount.

    Raises `ToolFailure(kind="invalid_input")` for working days and outside the years 1 to 9999.
    """
    if unit == "working_days":
        raise refusal("working days are counted here, not added", fix="use days or weeks")
    try:
        if unit in {"months", "years"}:
            return add_months(start, amount * (12 if unit == "years" else 1))
        return start + timedelta(days=amount * (7 if unit == "weeks" else 1))
    except OverflowError as error:
        raise refusal("the date lies outside the years 1 to 9999", fix="use less") from error


def count_working_days(start: date, end: date) -> int:
    """Return the Mondays to Fridays from `start` up to but not including `end`."""
    weeks, rest = divmod((end - start).days, 7)
    return weeks * 5 + sum((start.weekday() + day) % 7 < 5 for day in range(rest))


def months_and_days(start: date, end: date) -> tuple[int, int]:
    """Return the whole months from `start` to a later `end`, and the days that remain."""
    months = (end.year - start.year) * 12 + end.month - start.month
    months -= add_months(start, months) > end
    return months, (end - add_months(start, months)).days


def length(start: date, end: date, unit: SpanUnit) -> str:
    """Return the distance from `start` to a later `end` in the unit: `27 weeks and 2 days`."""
    days = (end - start).days
    months, rest = months_and_days(start, end)
    if unit == "working_days":
        return counted(count_working_days(start, end), "working day")
    counts = {
        "weeks": [(days // 7, "week"), (days % 7, "day")],
        "months": [(months, "month"), (rest, "day")],
        "years": [(months // 12, "year"), (months % 12, "month"), (rest, "day")],
    }.get(unit, [(days, "day")])
    return listed([counted(count, noun) for count, noun in counts if count] or ["0 days"])
