"""Which figures a text has, and which may stand for which."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.figures import figures, known, stands_for


def _values(text: str) -> set[Fraction]:
    return {figure.value for figure in figures(text).values()}


def _supported(shown: str, text: str) -> bool:
    return all(stands_for(figure, known(text)) for figure in figures(shown).values())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,200.50 and 1200.5", {"1200.5"}),
        ("12% of 3", {"12", "3"}),
        ("1,000,000 people", {"1000000"}),
        ("red, 2,3 and 4", {"2", "3", "4"}),
        ("1,2345", {"1", "2345"}),
        ("minus -7 and v2", {"7", "2"}),
        ("twenty-one of three hundred", {"21", "300"}),
        ("1.5 million or 1.5bn", {"1500000", "1500000000"}),
        ("210k readers, none of them sick", {"210000"}),
        ("no one knows which one", set()),
        ("one thousand", {"1000"}),
        ("none", set()),
    ],
)
def test_figures_are_read_in_their_usual_formats(text: str, values: set[str]) -> None:
    assert _values(text) == {Fraction(value) for value in values}


@given(
    st.integers(0, 10**15), st.integers(0, 6).flatmap(lambda n: st.text("0123456789", max_size=n))
)
def test_a_figure_is_the_same_with_and_without_separators(whole: int, decimals: str) -> None:
    end = f".{decimals}" if decimals else ""
    assert _values(f"{whole:,}{end}") == _values(f"{whole}{end}") == {Fraction(f"{whole}{end}")}


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("the 1940s", "In 1940 a bomb fell."),
        ("the 1940’s", "In 1940 a bomb fell."),
        ("1940", "It was built in the 1940s."),
        ("12%", "12 books were lost."),
        ("12 percent", "12 books were lost."),
        ("12 books", "12% were lost."),
        ("12 million", "12 pounds"),
        ("12 pounds", "12 million pounds"),
        ("fifty members", "It has 15 members."),
    ],
)
def test_a_figure_does_not_stand_for_one_that_counts_in_something_else(
    shown: str, text: str
) -> None:
    assert not _supported(shown, text)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("the 1940s", "It was built in the 1940s."),
        ("12 percent", "12% were lost."),
        ("12%", "region,share\nNorth,12"),
        ("5.2%", "unemployment rate: 5.2"),
        ("2,000,000", "2 million"),
        ("two regions", "2 regions"),
        ("26.1", "26.0976"),
        ("3rd", "3 May"),
    ],
)
def test_a_figure_stands_for_the_same_one_in_other_writing(shown: str, text: str) -> None:
    assert _supported(shown, text)
