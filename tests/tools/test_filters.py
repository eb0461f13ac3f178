import pytest

from toollama.tools.base import ToolFailure
from toollama.tools.tabular import tables
from toollama.tools.tabular.filters import Filter, kept_rows

SALES = """region,revenue,date,open
North,$100.10,2024-01-03,yes
South,$50.20,2023-02-01,no
North,,2024-03-05,yes
"""


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (Filter(column="region", value="north"), [0, 2]),
        (Filter(column="region", op="!=", value="North"), [1]),
        (Filter(column="region", op="contains", value="ort"), [0, 2]),
        (Filter(column="revenue", op=">", value="60"), [0]),
        (Filter(column="revenue", op="<=", value="$50.20"), [1]),
        (Filter(column="date", value="2024"), [0, 2]),
        (Filter(column="date", op=">", value="2024-01"), [2]),
        (Filter(column="open", value="true"), [0, 2]),
    ],
)
def test_a_condition_keeps_the_rows_that_meet_it(condition: Filter, rows: list[int]) -> None:
    assert kept_rows(tables.parse(SALES, name="s.csv"), [condition]) == rows


def test_equal_conditions_on_one_column_are_alternatives() -> None:
    either = [Filter(column="region", value=value) for value in ("North", "South")]
    assert kept_rows(tables.parse(SALES, name="s.csv"), either) == [0, 1, 2]


def test_a_condition_of_the_wrong_type_fails() -> None:
    with pytest.raises(ToolFailure, match="cannot be compared with revenue"):
        kept_rows(tables.parse(SALES, name="s.csv"), [Filter(column="revenue", value="north")])


def test_two_bounds_on_one_column_must_both_be_met() -> None:
    between = [
        Filter(column="revenue", op=">", value="60"),
        Filter(column="revenue", op="<", value="90"),
    ]
    assert kept_rows(tables.parse(SALES, name="s.csv"), between) == []
