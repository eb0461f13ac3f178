"""Quantities in words: which amounts of which units a sentence gives, and which unit it wants.

Owns how people write amounts (`5 ft 11 in`, `6'2"`, `half a mile`). Pure; units are `tools.units`'.
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from toollama.text import one_line
from toollama.tools.language.rewriting import Rewrite, rewritten
from toollama.tools.numbers.number_words import with_digits
from toollama.tools.numbers.units import CURRENCY, UNIT, UNIT_NAMES, Unit, parse_unit
from toollama.tools.refusal import refusal
from toollama.tools.terms import Spelling

_LEAST_LIKENESS = 0.7
_NUMBER = r"-?(?:\d+ )?\d+/\d+|-?\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?|-?\.\d+"
_AMOUNT = rf"(?<![\w.])(?<!per )(?:(?:{_NUMBER})[ -]?|an? )(?:{UNIT})"
_QUANTITY = rf"(?P<quantity>{_AMOUNT}(?:(?:,| and)? {_AMOUNT}){{0,2}})"
_TARGET = rf"(?P<to>(?:{UNIT})(?: (?:and|&) (?:{UNIT}))?)"
_LINK = (
    r"(?: of \w+)?(?: is| are| equals?)? "
    r"(?:to|in|into|as|=|->|how many|what in)(?: the| how many)? "
)
_IS = r"(?: of \w+)? (?:(?:is|are|makes?|equals?|do|does|fit|there)(?: there| are)?(?: in)?|in|=) "
_CONVERSIONS = (
    rf"{_QUANTITY}{_LINK}{_TARGET}",
    rf"\bhow (?:many|much) {_TARGET}{_IS}(?:the )?{_QUANTITY}",
    rf"(?<!\w)(?<!\d ){_TARGET} in {_QUANTITY}",
)
_MARKS = str.maketrans({"\N{PRIME}": "'", "\N{DOUBLE PRIME}": '"'})
_REWRITES: tuple[Rewrite, ...] = (
    (re.compile(r"(\d+) ?' ?(\d+(?:\.\d+)?) ?(?:\"|'')?"), r"\1 ft \2 in"),
    (re.compile(r"(\d) ?\""), r"\1 in"),
    (
        re.compile(r"(\d+) ?(?:ft|foot|feet),? (\d+) in (?!in\b|to\b|as\b)(?=[a-z])"),
        r"\1 ft \2 in in ",
    ),
    (re.compile(r"\bhalf an? ", re.IGNORECASE), "0.5 "),
    (re.compile(r"\bconvert (\S+) from ", re.IGNORECASE), r"\1 "),
)


@cache
def _any_unit() -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{UNIT})", re.IGNORECASE)


@cache
def _conversions() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a conversion: compiling them costs more than most requests do."""
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in _CONVERSIONS)


def _normal(text: str) -> str:
    """Return the text with digits for words, feet and inches for their marks, single spaces."""
    return " ".join(rewritten(with_digits(text.translate(_MARKS)), _REWRITES).split())


@dataclass(frozen=True, slots=True)
class ConversionReading:
    """What a sentence wants converted, in its own words."""

    pairs: tuple[tuple[str, str], ...]
    """Quantities with the unit wanted, best first."""
    quantities: tuple[str, ...]
    """Every quantity, with a unit wanted or without."""
    certain: bool
    """There is one pair, else one quantity, and it uses every number of the sentence."""


def read_conversion(text: str) -> ConversionReading:
    """Find the quantities of a sentence and the units that they are wanted in."""
    reading = _read(_normal(text))
    if reading.pairs or not any(map(str.isdigit, text)):
        return reading
    respelled = _read(_respelled(_normal(text)))
    return replace(respelled, certain=False) if respelled.pairs else reading


def _read(text: str) -> ConversionReading:
    if not _any_unit().search(text):
        return ConversionReading((), (), certain=False)
    matches = [match for pattern in _conversions() for match in pattern.finditer(text)]
    pairs = tuple(dict.fromkeys((match["quantity"], match["to"]) for match in matches))
    matched = [match["quantity"] for match in re.finditer(_QUANTITY, text, re.IGNORECASE)]
    quantities = tuple(dict.fromkeys(matched))
    read = [" ".join(pair) for pair in pairs] or quantities
    certain = len(read) == 1 and _count_numbers(text) == _count_numbers(read[0])
    return ConversionReading(pairs, quantities, certain)


def _respelled(text: str) -> str:
    """Return the text with the names of units for words that are nearly so: `12 mils` is miles."""

    def corrected(match: re.Match[str]) -> str:
        word = match[0].lower()
        near = None if word in UNIT_NAMES else _unit_spelling().nearest(word)
        return near[0] if near and near[1] >= _LEAST_LIKENESS else match[0]

    return re.sub(r"[^\W\d_]{4,}", corrected, text)


@cache
def _unit_spelling() -> Spelling:
    return Spelling(UNIT_NAMES)


def parse_quantity(text: str) -> list[tuple[Fraction, Unit]]:
    """Return the amounts of one quantity: `5 ft 11 in` is two.

    Raises `ToolFailure(kind="invalid_input")`.
    """
    text = _normal(text)
    if money := CURRENCY.search(text):
        parse_unit(money.group())
    pattern = rf"({_NUMBER}|\ban?\b)[ -]?({UNIT}|[^\W\d]+)"
    found = re.findall(pattern, text, re.IGNORECASE)
    if not found or re.sub(pattern, "", text, flags=re.IGNORECASE).strip(" ,and"):
        raise refusal(f"{one_line(text, 40)!r} is not a number with a unit", fix="write: 42 km")
    return [(_amount(number), parse_unit(unit)) for number, unit in found]


def _count_numbers(text: str) -> int:
    return len(re.findall(r"\d+(?:\.\d+)?", text))


def _amount(number: str) -> Fraction:
    if number.lower() in {"a", "an"}:
        return Fraction(1)
    sign = -1 if number.startswith("-") else 1
    return sign * sum(map(Fraction, number.lstrip("-").split()), Fraction(0))
