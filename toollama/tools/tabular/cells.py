"""Cells of a data file: what a written value means, and how it is written for people. Pure.

Numbers are fractions, so that a sum has no rounding.
"""

import re
from datetime import date, datetime
from fractions import Fraction
from typing import Any

Cell = Fraction | date | bool | str | None

_BOOLEANS = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}
_CURRENCY_CODES = "USD|EUR|GBP|JPY|CNY|INR|CHF|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|ZAR|KRW|TRY"
_UNIT = rf"(?:[A-Z]{{0,2}}[$€£¥₹₽₩₺₴]|{_CURRENCY_CODES})"
_NUMBER = re.compile(
    rf"""
    (?P<open>\()? (?P<sign>-)? \s* (?P<before>{_UNIT})? \s* (?P<inner_sign>[-+])?
    (?P<digits>
        (?=[.\d])
        (?: [1-9]\d{{0,2}} (?:[,'\s]\d{{2,3}})* [,'\s]\d{{3}} | 0 | [1-9]\d* )?
        (?: \.\d+ )? (?: e[+-]?\d{{1,3}} )?
    )
    \s* (?P<after>%|{_UNIT})? (?P<close>\))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN_MARKS = str.maketrans("\N{MINUS SIGN}\N{RIGHT SINGLE QUOTATION MARK}", "-'")
_SWAPPED_MARKS = str.maketrans(",.", ".,")


def to_number(text: str, *, comma_decimal: bool = False) -> tuple[Fraction, str] | None:
    """Return the number that a cell holds and its unit, or None.

    `$1,200.50`, `(3)` for minus three, `12 %` and `1 200` are numbers; `007` is a code.
    """
    plain = text.strip().translate(_PLAIN_MARKS)
    found = _NUMBER.fullmatch(plain.translate(_SWAPPED_MARKS) if comma_decimal else plain)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    value = Fraction(re.sub(r"[,'\s]", "", found["digits"]))
    negative = found["open"] or "-" in {found["sign"], found["inner_sign"]}
    unit = (found["before"] or found["after"] or "").upper()
    return -value if negative else value, unit


def to_bool(text: str) -> bool | None:
    """Return what `yes`, `true`, `n` and their like mean, or None."""
    return _BOOLEANS.get(text.strip().casefold())


def to_date(text: str, form: str) -> date | None:
    """Return the date that a cell holds in the format `form` (of `strptime`), or None.

    A time of day after it is left out.
    """
    day = re.sub(r"[T\s]+\d{1,2}:\d{2}.*$", "", text.strip())
    try:
        return datetime.strptime(day, form).date()  # noqa: DTZ007 - a cell's date has no zone
    except ValueError:
        return None


def figure(value: Fraction, unit: str = "") -> str:
    """Return a number as people write it: `5,400`, `$12.50`, `39.3333`.

    Up to six decimals are exact; longer ones are rounded to four significant decimals.
    """
    places = next((n for n in range(7) if (value * 10**n).denominator == 1), None)
    money = bool(unit) and unit != "%"
    if money:
        places = 0 if places == 0 else 2
    elif places is None:
        places = next((n for n in range(4, 40) if abs(value) * 10**n >= 1_000), 40)
    whole, decimals = divmod(abs(round(value * 10**places)), 10**places)
    digits = f"{whole:,}.{decimals:0{places}d}" if places else f"{whole:,}"
    sign = "-" if value < 0 else ""
    if unit == "%":
        return f"{sign}{digits}%"
    return f"{sign}{unit}{digits}" if len(unit) == 1 else f"{sign}{digits} {unit}".rstrip()


def label(cell: Cell, unit: str = "") -> str:
    """Return a cell as people read it."""
    if cell is None:
        return "(missing)"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Fraction):
        return figure(cell, unit)
    return cell.isoformat() if isinstance(cell, date) else cell


def json_value(cell: Cell) -> Any:
    """Return a cell as JSON knows it; a fraction becomes the nearest float."""
    if isinstance(cell, Fraction):
        return cell.numerator if cell.denominator == 1 else float(cell)
    return cell.isoformat() if isinstance(cell, date) else cell
