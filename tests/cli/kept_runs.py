"""A log with two conversations, for the commands that read or change it."""

from datetime import UTC, datetime

from toollama import paths
from toollama.clock import FixedClock
from toollama.events import Agent, Bus
from toollama.events.payloads import (
    MessageCompleted,
    RunCompleted,
    RunStarted,
    ToolCallCompleted,
    ToolCallRequested,
)
from toollama.store import Store

FIRST, SECOND, OTHER = "20261122-150000-aaaa", "20261122-150100-bbbb", "20261122-150200-cccc"
MAIL = "someone@example.org"


def keep() -> None:
    """Log the runs."""
    clock = FixedClock(datetime(2026, 11, 22, 15, tzinfo=UTC))
    store = Store.open(paths.database(), clock)
    for run_id, session, prompt, distance in (
        (FIRST, "trip", "How far is Oslo?", 1000),
        (SECOND, "trip", "And Bergen?", 1200),
        (OTHER, OTHER, f"Write to {MAIL}\x1b[2J", 0),
    ):
        bus = Bus(run_id, clock)
        bus.subscribe(store.append)
        bus.emit(RunStarted(prompt=prompt, version="1", profile="starter", session=session))
        with bus.acting(Agent(id="camina", name="camina", role="camina"), doing="answer"):
            bus.emit(
                ToolCallRequested(call_id="1", tool="distance", arguments={"city": prompt[-7:]})
            )
            clock.advance(2.0)
            bus.emit(
                ToolCallCompleted(
                    call_id="1", tool="distance", status="ok", statements=[f"{distance} km."]
                )
            )
        answer = f"It is {distance} km.\nBy road."
        bus.emit(MessageCompleted(text=answer))
        bus.emit(RunCompleted(status="complete", answer=answer, exit_code=0, duration_s=2.0))
        clock.advance(58.0)
    store.close()
