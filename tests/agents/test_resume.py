"""A run that was cut short goes on from its log: killed by signal 9, or left in a chosen state."""

from collections.abc import Sequence
from typing import Any

import pytest

from bench import resume as kills
from tests.agents.conftest import Ask
from toollama.agents.journal import Journal, LoggedCall, call_key, fold
from toollama.errors import StoreError
from toollama.events.payloads import Checkpoint


@pytest.mark.parametrize("tool", ["rename", "append"])
def test_after_kill_9_the_answer_is_the_same_and_nothing_is_written_twice(tool: str) -> None:
    unbroken, *killed = kills.trials(tool, step=24)
    assert unbroken["status"] == "complete"
    assert {trial["died_by"] for trial in killed} == {9}
    unknown = tool == "append"
    failed = [t for t in killed if not kills.holds(t, unbroken, can_be_unknown=unknown)]
    assert failed == []


def test_a_write_that_died_unlogged_is_told_as_unknown_and_not_repeated() -> None:
    died_in_the_tool = kills.trials("append", step=1000)[-1]
    assert died_in_the_tool["written"] == ["buy milk and bread"]
    assert kills.owns_up(died_in_the_tool)
    assert "write_file" in died_in_the_tool["calls"]


async def test_finished_steps_are_in_the_log_before_the_next_begins(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240?")
    steps = [data["step"] for data in outcome.data("checkpoint")]
    assert steps == ["plan", "tool_result", "report"]
    logged = [event.type for event in outcome.store.events(outcome.run_id)]
    at = logged.index("tool.call.started")
    assert logged[at:][:4] == [
        "tool.call.started",
        "evidence.added",
        "checkpoint",
        "tool.call.completed",
    ]


async def test_a_journal_of_a_whole_run_has_every_result(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240?")
    journal = fold(outcome.events, [])
    assert journal.take("plan", "") is not None
    assert journal.take("report", "1")["findings"][0]["answer"] == "36"
    (call,) = journal.calls
    assert call.result is not None
    assert call.result["result"]["statements"] == ["15% of 240 = 36"]


async def test_a_run_cannot_be_taken_over_from_the_process_that_has_it(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240?")
    with pytest.raises(StoreError, match="belongs to another process"):
        outcome.store.take_over(outcome.run_id)


def a_call(tool: str, arguments: dict[str, Any], *, task_id: str = "1") -> LoggedCall:
    key = call_key(tool, arguments)
    return LoggedCall("c1", tool, key, arguments, task_id, started=True)


def journal_of(calls: Sequence[LoggedCall]) -> Journal:
    return Journal(calls=list(calls))


def test_a_key_does_not_depend_on_the_order_of_arguments() -> None:
    assert call_key("t", {"a": 1, "b": [2]}) == call_key("t", {"b": [2], "a": 1})
    assert call_key("t", {"a": 1}) != call_key("t", {"a": "1"})


def test_a_logged_call_is_claimed_once() -> None:
    journal = journal_of([a_call("read_file", {"path": "a"})])
    key = call_key("read_file", {"path": "a"})
    assert journal.claim("read_file", key, "1", changes=False) is not None
    assert journal.claim("read_file", key, "1", changes=False) is None


def test_a_write_under_new_words_is_the_write_that_was_logged() -> None:
    logged = a_call("write_file", {"text": "first wording"})
    key = call_key("write_file", {"text": "second wording"})
    assert journal_of([logged]).claim("write_file", key, "1", changes=True) is logged


def test_a_reading_call_with_other_arguments_is_another_call() -> None:
    journal = journal_of([a_call("read_file", {"path": "a"})])
    assert journal.claim("read_file", call_key("read_file", {}), "1", changes=False) is None


def test_a_call_of_another_task_is_another_call() -> None:
    journal = journal_of([a_call("write_file", {"text": "x"}, task_id="2")])
    key = call_key("write_file", {"text": "x"})
    assert journal.claim("write_file", key, "1", changes=True) is None


def test_results_of_one_step_are_handed_out_in_their_order() -> None:
    from datetime import UTC, datetime

    from toollama.clock import FixedClock
    from toollama.events import Bus, Event

    events: list[Event] = []
    bus = Bus("r", FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    bus.subscribe(events.append)
    for value in ("first", "second"):
        bus.emit(Checkpoint(step="inference", key="k", value=value))
    journal = fold(events, [])
    assert [journal.take("inference", "k") for _ in range(3)] == ["first", "second", None]
