"""What the person waiting sees: one status line, or with `-v` one line per event.

Both are readers of the event stream. The fold over events is pure; only `StatusLine` repaints.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from toollama.cli import out
from toollama.text import Visible, one_line

if TYPE_CHECKING:
    from toollama.clock import Clock
    from toollama.events import Event

_FRAMES = "|/-\\"
_REPAINT_EVERY_S = 0.1
_TAIL_CHARACTERS = 40
_SPOKEN_EVERY_S = 5.0
_HEARTBEAT_EVERY_S = 30.0
_DETAILS = (
    "doing", "purpose", "kind", "belter", "ask", "model", "tool", "parameter", "verdict", "rung",
    "status", "reason", "code", "message", "duration_s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Activity:
    """What a run is doing now, as far as its events tell."""

    agent: str = ""
    doing: str = ""
    loading: str = ""
    """The model whose file is being read."""
    loaded_fraction: float = 0.0
    tool: str = ""
    writing: str = ""
    """The end of what is written and not shown yet."""

    def line(self, elapsed_s: float) -> str:
        """Return the activity as one line: who, what, which model or tool, how long."""
        parts = [
            f"{self.agent} {self.doing}".strip(),
            f"loading {self.loading} {self.loaded_fraction:.0%}" if self.loading else "",
            self.tool,
            f"… {one_line(self.writing[-_TAIL_CHARACTERS:])}" if self.writing else "",
            f"{elapsed_s:.0f} s",
        ]
        frame = _FRAMES[int(elapsed_s / _REPAINT_EVERY_S) % len(_FRAMES)]
        return f"{frame} {' · '.join(part for part in parts if part)}"

    def spoken(self) -> str:
        """Return the activity as a line to be read aloud: `[camina] answer, weather`."""
        parts = [
            self.doing,
            f"loading {self.loading}" if self.loading else "",
            self.tool,
        ]
        told = ", ".join(part for part in parts if part)
        return f"[{self.agent or 'toollama'}] {told}" if told else ""


def follow(activity: Activity, event: "Event") -> Activity:
    """Return the activity after one more event. Pure."""
    data: dict[str, Any] = event.data
    match event.type:
        case "agent.started":
            agent = event.agent.name if event.agent else ""
            return replace(activity, agent=agent, doing=str(data.get("doing", "")))
        case "inference.started":
            return replace(activity, doing=str(data.get("purpose", "")))
        case "model.load.started":
            return replace(activity, loading=str(data.get("model", "")), loaded_fraction=0.0)
        case "model.load.progress":
            return replace(activity, loaded_fraction=float(data.get("fraction", 0.0)))
        case "model.load.completed" | "model.load.failed":
            return replace(activity, loading="", loaded_fraction=0.0)
        case "tool.call.started":
            return replace(activity, tool=str(data.get("tool", "")))
        case "tool.call.completed" | "tool.call.failed":
            return replace(activity, tool="")
        case "message.delta":
            written = activity.writing + str(data.get("text", ""))
            return replace(activity, writing=written.rpartition("\n")[2][-_TAIL_CHARACTERS:])
        case "message.completed":
            return replace(activity, writing="")
        case _:
            return activity


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
            await asyncio.sleep(_REPAINT_EVERY_S)


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
