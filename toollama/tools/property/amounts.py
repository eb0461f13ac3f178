"""Sums of money, percentages and spans of years in the user's words. Pure.

It knows how amounts are written (`$250,000`, `250k`, `1.2 million`), not what they are for.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from toollama.tools.base import Candidate, Proposal
from toollama.tools.language.rewriting import Rewrite, rewritten
from toollama.tools.numbers.decimals import exact_decimal
from toollama.tools.numbers.number_words import with_digits

AMOUNT = r"(\d+(?:\.\d+)?)"
PERCENT = rf"{AMOUNT} ?(?:%|percent\b|per cent\b|pct\b)"
_THOUSAND, _MILLION = 1_000, 1_000_000
_MOST = Fraction(10**15)
_SCALED = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(k|m|mn|mio)\b(?!\w)", re.IGNORECASE)
_REWRITES: tuple[Rewrite, ...] = (
    (re.compile(r"[$€£¥]\s?(?=[\d.])"), ""),
    (re.compile(r"(?<=\d) ?(?:dollars?|euros?|pounds?|usd|eur|gbp|chf)\b", re.IGNORECASE), ""),
    (_SCALED, lambda match: _scaled(match[1], match[2])),
)


def with_plain_amounts(text: str) -> str:
    """Return the text in lower case with every amount as bare digits: `$250k` becomes `250000`."""
    unsigned = _REWRITES[0][0].sub("", text.lower())
    return " ".join(rewritten(with_digits(unsigned), _REWRITES).split())


def first(text: str, *patterns: str) -> Fraction | None:
    """Return the number that the first pattern to match finds, from text of plain amounts."""
    for pattern in patterns:
        if found := re.search(pattern, text):
            return Fraction(next(group for group in found.groups() if group))
    return None


def figures(text: str) -> list[Fraction]:
    """Return every number of a text of plain amounts that is no percentage."""
    bare = re.sub(PERCENT, " ", text)
    return [Fraction(found) for found in re.findall(r"\d+(?:\.\d+)?", bare)]


def proposed(read: Mapping[str, Fraction | None], *, certain: bool) -> Proposal:
    """Return each value that was read as the candidate of its parameter."""
    return {
        name: [Candidate(float(value), "words", certain=certain)]
        for name, value in read.items()
        if value is not None and value < _MOST
    }


def exact(value: float) -> Fraction:
    """Return the decimal number that was written, not the binary one nearest to it."""
    return Fraction(repr(value))


def money(value: Fraction) -> str:
    """Return an amount to the cent, rounded half up, thousands grouped; whole ones bare."""
    cents = int(abs(value) * 100 + Fraction(1, 2))
    sign = "-" if value < 0 and cents else ""
    whole, rest = divmod(cents, 100)
    return f"{sign}{whole:,}.{rest:02}" if rest else f"{sign}{whole:,}"


def percent(share: Fraction) -> str:
    """Return a share in percent with two digits after the point, rounded half up."""
    hundredths = int(abs(share) * 10_000 + Fraction(1, 2))
    sign = "-" if share < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02}%"


def _scaled(digits: str, suffix: str) -> str:
    factor = _THOUSAND if suffix.lower() == "k" else _MILLION
    value = Fraction(digits) * factor
    return exact_decimal(value) or digits
