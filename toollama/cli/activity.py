"""What a run is doing now: a fold over its events, and the words for it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from toollama.text import one_line

if TYPE_CHECKING:
    from toollama.events import Event

FRAME_S = 0.1
"""How long each position of the turning mark is shown."""
_FRAMES = "|/-\\"
_TAIL_CHARACTERS = 40
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Activity:
    """What a run is doing now, as far as its events tell."""

    agent: str = ""
    doing: str = ""
    loading: str = ""
    """The model whose file is being read."""
    loaded_fraction: float = 0.0
    tool: str = ""
    tasks: int = 0
    tasks_ended: int = 0
    memory: str = ""
    """What resident models hold of the budget, where there is one."""
    writing: str = ""
    """The end of what is written and not shown yet."""

    @property
    def percent(self) -> int | None:
        """Return how far the load or the plan is; None where nobody knows."""
        if self.loading:
            return int(100 * min(max(self.loaded_fraction, 0.0), 1.0))
        return 100 * min(self.tasks_ended, self.tasks) // self.tasks if self.tasks > 1 else None

    def line(self, elapsed_s: float) -> str:
        """Return the activity as one line: who, what, which model or tool, how long."""
        parts = [
            f"{self.agent} {self.doing}".strip(),
            f"{self.tasks_ended}/{self.tasks} tasks" if self.tasks > 1 else "",
            f"loading {self.loading} {self.loaded_fraction:.0%}" if self.loading else "",
            self.tool,
            self.memory,
            f"… {one_line(self.writing[-_TAIL_CHARACTERS:])}" if self.writing else "",
            f"{elapsed_s:.0f} s",
        ]
        frame = _FRAMES[int(elapsed_s / FRAME_S) % len(_FRAMES)]
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
    """Return the activity after one more event."""
    change = _CHANGES.get(event.type)
    return replace(activity, **change(activity, event)) if change else activity


def _begin(_activity: Activity, event: "Event") -> dict[str, Any]:
    agent = event.agent.name if event.agent else ""
    return {"agent": agent, "doing": str(event.data.get("doing", ""))}


def _infer(_activity: Activity, event: "Event") -> dict[str, Any]:
    return {"doing": str(event.data.get("purpose", ""))}


def _load(_activity: Activity, event: "Event") -> dict[str, Any]:
    return {"loading": str(event.data.get("model", "")), "loaded_fraction": 0.0}


def _load_more(_activity: Activity, event: "Event") -> dict[str, Any]:
    return {"loaded_fraction": float(event.data.get("fraction", 0.0))}


def _loaded(activity: Activity, event: "Event") -> dict[str, Any]:
    held, budget = event.data.get("resident_bytes"), event.data.get("budget_bytes")
    memory = f"{held / _GIB:.1f}/{budget / _GIB:.1f} GiB" if held and budget else activity.memory
    return {"loading": "", "loaded_fraction": 0.0, "memory": memory}


def _call(_activity: Activity, event: "Event") -> dict[str, Any]:
    return {"tool": str(event.data.get("tool", ""))}


def _called(_activity: Activity, _event: "Event") -> dict[str, Any]:
    return {"tool": ""}


def _plan(_activity: Activity, event: "Event") -> dict[str, Any]:
    return {"tasks": len(event.data.get("tasks", ())), "tasks_ended": 0}


def _plan_more(_activity: Activity, event: "Event") -> dict[str, Any]:
    return {"tasks": int(event.data.get("first", 1)) - 1 + len(event.data.get("tasks", ()))}


def _end_task(activity: Activity, _event: "Event") -> dict[str, Any]:
    return {"tasks_ended": activity.tasks_ended + 1}


def _write(activity: Activity, event: "Event") -> dict[str, Any]:
    written = activity.writing + str(event.data.get("text", ""))
    return {"writing": written.rpartition("\n")[2][-_TAIL_CHARACTERS:]}


def _written(_activity: Activity, _event: "Event") -> dict[str, Any]:
    return {"writing": ""}


_CHANGES: dict[str, Callable[[Activity, "Event"], dict[str, Any]]] = {
    "agent.started": _begin,
    "inference.started": _infer,
    "model.load.started": _load,
    "model.load.progress": _load_more,
    "model.load.completed": _loaded,
    "model.load.failed": _loaded,
    "tool.call.started": _call,
    "tool.call.completed": _called,
    "tool.call.failed": _called,
    "plan.created": _plan,
    "plan.updated": _plan_more,
    "task.completed": _end_task,
    "task.failed": _end_task,
    "message.delta": _write,
    "message.completed": _written,
}
"""What each type of event changes."""
