"""What the Observer's detectors tell, and that each points to the events that show it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.observer import Watch
from toollama.clock import FixedClock
from toollama.events import Bus, Event
from toollama.events.payloads import (
    PAYLOADS,
    BudgetRefused,
    GateDecided,
    Insight,
    ModelLoadCompleted,
    Payload,
    Suggestion,
    TaskFailed,
    ToolCallFailed,
    ToolCallRequested,
    Warned,
)


def _told(*payloads: Payload) -> list[Event]:
    """Return the insights that a run of these payloads leads to."""
    seen: list[Event] = []
    bus = Bus("r", FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    bus.subscribe(seen.append)
    bus.subscribe(Watch(bus))
    for payload in payloads:
        bus.emit(payload)
    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    return [event for event in seen if event.type == Insight.type]


def _kinds(*payloads: Payload) -> list[tuple[str, list[int]]]:
    return [(str(event.data["kind"]), event.data["events"]) for event in _told(*payloads)]


def _call(key: str) -> ToolCallRequested:
    return ToolCallRequested(call_id=key, tool="wiki", arguments={}, idempotency_key=key)


def _load(model: str) -> ModelLoadCompleted:
    return ModelLoadCompleted(model=model, duration_s=1.0, bytes=1, resident_bytes=1)


def _failure(tool: str) -> ToolCallFailed:
    return ToolCallFailed(call_id="c", tool=tool, code="http.500", message="m")


def test_a_call_that_is_made_again_is_told_once() -> None:
    assert _kinds(_call("a"), _call("b"), _call("a"), _call("a")) == [("repeat", [1, 3])]


def test_a_tool_that_fails_twice_is_told() -> None:
    assert _kinds(_failure("x"), _failure("y"), _failure("x")) == [("failing_tool", [1, 3])]


def test_a_model_that_is_loaded_three_times_is_told_with_its_cost() -> None:
    (event,) = _told(*(_load(model) for model in "abaca"))
    assert (event.data["kind"], event.data["events"]) == ("swap_thrash", [1, 3, 5])
    assert "3.0 s" in event.data["message"]


def test_models_that_are_loaded_once_each_are_no_thrash() -> None:
    assert not _told(*(_load(model) for model in "abcdef"))


def test_a_spent_budget_is_told_once_for_each_unit() -> None:
    spent = [BudgetRefused(unit=unit, limit=4, spent=4) for unit in ("calls", "calls", "seconds")]
    assert _kinds(*spent) == [("budget", [1]), ("budget", [4])]


def test_figures_without_a_source_are_named() -> None:
    gate = GateDecided(verdict="warn", removed=["It rose to 41.: not in the sources: 41, Bergen"])
    (event,) = _told(gate)
    assert (event.data["kind"], event.data["events"]) == ("unsourced", [1])
    assert "41;" in event.data["message"]


def test_a_sentence_that_was_removed_for_its_words_is_no_insight() -> None:
    assert not _told(GateDecided(verdict="warn", removed=["Yes.: says nothing"]))


def _suggested(*payloads: Payload, task: str | None) -> list[Suggestion | None]:
    seen: list[Event] = []
    bus = Bus("r", FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    bus.subscribe(seen.append)
    bus.subscribe(Watch(bus))
    for payload in payloads:
        with bus.span(task_id=task):
            bus.emit(payload)
    insights = (event.payload() for event in seen if event.type == Insight.type)
    return [one.suggestion for one in insights if isinstance(one, Insight)]


@pytest.mark.parametrize(
    ("happened", "suggested"),
    [
        ([_call("a")] * 2, Suggestion(what="stop_task", task=2)),
        ([_failure("x")] * 2, Suggestion(what="leave_out_tool", task=2, tool="x")),
        ([TaskFailed(reason="r", code="http.500")], Suggestion(what="retry_task", task=2)),
        ([_load(model) for model in "abaca"], Suggestion(what="pin_model", model="a")),
        (
            [BudgetRefused(unit="calls", limit=4, spent=4)],
            Suggestion(what="raise_budget", unit="calls", limit=8),
        ),
    ],
)
def test_an_insight_suggests_what_can_be_done(
    happened: list[Payload], suggested: Suggestion
) -> None:
    assert _suggested(*happened, task="2") == [suggested]


def test_without_a_task_there_is_none_to_stop_or_to_run_again() -> None:
    assert _suggested(_call("a"), _call("a"), task=None) == [None]


def test_a_task_that_the_user_stopped_is_no_insight() -> None:
    assert not _suggested(TaskFailed(reason="r", code="cancelled"), task="2")


def test_an_insight_is_the_observers_own() -> None:
    (event,) = _told(_call("a"), _call("a"))
    assert event.agent is not None
    assert event.agent.role == "observer"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(PAYLOADS)),
            st.dictionaries(st.sampled_from(["tool", "model", "removed", "unit"]), st.text()),
        ),
        max_size=20,
    )
)
def test_no_event_however_odd_stops_a_detector(odd: list[tuple[str, dict[str, str]]]) -> None:
    bus = Bus("r", FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    watch = Watch(bus)
    whole = bus.emit(Warned(message="x"))
    for type_, data in odd:
        watch(whole.model_copy(update={"type": type_, "data": data}))
