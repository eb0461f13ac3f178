"""A run to put into the log and to draw."""

from collections.abc import Callable
from datetime import UTC, datetime

from toollama.clock import FixedClock
from toollama.events import Agent, Bus, Event
from toollama.events.payloads import (
    GateDecided,
    InferenceCompleted,
    InferenceStarted,
    ModelLoadCompleted,
    ModelLoadStarted,
    ModelUnloaded,
    RunCompleted,
    Rung,
    RunStarted,
    ToolApprovalDecided,
    ToolCallCompleted,
    ToolCallRequested,
    ToolCallStarted,
    Usage,
)

StartRun = Callable[..., Bus]
"""Starts a run in a store, under an id and with a prompt, and hands back its bus."""

CAMINA = Agent(id="camina", name="Camina", role="camina")
BELTER = Agent(id="belter.1", name="Belter research", role="belter")
DRUMMER = Agent(id="drummer.1", name="Drummer search", role="drummer")


def sample_run() -> list[Event]:
    """Return the events of a run with every kind of node that a healthy run has."""
    clock = FixedClock(datetime(2026, 11, 22, 15, 42, 18, tzinfo=UTC))
    events: list[Event] = []
    bus = Bus("20261122-154218-aaaa", clock)
    bus.subscribe(events.append)
    bus.emit(RunStarted(prompt="What is 15% of 80?", version="1", profile="starter"))
    with bus.acting(CAMINA, doing="plan"):
        bus.emit(ModelLoadStarted(model="small", path="small.gguf", predicted_bytes=2**30))
        bus.emit(
            ModelLoadCompleted(
                model="small",
                duration_s=0.8,
                bytes=2**30,
                resident_bytes=2**30,
                budget_bytes=4 * 2**30,
            )
        )
        with bus.span():
            bus.emit(InferenceStarted(model="small", purpose="plan"))
            clock.advance(0.5)
            usage = Usage(input_tokens=120, output_tokens=30, tokens_per_second=34.04)
            bus.emit(
                InferenceCompleted(
                    model="small",
                    purpose="plan",
                    finish_reason="stop",
                    usage=usage,
                    duration_s=0.5,
                )
            )
        with bus.acting(BELTER, doing="work it out"), bus.acting(DRUMMER):
            call = {"call_id": "c1", "tool": "calculator"}
            with bus.span():
                bus.emit(
                    ToolCallRequested(**call, arguments={"expression": "15% of 80", "digits": 2})
                )
                bus.emit(ToolApprovalDecided(**call, verdict="allow", by="policy", reason="pure"))
                bus.emit(ToolCallStarted(**call))
                bus.emit(Rung(rung="retry", error_class="Timeout", reason="slow"))
                clock.advance(0.25)
                bus.emit(ToolCallCompleted(**call, status="ok", duration_s=0.25))
            bus.emit(GateDecided(verdict="unchecked", checks={"figures": "none to check"}))
        bus.emit(ModelUnloaded(model="small", reason="make room", resident_bytes=0))
    bus.emit(RunCompleted(status="complete", answer="12", exit_code=0, duration_s=0.75))
    return events
