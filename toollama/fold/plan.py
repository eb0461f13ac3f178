"""The plan as a tree: the request, its tasks, and the calls that each task makes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from toollama.events import Event, payloads
from toollama.text import Visible, one_line

Status = Literal["waiting", "ready", "running", "done", "partial", "failed", "skipped", "cancelled"]
ROOT = "run"
_NOTHING = Visible("")
_DETAIL_CHARACTERS = 160
_ENDED: frozenset[Status] = frozenset({"done", "partial", "failed", "skipped", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One row of the plan."""

    key: str
    parent: str
    """The key of the row above it; empty for the run itself."""
    label: Visible
    status: Status
    detail: Visible = _NOTHING
    duration_s: float | None = None
    task: int | None = None
    retries: int = 0
    first_seq: int = 0
    """The event that the row began with."""

    @property
    def ended(self) -> bool:
        """Return whether nothing more happens here."""
        return self.status in _ENDED


class PlanFold:
    """The rows so far, by key, in the order in which they began."""

    def __init__(self) -> None:
        self.nodes: dict[str, PlanNode] = {}
        self.changed: set[str] = set()
        """Keys that changed since a reader last cleared this."""

    def take(self, event: Event, payload: payloads.Payload) -> None:
        """Let one event change the rows."""
        match payload:
            case payloads.RunStarted():
                self._put(ROOT, "", one_line(payload.prompt), "running", event)
            case payloads.RunCompleted():
                self.end("done" if payload.status == "complete" else "partial", payload.duration_s)
            case payloads.RunFailed():
                self.end("failed", payload.duration_s)
            case payloads.RunCancelled():
                self.end("cancelled", payload.duration_s)
            case payloads.PlanCreated():
                self._planned(payload.tasks, event)
            case payloads.PlanUpdated():
                self._planned(payload.tasks, event, first=payload.first)
            case payloads.TaskChanged():
                self._task_changed(payload, event)
            case payloads.Rung():
                self._rung(payload, event)
            case _:
                self._call(event, payload)

    def tasks(self) -> list[PlanNode]:
        """Return the rows that are tasks, by number."""
        found = (node for node in self.nodes.values() if node.key.startswith("task:"))
        return sorted(found, key=lambda node: node.task or 0)

    def counts(self) -> tuple[int, int, int]:
        """Return how many tasks are done, failed and there at all."""
        states = [node.status for node in self.tasks()]
        good = sum(state in {"done", "partial"} for state in states)
        bad = sum(state in {"failed", "cancelled", "skipped"} for state in states)
        return good, bad, len(states)

    def _put(self, key: str, parent: str, label: Visible, status: Status, event: Event) -> PlanNode:
        node = PlanNode(key=key, parent=parent, label=label, status=status, first_seq=event.seq)
        self.nodes[key] = node
        self.changed.add(key)
        return node

    def _update(self, key: str, **fields: object) -> None:
        if key in self.nodes:
            self.nodes[key] = replace(self.nodes[key], **fields)  # type: ignore[arg-type]
            self.changed.add(key)

    def end(self, status: Status, duration_s: float | None = None) -> None:
        """End the run; what has begun and not ended by itself is cancelled with it.

        A run that only made a plan ends well, and its tasks still wait to be run.
        """
        self._update(ROOT, status=status, duration_s=duration_s)
        well = status in {"done", "partial"}
        for node in [node for node in self.nodes.values() if not node.ended]:
            if not (well and node.status == "waiting"):
                self._update(node.key, status="cancelled")

    def _planned(self, tasks: Iterable[Mapping[str, Any]], event: Event, *, first: int = 1) -> None:
        for number, task in enumerate(tasks, start=first):
            key = f"task:{number}"
            label = one_line(f"{task.get('belter', '')}: {task.get('ask', '')}", 200)
            needs = task.get("needs") or ()
            detail = "needs " + ", ".join(map(str, needs)) if needs else ""
            if key not in self.nodes:
                self._put(key, ROOT, label, "waiting", event)
            self._update(key, label=label, detail=one_line(detail), task=number)

    def _task_changed(self, payload: payloads.TaskChanged, event: Event) -> None:
        key = f"task:{payload.task}"
        if key not in self.nodes:
            self._put(key, ROOT, one_line(f"task {payload.task}"), "waiting", event)
        known = self.nodes[key]
        detail = one_line(payload.reason, _DETAIL_CHARACTERS) if payload.reason else known.detail
        self._update(
            key,
            status=payload.state,
            task=payload.task,
            detail=detail,
            duration_s=payload.duration_s or known.duration_s,
        )

    def _rung(self, payload: payloads.Rung, event: Event) -> None:
        key = f"task:{event.task_id}"
        if payload.rung in {"retry", "repair", "sibling"} and key in self.nodes:
            self._update(key, retries=self.nodes[key].retries + 1)

    def _call(self, event: Event, payload: payloads.Payload) -> None:
        match payload:
            case payloads.ToolCallRequested():
                given = ", ".join(f"{name}={value}" for name, value in payload.arguments.items())
                node = self._put(
                    f"call:{payload.call_id}",
                    self._above(event),
                    one_line(payload.tool),
                    "running",
                    event,
                )
                self._update(node.key, detail=one_line(given, _DETAIL_CHARACTERS))
            case payloads.ToolCallCompleted():
                status: Status = "done" if payload.status == "ok" else "partial"
                self._update(
                    f"call:{payload.call_id}", status=status, duration_s=payload.duration_s
                )
            case payloads.ToolCallFailed():
                reason = one_line(f"{payload.code}: {payload.message}", _DETAIL_CHARACTERS)
                self._update(
                    f"call:{payload.call_id}",
                    status="failed",
                    detail=reason,
                    duration_s=payload.duration_s,
                )
            case _:
                return

    def _above(self, event: Event) -> str:
        key = f"task:{event.task_id}"
        return key if key in self.nodes else ROOT


def order(nodes: Iterable[PlanNode]) -> list[PlanNode]:
    """Return the rows with every row behind the one it hangs below."""
    below: dict[str, list[PlanNode]] = {}
    for node in nodes:
        below.setdefault(node.parent, []).append(node)

    def walk(parent: str) -> Iterable[PlanNode]:
        for node in below.get(parent, ()):
            yield node
            yield from walk(node.key)

    return list(walk(""))
