"""Superlatives that imply a column of a table."""

import pytest

from toollama.tools.tabular.superlatives import reworded
from toollama.tools.tabular.tables import Table, parse

_TREES = """name,age,height_m,planted
Oak,120,31.5,1905-04-01
Birch,40,18.2,1985-10-12
"""
_BOATS = """boat,built,length_m,price
Anna,1998,12,90000
Berta,2011,9,120000
"""


@pytest.fixture
def trees() -> Table:
    return parse(_TREES, name="trees.csv")


@pytest.fixture
def boats() -> Table:
    return parse(_BOATS, name="boats.csv")


def test_the_tallest_has_the_highest_height(trees: Table) -> None:
    assert reworded("Which tree is the tallest?", trees) == "Which name is the highest height_m?"


def test_the_oldest_has_the_highest_age(trees: Table) -> None:
    assert reworded("the oldest", trees) == "the highest age"


def test_without_an_age_the_oldest_has_the_earliest_year(boats: Table) -> None:
    assert reworded("Which boat is the oldest?", boats) == "Which boat is the lowest built?"


def test_the_newest_has_the_latest_date(trees: Table) -> None:
    assert reworded("the newest", trees) == "the highest planted"


def test_a_superlative_without_its_column_stays(boats: Table) -> None:
    assert reworded("the heaviest boat", boats) == "the heaviest boat"


def test_a_column_of_the_asked_name_stays(boats: Table) -> None:
    assert reworded("which boat is the longest", boats) == "which boat is the highest length_m"
