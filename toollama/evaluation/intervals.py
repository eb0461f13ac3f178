"""What counts of right calls say: intervals at 95 %. Pure.

Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927; for the
difference of two arms on the same items Newcombe, "Improved confidence intervals for the difference
between binomial proportions based on paired data", 1998, method 10.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959964
"""The normal quantile of 97.5 %."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A share, or a difference of shares, and where it may really lie."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Return whether the sign is certain."""
        return self.low > 0 or self.high < 0


def share(successes: int, total: int) -> Interval:
    """Return the share of successes with its Wilson interval. Raises `ValueError` for no items."""
    if not 0 <= successes <= total or total == 0:
        raise ValueError("a share needs items, and no more successes than items")
    rate = successes / total
    denominator = 1 + _Z**2 / total
    centre = (rate + _Z**2 / (2 * total)) / denominator
    half = _Z * math.sqrt(rate * (1 - rate) / total + _Z**2 / (4 * total**2)) / denominator
    return Interval(rate, max(centre - half, 0.0), min(centre + half, 1.0))


def difference(ours: Sequence[bool], theirs: Sequence[bool]) -> Interval:
    """Return how much larger our share is on the same items, with its paired interval.

    Raises `ValueError` where the two do not tell of the same number of items.
    """
    if len(ours) != len(theirs):
        raise ValueError("paired results are of the same items")
    first, second = share(sum(ours), len(ours)), share(sum(theirs), len(theirs))
    correlation = _correlation(ours, theirs)
    delta = first.value - second.value
    down = _reach(first.value - first.low, second.high - second.value, correlation)
    up = _reach(first.high - first.value, second.value - second.low, correlation)
    return Interval(delta, delta - down, delta + up)


def _reach(left: float, right: float, correlation: float) -> float:
    return math.sqrt(max(left**2 - 2 * correlation * left * right + right**2, 0.0))


def _correlation(ours: Sequence[bool], theirs: Sequence[bool]) -> float:
    pairs = list(zip(ours, theirs, strict=True))
    both, neither = pairs.count((True, True)), pairs.count((False, False))
    only_ours, only_theirs = pairs.count((True, False)), pairs.count((False, True))
    margins = (
        (both + only_ours) * (only_theirs + neither) * (both + only_theirs) * (only_ours + neither)
    )
    if not margins:
        return 0.0
    covariance: float = both * neither - only_ours * only_theirs
    if covariance > 0:  # Newcombe's continuity correction
        covariance = max(covariance - len(pairs) / 2, 0)
    return covariance / math.sqrt(margins)
