from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.base import ToolFailure
from toollama.tools.reliability.retry import LONGEST_WAIT_S, wait_s


def failure(kind: str = "unavailable", **options: object) -> ToolFailure:
    return ToolFailure("no", kind=kind, fix="", **options)  # type: ignore[arg-type]


def test_a_service_that_names_a_time_is_obeyed() -> None:
    told = failure("rate_limited", retry_after_s=7.0, status=429)
    assert wait_s(told, attempt=1, left_s=20, jitter=0.9) == 7.0


def test_a_wait_that_outlasts_the_deadline_is_not_begun() -> None:
    told = failure("rate_limited", retry_after_s=85_774.0, status=429)
    assert wait_s(told, attempt=1, left_s=20, jitter=0.0) is None


def test_a_failure_that_lasts_is_not_repeated() -> None:
    assert wait_s(failure(lasting=True), attempt=1, left_s=20, jitter=0.0) is None


def test_a_refusal_is_not_repeated() -> None:
    for kind in ("blocked", "not_found", "missing_credential", "upstream", "internal"):
        assert wait_s(failure(kind), attempt=1, left_s=20, jitter=0.0) is None


def test_a_quota_that_we_count_ourselves_is_not_asked_again() -> None:
    spent = failure("rate_limited", retry_after_s=5.0)
    assert wait_s(spent, attempt=1, left_s=20, jitter=0.0) is None


@given(st.integers(1, 60), st.floats(0.01, 1000), st.floats(0, 1))
def test_a_wait_lies_within_its_bounds(attempt: int, left_s: float, jitter: float) -> None:
    wait = wait_s(failure(), attempt=attempt, left_s=left_s, jitter=jitter)
    assert wait is None or 0 <= wait <= min(LONGEST_WAIT_S, left_s)


@given(st.integers(1, 10))
def test_the_whole_interval_is_drawn_from(attempt: int) -> None:
    shortest = wait_s(failure(), attempt=attempt, left_s=1000, jitter=0.0)
    longest = wait_s(failure(), attempt=attempt, left_s=1000, jitter=1.0)
    assert (shortest, longest) == (0.0, min(0.5 * 2 ** (attempt - 1), LONGEST_WAIT_S))
