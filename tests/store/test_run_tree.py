"""The tree of a run, and the lines that draw it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.sample_run import CAMINA, DRUMMER, sample_run
from toollama.clock import FixedClock
from toollama.errors import Cancelled
from toollama.events import Bus, Event
from toollama.events.payloads import (
    GateDecided,
    InferenceFailed,
    InferenceStarted,
    ModelLoadCompleted,
    ModelLoadRungFailed,
    ModelLoadStarted,
    RunCancelled,
    RunStarted,
    ToolApprovalDecided,
    ToolCallFailed,
    ToolCallRequested,
    Warned,
)
from toollama.store import Node, build_tree, render_tree

HOSTILE = "\x1b]52;c;cm0=\x07 red\x1b[31m \u202egnp.exe \x9b2J \U000e0041\r\n end"


def all_nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from all_nodes(child)


def one(events: list[Event], kind: str) -> Node:
    (found,) = [node for node in all_nodes(build_tree(events).root) if node.kind == kind]
    return found


class Recorder:
    """A bus whose events are kept in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
        self.bus = Bus("run", self.clock)
        self.bus.subscribe(self.events.append)
        self.bus.emit(RunStarted(prompt="p", version="1", profile="starter"))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def test_a_whole_run_is_drawn_as_a_tree() -> None:
    assert render_tree(build_tree(sample_run())) == [
        "✓ What is 15% of 80?  750 ms",
        "└─ ✓ Camina  750 ms  plan",
        "   ├─ ✓ load small  800 ms  resident 1.0 GiB of 4.0 GiB",
        "   ├─ ✓ inference  500 ms  small plan, 120 in, 30 out, 34.0 tok/s",
        "   ├─ ✓ Belter research  250 ms  work it out",
        "   │  └─ ✓ Drummer search  250 ms",
        '   │     ├─ ✓ calculator  250 ms  expression="15% of 80", digits=2',
        "   │     │  └─ · rung retry  Timeout: slow",
        "   │     └─ · gate unchecked  figures: none to check",
        "   └─ · unload small  make room, resident 0 MiB",
    ]


def test_marks_and_guides_can_be_ascii() -> None:
    lines = render_tree(build_tree(sample_run()), ascii=True)
    assert "".join(lines).isascii()
    assert lines[5] == "   |  `- ok Drummer search  250 ms"


def test_a_run_killed_midway_is_still_running() -> None:
    events = sample_run()
    asked = next(i for i, event in enumerate(events) if event.type == "tool.call.started")
    lines = render_tree(build_tree(events[: asked + 1]))
    assert [line.split("◐ ")[1].split("  ")[0] for line in lines if "◐" in line] == [
        "What is 15% of 80?",
        "Camina",
        "Belter research",
        "Drummer search",
        "calculator",
    ]


def test_what_never_ended_is_cancelled_once_the_run_is(recorder: Recorder) -> None:
    with recorder.bus.span():
        recorder.bus.emit(InferenceStarted(model="m", purpose="answer"))
    recorder.bus.emit(RunCancelled(reason="Ctrl-C", exit_code=130))
    assert [node.status for node in all_nodes(build_tree(recorder.events).root)] == [
        "cancelled",
        "cancelled",
    ]


def test_each_rung_of_a_load_is_a_node_of_its_own(recorder: Recorder) -> None:
    started = ModelLoadStarted(model="m", path="m.gguf", predicted_bytes=9)
    recorder.bus.emit(started)
    recorder.bus.emit(
        ModelLoadRungFailed(
            model="m",
            rung=1,
            rungs=3,
            code="model.does_not_fit",
            message="memory ran out",
            context_tokens=8192,
            batch=512,
            gpu_layers=31,
            gpu_bytes=9,
            cpu_bytes=0,
        )
    )
    recorder.bus.emit(started)
    recorder.bus.emit(ModelLoadCompleted(model="m", duration_s=1, bytes=5, resident_bytes=5))
    loads = [node for node in all_nodes(build_tree(recorder.events).root) if node.kind == "load"]
    assert [node.status for node in loads] == ["failed", "ok"]
    assert loads[0].detail == "1 of 3: memory ran out"


def test_an_agent_that_raised_shows_its_error(recorder: Recorder) -> None:
    with pytest.raises(ZeroDivisionError), recorder.bus.acting(CAMINA, doing="plan"):
        raise ZeroDivisionError("by zero")
    node = one(recorder.events, "camina")
    assert (node.status, node.detail) == ("failed", "plan, ZeroDivisionError: by zero")


def test_an_agent_that_was_stopped_is_cancelled(recorder: Recorder) -> None:
    with pytest.raises(Cancelled), recorder.bus.acting(CAMINA):
        raise Cancelled("stopped", fix="ask again")
    assert one(recorder.events, "camina").status == "cancelled"


