import pytest

from toollama.tools.declared.results import day_of


@pytest.mark.parametrize("point", ["2026-11-20T08:00:00Z", "20261120T080000Z", "2026-11-20 08:00"])
def test_a_point_of_time_is_told_as_its_day(point: str) -> None:
    assert day_of(point) == "2026-11-20"


@pytest.mark.parametrize("value", ["soon", "20261120080000", None, 20261120, "2026-W47"])
def test_what_is_no_point_of_time_stays_as_it_is(value: object) -> None:
    assert day_of(value) == value
