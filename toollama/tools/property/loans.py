"""A loan repaid in equal monthly instalments. Pure, in exact fractions."""

from dataclasses import dataclass
from fractions import Fraction

MONTHS_PER_YEAR = 12
MAX_MONTHS = 600


@dataclass(frozen=True, slots=True)
class Loan:
    """What a fully amortising loan costs."""

    principal: Fraction
    monthly_payment: Fraction
    months: int

    @property
    def total_paid(self) -> Fraction:
        """Return the sum of all instalments."""
        return self.monthly_payment * self.months

    @property
    def interest(self) -> Fraction:
        """Return what is paid beyond the principal."""
        return self.total_paid - self.principal


def repay(principal: Fraction, *, yearly_rate: Fraction, months: int) -> Loan:
    """Return the loan at a nominal yearly rate that is charged by the month.

    The annuity formula P * r * (1 + r)^n / ((1 + r)^n - 1), with r a twelfth of the yearly rate;
    without interest the principal is spread evenly.
    """
    rate = yearly_rate / MONTHS_PER_YEAR
    if rate == 0:
        return Loan(principal, principal / months, months)
    growth = (1 + rate) ** months
    return Loan(principal, principal * rate * growth / (growth - 1), months)
