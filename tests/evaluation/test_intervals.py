import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.evaluation.intervals import difference, share


def test_a_share_has_wilson_s_interval() -> None:
    one = share(55, 100)
    assert (round(one.low, 4), round(one.high, 4)) == (0.4524, 0.6439)


def test_a_paired_difference_has_newcombe_s_interval() -> None:
    """Newcombe 1998, table II, method 10: 36, 12, 2, 0 gives 0.0569 to 0.3404."""
    ours = [True] * 36 + [True] * 12 + [False] * 2
    theirs = [True] * 36 + [False] * 12 + [True] * 2
    one = difference(ours, theirs)
    assert (round(one.value, 2), round(one.low, 4), round(one.high, 4)) == (0.2, 0.0569, 0.3404)
    assert one.excludes_zero


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="items"):
        share(0, 0)


def test_results_of_different_items_are_not_paired() -> None:
    with pytest.raises(ValueError, match="same items"):
        difference([True], [True, False])


@settings(max_examples=100)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_difference_lies_in_its_interval_and_turns_with_its_sides(
    pairs: list[tuple[bool, bool]],
) -> None:
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    one, other = difference(ours, theirs), difference(theirs, ours)
    assert one.low - 1e-9 <= one.value <= one.high + 1e-9
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
