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

    def line(self, elapsed_s: float) -> str:
        """Return the activity as one line: who, what, which model or tool, how long."""
        parts = [
            f"{self.agent} {self.doing}".strip(),
            f"loading {self.loading} {self.loaded_fraction:.0%}" if self.loading else "",
            self.tool,
            f"{elapsed_s:.0f} s",
        ]
        frame = _FRAMES[int(elapsed_s / _REPAINT_EVERY_S) % len(_FRAMES)]
        return f"{frame} {' · '.join(part for part in parts if part)}"


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
