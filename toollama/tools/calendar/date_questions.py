"""Which calendar question a sentence asks, about which dates. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from toollama.tools.calendar.calendar_names import WEEKDAYS
from toollama.tools.calendar.date_words import DATE, without_apostrophes
from toollama.tools.language.asking import only_asks
from toollama.tools.numbers.number_words import with_digits

Operation = Literal[
    "date",
    "weekday",
    "difference",
    "add",
    "subtract",
    "until",
    "age",
    "iso_week",
    "day_of_year",
    "leap_year",
]
_ASKING = frozenset(
    str.split(
        "what whats which when is was will would be it the a an of on day days date dates todays "
        "monday tuesday wednesday thursday friday saturday sunday "
        "weekday weekend week weeks number iso calendar current year years leap how old age "
        "someone person far away off "
        "born i am many much long until till til before to between and from after past since ago "
        "later hence add plus subtract take minus left months month sleeps working business in "
        "countdown for go there this are have has passed been please tell me fall falls now"
    )
)
"""Words that only ask; any other word may change what is asked."""

_D = rf"\b(?:the )?(?P<date>{DATE})"
_OTHER = rf"\b(?:the )?(?P<other_date>{DATE})"
_KIND_OF_DAY = "|".join((*WEEKDAYS, "weekend"))
_UNIT = r"(?:working|business|week) ?days?|workdays?|days?|weeks?|months?|years?"
_SPAN = rf"(?P<amount>\d+|an?) (?P<unit>{_UNIT})"
_OCCASION = r"(?:my|our|the) \w+ on "
_COUNT = rf"(?:how (?:many|long|much)|number of|count\w*|{_UNIT}|sleeps)\b.*?"

_RULES: tuple[tuple[Operation, str], ...] = (
    ("leap_year", r"\b(?P<date>\d{4})\b.*\bleap\b"),
    ("leap_year", r"\bleap year.*?\b(?P<date>\d{4})\b"),
    ("age", rf"(?:\bhow old|\bage\b).*?{_D}"),
    ("age", rf"\bborn\b.*?{_D}.*\b(?:how old|age)\b"),
    ("subtract", rf"{_SPAN} (?:before|prior to|earlier than) {_D}"),
    ("subtract", rf"(?:subtract|take) {_SPAN} (?:from|off) {_D}"),
    ("subtract", rf"{_D} ?(?:-|minus) ?{_SPAN}"),
    ("subtract", rf"{_SPAN} (?:ago|earlier)\b"),
    ("add", rf"{_SPAN} (?:after|from|past|following|since) {_D}"),
    ("add", rf"\badd {_SPAN} to {_D}"),
    ("add", rf"{_D} ?(?:\+|plus) ?{_SPAN}"),
    ("add", rf"{_SPAN} (?:later|hence|from now)\b"),
    ("add", rf"(?:\b(?:date|day|when)\b.*|^)\bin {_SPAN}"),
    ("add", rf"\bin {_SPAN}\b.*\b(?:what|which) (?:date|day)\b"),
    ("day_of_year", rf"\bday (?:number )?of (?:the )?year\b(?:.*?{_D})?"),
    ("weekday", rf"\b(?:week ?day|day of the week)\b.*?{_D}"),
    ("difference", rf"(?:between|from) {_D} (?:and|to|until|till) {_OTHER}"),
    ("difference", rf"{_D} (?:to|until|till|-) {_OTHER}"),
    ("difference", rf"{_COUNT}\b(?:since|ago (?:was|is)) {_D}"),
    ("until", rf"{_COUNT}\b(?:until|till|til|before|to|left) (?:{_OCCASION}|\w+ )?{_D}"),
    ("until", rf"\bhow (?:far|long) (?:away|off) is {_D}"),
    ("until", rf"\bcountdown (?:to|for) {_D}"),
    ("iso_week", rf"\b(?:(?:iso|calendar|which|what) week|week (?:number|no))\b(?:.*?{_D})?"),
    ("weekday", rf"\b(?:what|which) day\b.*?{_D}"),
    ("weekday", rf"\b(?:is|was|will) {_D} (?:be |fall )?(?:on )?an? (?:{_KIND_OF_DAY})"),
    ("weekday", rf"{_D}.*\b(?:what|which) (?:week ?)?day\b"),
    ("date", rf"\b(?:when|date)\b.*?{_D}"),
    ("date", r"^(?:(?:what|whats|which|is|the|todays|current|tell me)\b ?)*(?:day|date)\b"),
    ("date", rf"^{_D}\W*$"),
)
"""What each phrase asks; the first that fits is taken, so the more exact ones come first."""

_TO_YEAR_END = re.compile(
    r"\b(days|weeks|months)(?: are)? left (?:in |of )?(?:this|the) year\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DateReading:
    """The calendar question of a sentence, or just its dates where it asks none."""

    values: Mapping[str, str | int]
    """The arguments of `date_math` by name; empty where no question is understood."""
    dates: tuple[str, ...] = ()
    """Dates in words, in order, where no question is understood."""
    certain: bool = False
    """The question uses every word that could change its meaning."""


@cache
def _date() -> re.Pattern[str]:
    return re.compile(DATE, re.IGNORECASE)


@cache
def _rules() -> tuple[tuple[Operation, re.Pattern[str], bool], ...]:
    """Return the rules compiled, each with whether it fits no text without a date.

    Most texts name no date, and looking for one at every place is what costs time.
    """
    return tuple(
        (
            operation,
            re.compile(pattern, re.IGNORECASE),
            _D in pattern and not pattern.endswith(f"(?:.*?{_D})?"),
        )
        for operation, pattern in _RULES
    )


def read_question(text: str) -> DateReading:
    """Return the question that the words ask."""
    text = with_digits(without_apostrophes(text)).replace("a fortnight", "2 weeks")
    text = _TO_YEAR_END.sub(r"\1 until new years eve", text)
    dates = tuple(match.group() for match in _date().finditer(text))
    for operation, pattern, needs_date in _rules():
        if match := pattern.search(text) if dates or not needs_date else None:
            found = {name: value for name, value in match.groupdict().items() if value}
            certain = only_asks(text, understood=found.values(), asking=_ASKING)
            values = {"operation": operation, **_values(operation, found, text)}
            return DateReading(values, certain=certain)
    return DateReading({}, dates)


def _values(operation: Operation, found: dict[str, str], text: str) -> dict[str, str | int]:
    """Return the arguments besides the operation: what the rule caught, and the unit asked for."""
    values: dict[str, str | int] = {**found}
    if amount := found.get("amount"):
        values["amount"] = int(amount) if amount.isdigit() else 1
    elif operation in {"difference", "until"}:
        asked = re.search(_UNIT, text.replace(found["date"], ""), re.IGNORECASE)
        values["unit"] = asked.group() if asked else "days"
    if "unit" in values:
        word = str(values["unit"]).lower()
        working = re.match(r"work|business|week ?day", word)
        values["unit"] = "working_days" if working else f"{word.removesuffix('s')}s"
    return values
