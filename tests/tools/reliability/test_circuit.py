from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.reliability.circuit import FAILURES_TO_OPEN, OPEN_S, Circuit, Circuits


class Seconds:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def broken(seconds: Seconds) -> Circuits:
    circuits = Circuits(seconds)
    for _ in range(FAILURES_TO_OPEN):
        assert circuits.enter("a") == 0
        circuits.failed("a")
    return circuits


def test_five_failures_in_a_row_open_the_circuit_for_a_minute() -> None:
    seconds = Seconds()
    circuits = broken(seconds)
    assert circuits.enter("a") == OPEN_S
    seconds.now_s = OPEN_S - 1
    assert circuits.enter("a") == 1


def test_an_answer_in_between_starts_the_count_anew() -> None:
    circuits = Circuits(Seconds())
    for _ in range(3 * FAILURES_TO_OPEN):
        circuits.failed("a")
        circuits.succeeded("a")
    assert circuits.enter("a") == 0


def test_one_provider_s_failures_leave_the_others_alone() -> None:
    assert broken(Seconds()).enter("b") == 0


def test_a_half_open_circuit_lets_one_trial_through() -> None:
    seconds = Seconds()
    circuits = broken(seconds)
    seconds.now_s = OPEN_S
    assert circuits.enter("a") == 0
    assert circuits.enter("a") > 0


def test_a_trial_that_passes_closes_the_circuit() -> None:
    seconds = Seconds()
    circuits = broken(seconds)
    seconds.now_s = OPEN_S
    circuits.enter("a")
    circuits.succeeded("a")
    assert circuits.of("a") == Circuit()


def test_a_trial_that_fails_opens_it_for_another_minute() -> None:
    seconds = Seconds()
    circuits = broken(seconds)
    seconds.now_s = OPEN_S
    circuits.enter("a")
    circuits.failed("a")
    assert circuits.enter("a") == OPEN_S


def test_a_trial_that_tells_nothing_leaves_room_for_another() -> None:
    seconds = Seconds()
    circuits = broken(seconds)
    seconds.now_s = OPEN_S
    circuits.enter("a")
    circuits.abandoned("a")
    assert circuits.enter("a") == 0


@given(st.lists(st.sampled_from(["failed", "succeeded", "abandoned", "wait"]), max_size=40))
def test_a_circuit_is_open_only_after_five_failures_in_a_row(steps: list[str]) -> None:
    seconds = Seconds()
    circuits = Circuits(seconds)
    in_a_row = 0
    for step in steps:
        if step == "wait":
            seconds.now_s += OPEN_S
            continue
        if circuits.enter("a"):
            assert in_a_row >= FAILURES_TO_OPEN
            continue
        getattr(circuits, step)("a")
        in_a_row = {"failed": in_a_row + 1, "succeeded": 0, "abandoned": in_a_row}[step]