def test_a_failed_inference_lasted_until_its_event(recorder: Recorder) -> None:
    with recorder.bus.span():
        recorder.bus.emit(InferenceStarted(model="m", purpose="plan"))
        recorder.clock.advance(2)
        recorder.bus.emit(
            InferenceFailed(model="m", purpose="plan", code="model.failed", message="x")
        )
    node = one(recorder.events, "inference")
    assert (node.status, node.duration_s) == ("failed", 2.0)


def test_a_denied_call_says_who_denied_it_and_why(recorder: Recorder) -> None:
    call: dict[str, Any] = {"call_id": "c", "tool": "send_mail"}
    with recorder.bus.span():
        recorder.bus.emit(ToolCallRequested(**call, arguments={}))
        recorder.bus.emit(
            ToolApprovalDecided(**call, verdict="deny", by="policy", reason="it sends")
        )
        recorder.bus.emit(ToolCallFailed(**call, code="tool.failed", message="denied"))
    assert render_tree(build_tree(recorder.events))[1:] == [
        "└─ ✗ send_mail  0 ms  tool.failed: denied",
        "   └─ · approval deny by policy  it sends",
    ]


def test_two_calls_in_one_span_are_siblings(recorder: Recorder) -> None:
    with recorder.bus.acting(DRUMMER):
        for call_id in ("1", "2"):
            recorder.bus.emit(ToolCallRequested(call_id=call_id, tool="clock", arguments={}))
    drummer = one(recorder.events, "drummer")
    assert [child.label for child in drummer.children] == ["clock", "clock"]


def test_only_a_gate_that_passed_is_ok(recorder: Recorder) -> None:
    for verdict in ("pass", "warn", "fail", "unchecked"):
        recorder.bus.emit(GateDecided.model_validate({"verdict": verdict}))
    gates = build_tree(recorder.events).root.children
    assert [gate.status for gate in gates] == ["ok", "noted", "failed", "noted"]


def test_a_span_without_events_of_its_own_is_passed_through(recorder: Recorder) -> None:
    with recorder.bus.acting(CAMINA), recorder.bus.span():
        recorder.bus.emit(Warned(message="w"))
    assert [node.kind for node in one(recorder.events, "camina").children] == ["warning"]


def test_a_node_without_its_parent_hangs_below_the_run() -> None:
    events = [event for event in sample_run() if event.agent is None or event.agent == DRUMMER]
    root = build_tree(events).root
    assert [child.kind for child in root.children] == ["drummer"]


def test_no_events_are_a_run_without_a_name() -> None:
    assert render_tree(build_tree([])) == ["◐"]


def test_hostile_text_cannot_reach_the_terminal(recorder: Recorder) -> None:
    agent = CAMINA.model_copy(update={"name": HOSTILE})
    with recorder.bus.acting(agent, doing=HOSTILE), recorder.bus.span():
        recorder.bus.emit(
            ToolCallRequested(call_id="c", tool=HOSTILE, arguments={HOSTILE: [HOSTILE]})
        )
        recorder.bus.emit(Warned(message=HOSTILE))
    text = "".join(render_tree(build_tree(recorder.events)))
    assert HOSTILE.rsplit(maxsplit=1)[-1] in text
    assert text.isprintable()


def test_a_very_deep_log_is_drawn(recorder: Recorder) -> None:
    events = [
        recorder.events[0].model_copy(
            update={
                "seq": depth,
                "type": "agent.started",
                "agent": CAMINA,
                "span_id": str(depth),
                "parent_span_id": str(depth - 1),
            }
        )
        for depth in range(1, 3000)
    ]
    assert len(render_tree(build_tree(events))) == 3000


@given(st.integers(min_value=0, max_value=len(sample_run())))
def test_every_prefix_of_a_run_builds(length: int) -> None:
    events = sample_run()[:length]
    lines = render_tree(build_tree(events))
    assert 1 <= len(lines) <= max(len(events), 1)


SPAN = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def scrambled_runs(draw: st.DrawFn) -> list[Event]:
    """Events of a run in any order, in spans that may form circles, some of unknown types."""
    chosen = draw(st.lists(st.sampled_from(sample_run()), max_size=12))
    return [
        event.model_copy(
            update={
                "span_id": draw(SPAN),
                "parent_span_id": draw(st.none() | SPAN),
                "type": draw(st.sampled_from([event.type, "dream.dreamt", "tool.call.failed"])),
            }
        )
        for event in chosen
    ]


@settings(max_examples=100)
@given(scrambled_runs())
def test_no_log_is_too_broken_to_draw(events: list[Event]) -> None:
    tree = build_tree(events)
    assert len(render_tree(tree)) == len(list(all_nodes(tree.root))) <= len(events) + 1
