import pytest

from toollama.tools.numbers.number_words import with_digits


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("one hundred and five", "105"),
        ("two thousand three hundred and forty-one", "2341"),
        ("average of three and five", "average of 3 and 5"),
        ("2 million", "2000000"),
        ("three point one four", "3.14"),
        ("one and a half", "1.5"),
        ("1,250,000.50", "1250000.50"),
        ("someone often", "someone often"),
    ],
)
def test_number_words_become_digits(words: str, digits: str) -> None:
    assert with_digits(words) == digits
