"""What a let property yields on its price. Pure, in exact fractions."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Returns:
    """Yields of a property in one year."""

    price: Fraction
    rent: Fraction
    operating_income: Fraction
    """Rent less vacancy and running costs, before any loan and tax."""

    @property
    def cap_rate(self) -> Fraction:
        """Return net operating income as a share of the price."""
        return self.operating_income / self.price

    @property
    def gross_yield(self) -> Fraction:
        """Return the full rent as a share of the price."""
        return self.rent / self.price


def returns(price: Fraction, *, rent: Fraction, costs: Fraction, vacancy: Fraction) -> Returns:
    """Return the yields; `rent` and `costs` are per year, `vacancy` is a share of the rent."""
    return Returns(price, rent, rent * (1 - vacancy) - costs)
