"""Choosing among endpoints, as values."""

from hypothesis import given
from hypothesis import strategies as st

from toollama.models.remote.balance import (
    HEALTHY,
    Health,
    Load,
    after_failure,
    after_refusal,
    backoff_s,
    choose,
)

_LOADS = st.builds(
    Load,
    st.builds(Health, st.integers(0, 9), st.floats(0, 200)),
    st.integers(0, 9),
    st.integers(1, 4),
)


def _failed(times: int) -> Health:
    health = HEALTHY
    for _ in range(times):
        health = after_failure(health, now_s=0.0)
    return health


def test_one_failure_is_forgiven() -> None:
    assert _failed(1).out_until_s == 0.0


def test_an_outage_doubles_from_ten_seconds_to_two_minutes() -> None:
    assert [_failed(times).out_until_s for times in range(2, 8)] == [10, 20, 40, 80, 120, 120]


def test_a_thousand_failures_are_no_longer_an_outage() -> None:
    assert _failed(1000).out_until_s == 120


def test_a_server_that_asks_for_rest_is_not_failing() -> None:
    rested = after_refusal(HEALTHY, now_s=5.0, retry_after_s=20.0)
    assert rested == Health(consecutive_failures=0, out_until_s=25.0)


def test_the_least_busy_by_its_own_measure_is_chosen() -> None:
    loads = [Load(HEALTHY, in_flight=2, max_concurrent=2), Load(HEALTHY, 3, 8)]
    assert choose(loads, now_s=0.0) == 1


def test_where_all_are_out_the_first_to_return_is_asked() -> None:
    loads = [Load(Health(2, 90.0), 0, 4), Load(Health(2, 10.0), 3, 4)]
    assert choose(loads, now_s=0.0) == 1


@given(st.lists(_LOADS, min_size=1, max_size=6), st.floats(0, 100))
def test_nobody_out_is_chosen_while_somebody_is_in(loads: list[Load], now_s: float) -> None:
    chosen = loads[choose(loads, now_s=now_s)]
    some_in = any(load.health.out_until_s <= now_s for load in loads)
    assert (chosen.health.out_until_s <= now_s) is some_in


@given(st.lists(_LOADS, min_size=2, max_size=6))
def test_nobody_is_tried_twice_before_all_were_tried(loads: list[Load]) -> None:
    tried: frozenset[int] = frozenset()
    for _ in loads:
        tried |= {choose(loads, tried=tried, now_s=0.0)}
    assert len(tried) == len(loads)


@given(st.integers(0, 60), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_above_eight_seconds_by_itself(rounds: int, chance: float) -> None:
    assert 0 <= backoff_s(rounds, chance=chance, retry_after_s=None) <= 8
