"""Figures and the names that they belong to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.pairing import mispaired

_TABLE = ["Revenue by region: North 400, South 300, East 120."]
_APART = ["North brought in 400.", "South brought in 300."]


@pytest.mark.parametrize("statements", [_TABLE, _APART])
def test_a_figure_of_another_name_is_found(statements: list[str]) -> None:
    assert mispaired("South brought in 400.", statements) == ["400"]


@pytest.mark.parametrize("statements", [_TABLE, _APART])
def test_two_figures_that_changed_places_are_found(statements: list[str]) -> None:
    assert mispaired("North had 300 and South had 400.", statements) == ["300", "400"]


@pytest.mark.parametrize("statements", [_TABLE, _APART])
def test_figures_with_their_own_names_pass(statements: list[str]) -> None:
    assert mispaired("South had 300, while North had 400.", statements) == []


def test_a_figure_before_its_name_passes() -> None:
    assert mispaired("Orlov earns 5200.", ["The highest salary is 5200, by Orlov in Design."]) == []


def test_names_that_no_finding_has_are_not_judged() -> None:
    assert mispaired("Ostrava had 400.", _TABLE) == []


def test_figures_that_no_finding_has_are_not_judged() -> None:
    assert mispaired("South had 999.", _TABLE) == []


_NAMES = st.lists(
    st.from_regex(r"[A-Z][a-z]{4,8}x", fullmatch=True), min_size=2, max_size=5, unique=True
)


@given(names=_NAMES, data=st.data())
def test_a_list_of_findings_never_contradicts_itself(names: list[str], data: st.DataObject) -> None:
    amounts = data.draw(
        st.lists(st.integers(10, 9999), min_size=len(names), max_size=len(names), unique=True)
    )
    statements = [f"{name} has {amount}." for name, amount in zip(names, amounts, strict=True)]
    assert [mispaired(statement, statements) for statement in statements] == [[]] * len(names)
    swapped = f"{names[0]} has {amounts[1]}."
    assert mispaired(swapped, statements) == [str(amounts[1])]
