"""Numbers of a request with what stands beside them: units, percents, points of the compass.

A number is given in the unit that a description asks for: 10 minutes are 600 in seconds, and
5 % is 0.05 where its examples lie below one. Pure.
"""

import re
from dataclasses import dataclass

from toollama.tools.numbers.number_words import with_digits

_NUMBER = re.compile(
    r"(?<![\w.,:/-])(?P<sign>[-−]?)[$€£]?(?P<number>\d+(?:\.\d+)?)(?!\w*[-/:]\w|\.?\d)"
    r"(?:st|nd|rd|th)?\s*(?P<unit>%|°?\s?[A-Za-z]+)?"
)
_SECONDS = {
    "second": 1,
    "sec": 1,
    "minute": 60,
    "min": 60,
    "hour": 3600,
    "hr": 3600,
    "day": 86400,
    "week": 604800,
}
_MONTHS = {"month": 1, "year": 12}
_ASKED_UNIT = re.compile(
    r"\b(?:in|number of|specified in)\s+(?:the )?(?:number of )?(\w+)", re.IGNORECASE
)
_SHARE = re.compile(
    r"\b0?\.\d+ (?:[^\W\d]+ ){1,5}\d+(?:\.\d+)? ?%|\bbetween 0(?:\.0)? and 1\b"
    r"|\b0(?:\.0)? to 1\b|\bas a decimal\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that the text names; `end` lies behind its unit."""

    value: int | float
    unit: str
    """In lower case without plural; `%`, or empty."""
    start: int
    end: int


def amounts(text: str) -> tuple[str, list[Amount]]:
    """Return the text with number words as digits, and its amounts by their places there."""
    digits = with_digits(text)
    return digits, read(digits)


def read(digits: str) -> list[Amount]:
    """Return the amounts that stand in digits."""
    return [_amount(match) for match in _NUMBER.finditer(digits) if len(match["number"]) <= 15]


def _amount(match: re.Match[str]) -> Amount:
    number = match["number"]
    value: int | float = float(number) if "." in number else int(number)
    unit = (match["unit"] or "").strip("° ").lower()
    if match["sign"] or (unit in {"s", "w"} and "." in number):
        value = -value
    return Amount(
        value, unit.removesuffix("s") if len(unit) > 2 else unit, match.start(), match.end()
    )


def in_unit(amount: Amount, description: str) -> int | float:
    """Return the amount in the unit that the description asks for, where it can be converted."""
    if amount.unit in {"%", "percent"} and _SHARE.search(description):
        return round(amount.value / 100, 12)
    for scale in (_SECONDS, _MONTHS):
        asked = next(
            (
                unit
                for match in _ASKED_UNIT.finditer(description)
                if (unit := match[1].lower().removesuffix("s")) in scale
            ),
            None,
        )
        if asked and amount.unit in scale and amount.unit != asked:
            value = amount.value * scale[amount.unit] / scale[asked]
            return int(value) if value == int(value) else value
    return amount.value
