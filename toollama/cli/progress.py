"""What the person waiting sees: one status line, lines to be read aloud, or every event.

All are readers of the event stream; only `StatusLine` repaints.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.cli.activity import FRAME_S, Activity, follow
from toollama.text import Visible, one_line, visible

if TYPE_CHECKING:
    from toollama.clock import Clock
    from toollama.events import Event

_SPOKEN_EVERY_S = 5.0
_HEARTBEAT_EVERY_S = 30.0
_DETAILS = (
    "doing", "purpose", "kind", "belter", "ask", "model", "tool", "parameter", "verdict", "rung",
    "status", "reason", "code", "message", "duration_s",
)  # fmt: skip


def event_line(event: "Event") -> Visible:
    """Return an event as one line: number, time, agent, type and its most telling fields."""
    who = event.agent.name if event.agent else "-"
    told = [(name, event.data[name]) for name in _DETAILS if event.data.get(name)]
    details = " ".join(
        f"{name}={value:.2f}" if isinstance(value, float) else f"{name}={value}"
        for name, value in told
    )
    return one_line(
        f"{event.seq} {event.ts.astimezone():%H:%M:%S} {who} {event.type} {details}", 160
    )


def whole_event_line(event: "Event") -> Visible:
    """Return an event as one line with all of its data as JSON."""
    from pydantic_core import to_json

    who = event.agent.name if event.agent else "-"
    data = to_json(event.data, inf_nan_mode="null").decode()
    return visible(f"{event.seq} {event.ts.astimezone():%H:%M:%S} {who} {event.type} {data}")


class Thoughts:
    """A subscriber that tells what models think before they write, line by line."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}
        """The line that each inference is at, by its span."""

    def __call__(self, event: "Event") -> None:
        """Tell the lines that an event completes."""
        if event.type == "reasoning.delta":
            thought = self._held.get(event.span_id, "") + str(event.data.get("text", ""))
            *lines, self._held[event.span_id] = thought.split("\n")
        elif event.type in {"inference.completed", "inference.failed"}:
            lines = [self._held.pop(event.span_id, "")]
        else:
            return
        for line in filter(str.strip, lines):
            out.aside(line)


class StatusLine:
    """A subscriber that keeps one line at the foot of the terminal up to date."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._activity = Activity()

    def __call__(self, event: "Event") -> None:
        """Take in one event; the next repaint shows it."""
        self._activity = follow(self._activity, event)

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Repaint the line while the block runs, then erase it."""
        painter = asyncio.create_task(self._repaint())
        try:
            yield
        finally:
            painter.cancel()
            with suppress(asyncio.CancelledError, out.BrokenPipe):
                await painter
            with suppress(out.BrokenPipe):
                out.clear_status()

    async def _repaint(self) -> None:
        while True:
            out.status(self._activity.line(self._clock.monotonic_s() - self._started_s))
            await asyncio.sleep(FRAME_S)


class SpokenLines:
    """A subscriber that tells what goes on in whole lines, for those who hear the screen.

    A line comes when something new begins, at most every 5 s, and every 30 s where nothing does.
    """

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self._started_s = self._said_s = clock.monotonic_s()
        self._activity = Activity()
        self._said = ""

    def __call__(self, event: "Event") -> None:
        """Take in one event, and say what it began."""
        self._activity = follow(self._activity, event)
        self.tick()

    def tick(self) -> None:
        """Say what goes on, if it is time to."""
        now_s = self._clock.monotonic_s()
        doing = self._activity.spoken()
        silent_s = now_s - self._said_s
        due = silent_s >= (_SPOKEN_EVERY_S if doing != self._said else _HEARTBEAT_EVERY_S)
        if doing and (due or not self._said):
            self._said, self._said_s = doing, now_s
            out.note(f"{doing} ({now_s - self._started_s:.0f} s)")

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Keep telling while the block runs."""
        heart = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            heart.cancel()
            with suppress(asyncio.CancelledError, out.BrokenPipe):
                await heart

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_SPOKEN_EVERY_S)
            self.tick()
