"""The status line and the verbose lines are folds over events."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.cli.harness import Terminal
from toollama.cli.activity import Activity, follow
from toollama.cli.progress import SpokenLines, StatusLine, event_line
from toollama.clock import FixedClock
from toollama.events import Agent, Bus, Event
from toollama.events.payloads import (
    AgentStarted,
    InferenceStarted,
    MessageDelta,
    ModelLoadCompleted,
    ModelLoadProgress,
    ModelLoadStarted,
    Payload,
    PlanCreated,
    TaskCompleted,
    TaskFailed,
    ToolCallCompleted,
    ToolCallStarted,
)

DRUMMER = Agent(id="drummer:api", name="drummer:api", role="drummer")


def _events(*payloads: Payload) -> list[Event]:
    bus = Bus("run", FixedClock(datetime(2026, 11, 22, 15, 42, 18, tzinfo=UTC)))
    with bus.span(agent=DRUMMER):
        return [bus.emit(payload) for payload in payloads]


def _line_after(*payloads: Payload, elapsed_s: float = 3.0) -> str:
    activity = Activity()
    for event in _events(*payloads):
        activity = follow(activity, event)
    return activity.line(elapsed_s)[2:]


LOADING = (
    ModelLoadStarted(model="mistral-7b", path="/m.gguf", predicted_bytes=1),
    ModelLoadProgress(model="mistral-7b", fraction=0.425),
)


def test_a_run_without_events_shows_the_time_alone() -> None:
    assert _line_after() == "3 s"


def test_the_line_names_agent_load_tool_and_seconds() -> None:
    line = _line_after(
        AgentStarted(doing="convert"), *LOADING, ToolCallStarted(call_id="c", tool="unit_convert")
    )
    assert line == "drummer:api convert · loading mistral-7b 42% · unit_convert · 3 s"


def test_what_ended_leaves_the_line() -> None:
    line = _line_after(
        *LOADING,
        ModelLoadCompleted(model="mistral-7b", duration_s=1, bytes=1, resident_bytes=1),
        ToolCallStarted(call_id="c", tool="unit_convert"),
        ToolCallCompleted(call_id="c", tool="unit_convert", status="ok"),
        InferenceStarted(model="mistral-7b", purpose="answer"),
    )
    assert line == "answer · 3 s"


def test_an_event_is_one_line_without_control_characters() -> None:
    (event,) = _events(AgentStarted(doing="a\nb\x1b"))
    assert event_line(event) == "1 15:42:18 drummer:api agent.started doing=a b␛"


async def test_the_line_is_erased_when_the_run_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    line = StatusLine(FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    for event in _events(AgentStarted(doing="plan")):
        line(event)
    async with line.shown():
        await asyncio.sleep(0)
    assert "drummer:api plan · 0 s" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[2K")


def test_the_end_of_what_is_being_written_is_on_the_line() -> None:
    line = _line_after(MessageDelta(text="## One\n\nIt rains "), MessageDelta(text="in Bergen"))
    assert line == "… It rains in Bergen · 3 s"


def test_tasks_that_ended_and_memory_in_use_are_on_the_line() -> None:
    line = _line_after(
        PlanCreated(goal="x", tasks=[{}, {}, {}], source="rule"),
        TaskCompleted(status="done", findings=1),
        TaskFailed(reason="x", code="y"),
        ModelLoadCompleted(
            model="m", duration_s=1, bytes=1, resident_bytes=7 << 30, budget_bytes=12 << 30
        ),
    )
    assert line == "2/3 tasks · 7.0/12.0 GiB · 3 s"


def test_what_goes_on_is_spoken_when_it_changes_and_not_too_often(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    lines = SpokenLines(clock)
    started, loading, calling = _events(
        AgentStarted(doing="convert"), LOADING[0], ToolCallStarted(call_id="c", tool="weather")
    )
    lines(started)
    clock.advance(1.0)
    lines(loading)  # too soon after the line before
    clock.advance(5.0)
    lines(calling)
    for _ in range(6):
        clock.advance(5.0)
        lines.tick()  # nothing new: only the sixth beat speaks
    assert capsys.readouterr().err.splitlines() == [
        "[drummer:api] convert (0 s)",
        "[drummer:api] convert, loading mistral-7b, weather (6 s)",
        "[drummer:api] convert, loading mistral-7b, weather (36 s)",
    ]
