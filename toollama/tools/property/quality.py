"""How complete and how fresh a set of data is. Pure.

Completeness is the share of requested sections that are filled. Freshness is the mean over the
sources of 1 for today falling in a straight line to 0 at two years. The score weighs them 60 to 40,
and is completeness alone where no source has a date. Whether figures are right is not scored:
nothing here can know that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

STALE_DAYS = 730
_COMPLETENESS_SHARE = Fraction(6, 10)


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Shares from 0 to 1."""

    completeness: Fraction
    freshness: Fraction | None
    """None where no source has a date."""

    @property
    def score(self) -> Fraction:
        """Return the score, 0 to 100."""
        if self.freshness is None:
            return 100 * self.completeness
        fresh_share = 1 - _COMPLETENESS_SHARE
        return 100 * (_COMPLETENESS_SHARE * self.completeness + fresh_share * self.freshness)


def quality(filled: int, requested: int, *, dates: Sequence[date], today: date) -> DataQuality:
    """Return the quality of `filled` out of `requested` sections whose sources have these dates."""
    ages = [max((today - day).days, 0) for day in dates]
    fresh = [max(Fraction(STALE_DAYS - age, STALE_DAYS), Fraction(0)) for age in ages]
    return DataQuality(
        completeness=Fraction(filled, requested),
        freshness=sum(fresh, Fraction(0)) / len(fresh) if fresh else None,
    )
