"""The figures of a text, with what they count in, and which figure may stand for which. Pure.

`1940s` is another figure than 1940, `12%` another than 12, and `12 million` another than 12. A
figure in words, such as `twenty-one`, is the same as in digits. `one` is none: it rarely counts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from toollama.tools.numbers.number_words import with_digits

_DIGITS = r"\d+(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?P<digits>{_DIGITS})"
    r"(?:(?P<decade>(?<=\d{3}0)['’]?s\b)|(?P<percent>\s?(?:%|per\s?cent\b))|(?P<scale>(?:k|bn)\b))?",
    re.IGNORECASE,
)
_SCALES = {"k": 10**3, "bn": 10**9}
_ONE = re.compile(
    r"(?<!-)(?<!ty )\bone\b(?!\s+(?:hundred|thousand|million|billion|trillion)\b)", re.IGNORECASE
)
_SHARES = re.compile(r"(?<![\d\s])\s*%|\b(?:per\s?cent|percentage|rate|share)\b", re.IGNORECASE)

Kind = Literal["", "%", "decade"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as a text shows it."""

    value: Fraction
    decimals: int
    """How many decimal places are shown."""
    kind: Kind = ""


@lru_cache(maxsize=256)
def figures(text: str) -> dict[str, Figure]:
    """Return the figures of a text by the way they are written; `1,200.5` is 1200.5."""
    plain = with_digits(_ONE.sub("", text))
    return {match[0]: _figure(match) for match in _FIGURE.finditer(plain)}


def _figure(match: re.Match[str]) -> Figure:
    digits = match["digits"].replace(",", "")
    scale = _SCALES[match["scale"].lower()] if match["scale"] else 1
    kind: Kind = "decade" if match["decade"] else "%" if match["percent"] else ""
    return Figure(Fraction(digits) * scale, len(digits.partition(".")[2]), kind)


@lru_cache(maxsize=256)
def known(text: str) -> frozenset[Figure]:
    """Return the figures that a text supports.

    Where it speaks of percentages apart from a figure, as in the head of a table, its bare figures
    may be percentages too.
    """
    found = frozenset(figures(text).values())
    if not _SHARES.search(text):
        return found
    return found | {Figure(one.value, one.decimals, "%") for one in found if not one.kind}


def stands_for(shown: Figure, known_figures: Iterable[Figure]) -> bool:
    """Return whether a figure is a known one, exactly or rounded to the places it shows."""
    return any(
        shown.kind == one.kind
        and (
            shown.value == one.value
            or (one.value.denominator != 1 and round(one.value, shown.decimals) == shown.value)
        )
        for one in known_figures
    )
