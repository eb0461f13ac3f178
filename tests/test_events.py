"""Events: their envelope, their numbers, and the spans they belong to."""

import asyncio
import logging
import re
from datetime import UTC, datetime
from itertools import pairwise
from threading import Thread

import pytest
from pydantic_core import from_json

from toollama.clock import FixedClock
from toollama.errors import InputError
from toollama.events import TERMINAL_TYPES, Agent, Bus, Event, new_run_id
from toollama.events.payloads import (
    PAYLOADS,
    UNSTORED_TYPES,
    Checkpoint,
    InferenceCompleted,
    MessageDelta,
    ToolCallFailed,
    Usage,
    Warned,
)
from toollama.secrets import REDACTED, Redactor

_CAMINA = Agent(id="camina", name="camina", role="camina")
_BELTER = Agent(id="belter.research#1", name="belter.research", role="belter")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 15, 42, 18, tzinfo=UTC))


@pytest.fixture
def bus(clock: FixedClock) -> Bus:
    return Bus("20261122-154218-aaaa", clock)


@pytest.fixture
def events(bus: Bus) -> list[Event]:
    """Return the list that every event of the bus is added to."""
    seen: list[Event] = []
    bus.subscribe(seen.append)
    return seen


def test_events_are_numbered_from_one_without_gaps(bus: Bus, events: list[Event]) -> None:
    for text in "abc":
        bus.emit(Warned(message=text))
    assert [event.seq for event in events] == [1, 2, 3]


def test_events_of_several_threads_arrive_in_the_order_of_their_numbers(
    bus: Bus, events: list[Event]
) -> None:
    def warn() -> None:
        for _ in range(50):
            bus.emit(Warned(message="here"))

    threads = [Thread(target=warn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.seq for event in events] == list(range(1, 201))


def test_a_subscriber_that_raises_stops_nobody(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: Event) -> None:
        raise RuntimeError("cannot read this")

    seen: list[Event] = []
    bus.subscribe(broken)
    bus.subscribe(seen.append)
    with caplog.at_level(logging.ERROR):
        bus.emit(Warned(message="careful"))
    assert len(seen) == 1
    assert "failed on event 1" in caplog.text


def test_an_event_is_one_line_of_json(bus: Bus) -> None:
    line = bus.emit(MessageDelta(text="one\ntwo")).to_line()
    assert "\n" not in line
    assert from_json(line)["data"] == {"text": "one\ntwo"}


def test_a_reader_gets_every_text_visible_and_the_event_stays_whole(bus: Bus) -> None:
    said = {"statements": ["\x1b[2J\u202e\ud800"]}
    event = bus.emit(Checkpoint(step="tool_result", key="c1", value=said))
    assert from_json(event.to_line())["data"]["value"] == {"statements": ["␛[2J\ufffd\ufffd"]}
    assert event.data["value"] == said


def test_what_is_secret_is_in_no_event(clock: FixedClock) -> None:
    redactor = Redactor()
    redactor.learn("canary-1")
    bus = Bus("20261122-154218-aaaa", clock, redact=redactor.redact_data)
    event = bus.emit(Warned(message="the key canary-1 was refused"))
    assert event.data == {"message": f"the key {REDACTED} was refused"}


def test_an_event_survives_its_line(bus: Bus) -> None:
    event = bus.emit(
        InferenceCompleted(model="m", purpose="plan", finish_reason="stop", usage=Usage())
    )
    again = Event.model_validate_json(event.to_line())
    assert again.to_line() == event.to_line()
    assert again.payload() == event.payload()


def test_a_payload_of_an_unknown_type_is_refused(bus: Bus) -> None:
    event = bus.emit(Warned(message="careful")).model_copy(update={"type": "later.version"})
    with pytest.raises(KeyError, match=r"later\.version"):
        event.payload()


def test_fields_of_a_later_version_are_ignored(bus: Bus) -> None:
    event = bus.emit(Warned(message="careful"))
    newer = event.model_copy(update={"data": {**event.data, "colour": "red"}})
    assert newer.payload() == Warned(message="careful")


def test_every_event_type_is_named_by_its_payload() -> None:
    assert all(payload.type == name for name, payload in PAYLOADS.items())
    assert PAYLOADS.keys() >= TERMINAL_TYPES | UNSTORED_TYPES


def test_attributes_follow_the_opentelemetry_names(bus: Bus) -> None:
    event = bus.emit(ToolCallFailed(call_id="c1", tool="weather", code="blocked", message="no"))
    assert event.attributes == {
        "gen_ai.tool.name": "weather",
        "gen_ai.tool.call.id": "c1",
        "error.type": "blocked",
    }


def test_an_event_outside_every_span_belongs_to_the_run(bus: Bus) -> None:
    first, second = bus.emit(Warned(message="a")), bus.emit(Warned(message="b"))
    assert first.span_id == second.span_id
    assert first.parent_span_id is None


def test_spans_nest_and_inherit_agent_and_task(bus: Bus) -> None:
    with bus.span(agent=_BELTER, task_id="2") as outer, bus.span() as inner:
        event = bus.emit(Warned(message="here"))
    assert (event.span_id, event.parent_span_id) == (inner.id, outer.id)
    assert (event.agent, event.task_id) == (_BELTER, "2")


def test_leaving_a_span_returns_to_the_one_around_it(bus: Bus) -> None:
    with bus.span() as outer:
        with bus.span():
            pass
        assert bus.emit(Warned(message="back")).span_id == outer.id


def test_a_child_span_is_not_entered(bus: Bus) -> None:
    here = bus.span_here()
    child = bus.child_span()
    assert child.parent_id == here.id
    assert bus.span_here() == here


async def test_tasks_at_work_together_keep_their_own_spans(bus: Bus, events: list[Event]) -> None:
    async def work(task_id: str) -> None:
        with bus.span(task_id=task_id):
            for _ in range(3):
                bus.emit(Warned(message=task_id))
                await asyncio.sleep(0)

    await asyncio.gather(work("1"), work("2"))
    assert all(event.task_id == event.data["message"] for event in events)
    assert any(left.task_id != right.task_id for left, right in pairwise(events))


def test_an_agent_that_ends_well_says_how_long_it_took(
    bus: Bus, events: list[Event], clock: FixedClock
) -> None:
    with bus.acting(_CAMINA, doing="plan"):
        clock.advance(2.5)
    assert [event.type for event in events] == ["agent.started", "agent.completed"]
    assert events[1].data["duration_s"] == 2.5


def test_an_agent_that_fails_says_why_and_the_error_goes_on(bus: Bus, events: list[Event]) -> None:
    with pytest.raises(InputError), bus.acting(_CAMINA):
        raise InputError("the prompt is empty", fix="type one")
    assert events[-1].type == "agent.failed"
    assert events[-1].attributes == {"error.type": "input.invalid"}
    assert events[-1].agent == _CAMINA


async def test_a_cancelled_agent_has_failed(bus: Bus, events: list[Event]) -> None:
    async def work() -> None:
        with bus.acting(_CAMINA):
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events[-1].data["code"] == "cancelled"


def test_run_ids_sort_by_start_time(clock: FixedClock) -> None:
    first = new_run_id(clock)
    clock.advance(1)
    assert re.fullmatch(r"20261122-154218-[0-9a-f]{4}", first)
    assert first < new_run_id(clock)
