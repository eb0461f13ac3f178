from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.numbers.decimals import exact_decimal, rounded_decimal


@given(value=st.fractions())
def test_an_exact_decimal_is_the_value(value: Fraction) -> None:
    text = exact_decimal(value)
    assert text is None or Fraction(text) == value


@given(value=st.fractions(min_value=Fraction(1, 10**5), max_value=10**14))
def test_a_rounded_decimal_is_close(value: Fraction) -> None:
    rounded = Fraction(rounded_decimal(value, significant_digits=6))
    assert abs(rounded - value) <= value / 10**5
