"""Fractions as decimal digits, exact or rounded. Pure."""

from decimal import Decimal, localcontext
from fractions import Fraction


def exact_decimal(value: Fraction, *, max_places: int = 12) -> str | None:
    """Return the value in decimal digits, or None where they do not end within `max_places`."""
    scaled = value * 10**max_places
    if scaled.denominator != 1:
        return None
    digits = str(abs(scaled.numerator)).rjust(max_places + 1, "0")
    whole, places = digits[: len(digits) - max_places], digits[len(digits) - max_places :]
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{places}".rstrip("0").rstrip(".")


def rounded_decimal(value: Fraction, *, significant_digits: int) -> str:
    """Return the value rounded half to even, without trailing zeros.

    Digits before the decimal point are never rounded away below 10^15; outside 10^-6 … 10^15 the
    form is `1.5e21`.
    """
    if value == 0:
        return "0"
    with localcontext(prec=significant_digits + 5):
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        exponent = quotient.adjusted()
        if not -6 <= exponent < 15:
            return _scientific(quotient, significant_digits=significant_digits)
    places = max(significant_digits - 1 - exponent, 0)
    rounded = Fraction(round(value * 10**places), 10**places)
    text = exact_decimal(rounded, max_places=places)
    assert text is not None  # it was rounded to this many places
    return text


def _scientific(value: Decimal, *, significant_digits: int) -> str:
    mantissa, exponent = f"{value:.{significant_digits - 1}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"
