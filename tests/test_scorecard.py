"""`fold.scorecard`: the figures of one run, from its events alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.events import Bus, Event
from toollama.events.payloads import (
    Insight,
    MessageCompleted,
    ModelLoadCompleted,
    ModelUnloaded,
    Payload,
    RunCancelled,
    RunCompleted,
    RunFailed,
    Rung,
    RunStarted,
    TaskChanged,
    ToolCallCompleted,
    ToolCallFailed,
    ToolCallRequested,
)
from toollama.fold.scorecard import Scorecard, scorecard

BEGUN = RunStarted(prompt="x", version="1", profile="starter")
ENDED = RunCompleted(status="complete", answer="", exit_code=0)
LOAD = ModelLoadCompleted(
    model="a", bytes=1, context_tokens=1, gpu_layers=0, duration_s=0.5, resident_bytes=1
)
LEFT = ModelUnloaded(model="a", reason="makes room for b", resident_bytes=0)


def events(*payloads: Payload) -> list[Event]:
    told: list[Event] = []
    bus = Bus("20261122-150000-aaaa", FixedClock(datetime(2026, 11, 22, 15, tzinfo=UTC)))
    bus.subscribe(told.append)
    for payload in payloads:
        bus.emit(payload)
    return told


def card(*payloads: Payload) -> Scorecard:
    return scorecard(events(BEGUN, *payloads))


def requested(call_id: str, key: str = "same") -> ToolCallRequested:
    return ToolCallRequested(call_id=call_id, tool="t", arguments={}, idempotency_key=key)


def answered(call_id: str) -> ToolCallCompleted:
    return ToolCallCompleted(call_id=call_id, tool="t", status="ok")


def failed(call_id: str) -> ToolCallFailed:
    return ToolCallFailed(call_id=call_id, tool="t", code="unavailable", message="no")


def test_tasks_are_counted_by_how_they_ended() -> None:
    found = card(*(TaskChanged(task=n, state=s) for n, s in enumerate(("done", "failed"), 1)))
    assert (found.tasks_done, found.tasks_failed) == (1, 1)


def test_a_call_that_failed_is_an_error_and_doing_it_again_no_repetition() -> None:
    again = Rung(rung="retry", error_class="transient", reason="busy")
    found = card(requested("c1"), failed("c1"), again, requested("c2"), answered("c2"))
    assert (found.tool_calls, found.tool_errors, found.retries) == (2, 1, 1)
    assert found.repeated_calls == 0


def test_a_call_with_the_arguments_of_an_answered_one_is_a_repetition() -> None:
    found = card(requested("c1"), answered("c1"), requested("c2"), requested("c3", "other"))
    assert found.repeated_calls == 1


def test_a_swap_is_a_load_that_another_model_left_for() -> None:
    found = card(LOAD, LOAD, LEFT, LEFT, LOAD)
    assert (found.loads, found.swaps, found.load_s) == (3, 1, 1.5)


def test_sentences_without_a_source_and_serious_insights_are_counted() -> None:
    found = card(
        MessageCompleted(text="7 and 8.", unsupported=["7.", "8."]),
        Insight(severity="warning", kind="loop", message="again"),
        Insight(severity="info", kind="budget", message="half"),
    )
    assert (found.unsourced, found.insights) == (2, 1)


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (ENDED, "complete"),
        (RunFailed(code="c", message="m", fix="f", exit_code=1), "failed"),
        (RunCancelled(reason="you", exit_code=130), "cancelled"),
        (LOAD, "unfinished"),
    ],
)
def test_the_status_is_what_the_log_ends_with(last: Payload, status: str) -> None:
    assert card(last).status == status


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from([BEGUN, ENDED, LOAD, LEFT, requested("c1"), answered("c1"), failed("c9")])
    )
)
def test_any_log_has_a_scorecard(payloads: list[Payload]) -> None:
    found = scorecard(events(*payloads))
    assert found.tool_errors <= found.tool_calls
    assert found.swaps <= found.loads
