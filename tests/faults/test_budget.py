"""What the user may say about a budget."""

import pytest

from toollama.agents.budget import DEPTH_BUDGETS, Budget, parse
from toollama.errors import InputError

BASE = Budget(calls=9, tokens=100)


def test_limits_are_set_over_those_of_the_depth() -> None:
    assert parse(["calls=3,seconds=2.5"], BASE) == Budget(calls=3, tokens=100, seconds=2.5)


def test_a_limit_can_be_lifted() -> None:
    assert parse(["calls=none"], BASE).calls is None


def test_words_may_be_given_apart() -> None:
    assert parse(["calls=1", " swaps = 2 "], BASE) == Budget(calls=1, tokens=100, swaps=2)


@pytest.mark.parametrize(
    "word",
    ["calls", "calls=", "calls=-1", "calls=1.5", "calls=x", "seconds=inf", "seconds=nan",
     "minutes=3", "calls=1,calls=2", ""],
)  # fmt: skip
def test_what_is_no_limit_is_refused_with_the_units(word: str) -> None:
    with pytest.raises(InputError, match="budget"):
        parse([word], BASE)


def test_a_deeper_answer_may_spend_more_of_everything() -> None:
    basic, detailed, comprehensive = DEPTH_BUDGETS.values()
    for unit in ("calls", "tokens", "swaps", "seconds"):
        limits = [b.limit(unit) or 0 for b in (basic, detailed, comprehensive)]
        assert limits == sorted(set(limits))
