"""The states of tasks, without any task being run."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.messages import PlannedTask
from toollama.agents.tasks import Metrics, TaskBoard, TaskState


def board(*needs: tuple[int, ...], priorities: tuple[int, ...] = ()) -> TaskBoard:
    """Return a board of tasks with these needs."""
    made = TaskBoard()
    made.add(
        PlannedTask(belter="research", ask=f"task {at}", needs=need, priority=priority)
        for at, (need, priority) in enumerate(
            zip(needs, priorities or (0,) * len(needs), strict=True), 1
        )
    )
    return made


def run_one(on: TaskBoard, number: int, state: TaskState = TaskState.DONE) -> list[Any]:
    on.begin(number, at_s=0.0)
    return on.end(number, state, metrics=Metrics())


def test_a_task_is_ready_once_what_it_needs_is_done() -> None:
    tasks = board((), (1,))
    assert tasks.ready() == [1]
    run_one(tasks, 1)
    assert tasks.ready() == [2]


def test_a_partial_result_is_enough_to_go_on_from() -> None:
    tasks = board((), (1,))
    run_one(tasks, 1, TaskState.PARTIAL)
    assert tasks.ready() == [2]


@pytest.mark.parametrize("state", [TaskState.FAILED, TaskState.SKIPPED, TaskState.CANCELLED])
def test_what_needs_a_task_without_findings_is_skipped_down_the_line(state: TaskState) -> None:
    tasks = board((), (1,), (2,), ())
    run_one(tasks, 1, state)
    assert [tasks.state(n) for n in (2, 3)] == [TaskState.SKIPPED] * 2
    assert tasks.ready() == [4]


def test_the_highest_priority_goes_first_then_the_longest_chain_then_the_position() -> None:
    tasks = board((), (), (2,), (), priorities=(0, 0, 0, 1))
    assert tasks.ready() == [4, 2, 1]


def test_cancelling_a_task_ends_everything_that_needs_it_and_nothing_else() -> None:
    tasks = board((), (1,), (2,), ())
    assert [change.number for change in tasks.cancel(1)] == [1, 2, 3]
    assert tasks.state(4) is TaskState.READY


def test_a_task_that_has_ended_is_not_cancelled() -> None:
    tasks = board((), (1,))
    run_one(tasks, 1)
    assert [change.number for change in tasks.cancel(1)] == [2]
    assert tasks.state(1) is TaskState.DONE


def test_a_need_for_oneself_or_a_later_task_is_refused() -> None:
    with pytest.raises(ValueError, match="only earlier"):
        board((1,))
    with pytest.raises(ValueError, match="only earlier"):
        board((2,), ())


def test_only_a_ready_task_can_begin_and_only_a_running_one_can_end() -> None:
    tasks = board((), (1,))
    with pytest.raises(ValueError, match="not ready"):
        tasks.begin(2, at_s=0.0)
    with pytest.raises(ValueError, match="cannot go"):
        tasks.end(1, TaskState.DONE, metrics=Metrics())


@given(st.data())
def test_whatever_becomes_of_tasks_all_end_and_none_begins_before_its_needs(
    data: st.DataObject,
) -> None:
    size = data.draw(st.integers(1, 6))
    needs = [
        tuple(data.draw(st.sets(st.integers(1, at), max_size=2))) if at else ()
        for at in range(size)
    ]
    tasks = board(*needs)
    ends = [TaskState.DONE, TaskState.PARTIAL, TaskState.FAILED, TaskState.CANCELLED]
    for _ in range(2 * size):
        for number in tasks.ready():
            assert all(tasks.state(need).gave_findings for need in needs[number - 1])
            state = data.draw(st.sampled_from(ends))
            if state is TaskState.CANCELLED:
                tasks.cancel(number)
                break
            run_one(tasks, number, state)
    assert tasks.ended
