"""The English names of days and months, and dates written with them. Pure.

`calendar.day_name` and `%A` are not used: they follow the locale of the process.
"""

from datetime import date

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""In the order of `date.weekday()`."""
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
"""In order; the month with number n stands at n - 1."""


def weekday(day: date) -> str:
    """Return `Sunday`."""
    return WEEKDAYS[day.weekday()]


def spoken(day: date) -> str:
    """Return `20 July 1969`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spoken_with_weekday(day: date) -> str:
    """Return `Sunday, 20 July 1969`."""
    return f"{weekday(day)}, {spoken(day)}"
