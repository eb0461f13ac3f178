"""The recovery ladder as a pure decision."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.recovery import (
    MAX_WAIT_S,
    ErrorClass,
    Situation,
    Step,
    classify,
    next_step,
)
from toollama.tools.base import FailureKind, ToolFailure

HELP = Situation(
    error=ErrorClass.TRANSIENT,
    repair="place",
    siblings=("archive",),
    stronger="large",
    degrade="year",
    replan=True,
)


def rungs(situation: Situation) -> list[str]:
    """Return every rung in order, each step using itself up."""
    taken: list[str] = []
    while not taken or taken[-1] != "say_so":
        step = next_step(situation)
        taken.append(step.rung)
        situation = after(situation, step)
    return taken


def after(now: Situation, step: Step) -> Situation:
    match step.rung:
        case "retry":
            return replace(now, retries=now.retries + 1)
        case "repair":
            return replace(now, repairs=now.repairs + 1)
        case "sibling":
            return replace(now, siblings=now.siblings[1:])
        case "stronger":
            return replace(now, stronger="")
        case "degrade":
            return replace(now, degrade="")
        case _:
            return replace(now, replan=False)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("transient", "retry retry sibling replan say_so"),
        ("rate_limited", "retry retry sibling say_so"),
        ("forbidden", "sibling say_so"),
        ("bad_arguments", "repair repair sibling stronger degrade say_so"),
        ("missing_argument", "say_so"),
        ("empty", "repair sibling degrade say_so"),
        ("not_found", "sibling replan say_so"),
        ("unusable", "sibling replan say_so"),
        ("offline", "sibling replan say_so"),
        ("no_progress", "sibling replan say_so"),
        ("denied", "say_so"),
        ("interrupted", "say_so"),
        ("unparsable", "retry stronger degrade say_so"),
        ("model", "stronger degrade say_so"),
    ],
)
def test_each_class_of_error_has_its_rungs_cheapest_first(error: str, expected: str) -> None:
    assert rungs(replace(HELP, error=ErrorClass(error))) == expected.split()


def test_waits_double_from_half_a_second_and_jitter_only_lengthens_them() -> None:
    waits = [next_step(replace(HELP, retries=n)).wait_s for n in (0, 1)]
    assert waits == [0.5, 1.0]
    assert next_step(HELP, jitter=0.5).wait_s == 0.75


@pytest.mark.parametrize(
    ("seconds_left", "rung"), [(None, "retry"), (31.0, "retry"), (29.0, "sibling")]
)
def test_a_service_is_waited_for_only_within_the_budget(
    seconds_left: float | None, rung: str
) -> None:
    busy = replace(
        HELP, error=ErrorClass.RATE_LIMITED, retry_after_s=30.0, seconds_left=seconds_left
    )
    assert next_step(busy).rung == rung


def test_nobody_waits_an_hour_even_where_the_budget_has_one() -> None:
    busy = replace(HELP, error=ErrorClass.RATE_LIMITED, retry_after_s=MAX_WAIT_S, seconds_left=1e6)
    assert next_step(busy).rung == "sibling"


def test_without_a_call_left_no_rung_that_calls_is_taken() -> None:
    spent = replace(HELP, error=ErrorClass.BAD_ARGUMENTS, calls_left=0)
    assert next_step(spent).rung == "degrade"


@pytest.mark.parametrize(
    ("kind", "lasting", "error"),
    [
        ("unavailable", False, ErrorClass.TRANSIENT),
        ("unavailable", True, ErrorClass.OFFLINE),
        ("missing_credential", False, ErrorClass.FORBIDDEN),
        ("internal", False, ErrorClass.UNUSABLE),
    ],
)
def test_a_failure_has_the_class_of_its_kind(kind: str, lasting: bool, error: ErrorClass) -> None:
    failure = ToolFailure("no", kind=kind, fix="x", lasting=lasting)  # type: ignore[arg-type]
    assert classify(failure) is error


@pytest.mark.parametrize("kind", get_args(FailureKind))
def test_every_kind_of_failure_has_a_class(kind: FailureKind) -> None:
    assert classify(ToolFailure("no", kind=kind, fix="x")) in ErrorClass


SITUATIONS = st.builds(
    Situation,
    error=st.sampled_from(ErrorClass),
    retry_after_s=st.none() | st.floats(0, 1e5),
    seconds_left=st.none() | st.floats(0, 1e4),
    calls_left=st.none() | st.integers(0, 3),
    repair=st.sampled_from(["", "place"]),
    siblings=st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3).map(tuple),
    stronger=st.sampled_from(["", "large"]),
    degrade=st.sampled_from(["", "year"]),
    replan=st.booleans(),
)


@given(SITUATIONS)
def test_every_way_down_the_ladder_ends_in_saying_so(situation: Situation) -> None:
    assert len(rungs(situation)) <= 10


@given(SITUATIONS, st.floats(0, 1))
def test_no_step_waits_longer_than_the_budget_leaves(situation: Situation, jitter: float) -> None:
    wait_s = next_step(situation, jitter=jitter).wait_s
    assert wait_s == 0 or wait_s < min(MAX_WAIT_S, situation.seconds_left or MAX_WAIT_S)
