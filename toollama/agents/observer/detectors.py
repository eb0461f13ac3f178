"""What is worth telling of a run while it goes on: one small class for each pattern. Pure.

Each tells of one thing once. `see` takes every event in order and must stay far below 50 µs.
"""

import re
from collections import defaultdict
from typing import ClassVar, Literal, Protocol

from toollama.events import Event
from toollama.events.payloads import Insight, Suggestion
from toollama.text import one_line

REPEATS = 2
FAILURES = 2
LOADS_OF_ONE_MODEL = 3
RAISED_BUDGET = 2
"""Times the limit that was too little."""
_EVENTS_CITED = 10
_UNSOURCED = "not in the sources: "
_FIGURE = re.compile(r"\d[\d.,]*")

TaskStep = Literal["retry_task", "stop_task", "leave_out_tool"]


class Detector(Protocol):
    """Sees every event of one run."""

    types: ClassVar[frozenset[str]]
    """The event types that it wants."""

    def see(self, event: Event) -> Insight | None:
        """Return what the event gives away together with those before, if anything."""
        ...


class RepeatedCalls:
    """The same tool with the same arguments, requested again."""

    types: ClassVar[frozenset[str]] = frozenset({"tool.call.requested"})

    def __init__(self) -> None:
        self._seen: dict[str, list[int]] = defaultdict(list)

    def see(self, event: Event) -> Insight | None:
        """Tell at the second call of a kind."""
        key = str(event.data.get("idempotency_key") or event.data.get("call_id"))
        seen = self._seen[key]
        seen.append(event.seq)
        if len(seen) != REPEATS:
            return None
        tool = one_line(str(event.data.get("tool", "")), 60)
        told = f"{tool} is called again with the same arguments"
        return _insight("repeat", told, seen, _of_task(event, "stop_task"))


class FailingTools:
    """One tool that fails again and again."""

    types: ClassVar[frozenset[str]] = frozenset({"tool.call.failed"})

    def __init__(self) -> None:
        self._failed: dict[str, list[int]] = defaultdict(list)

    def see(self, event: Event) -> Insight | None:
        """Tell at the second failure of a tool."""
        tool = one_line(str(event.data.get("tool", "")), 60)
        failed = self._failed[tool]
        failed.append(event.seq)
        if len(failed) != FAILURES:
            return None
        code = one_line(str(event.data.get("code", "")), 60)
        told = f"{tool} failed {FAILURES} times, last: {code}"
        return _insight("failing_tool", told, failed, _of_task(event, "leave_out_tool", tool=tool))


class FailedTasks:
    """A task that ended without findings."""

    types: ClassVar[frozenset[str]] = frozenset({"task.failed"})

    def __init__(self) -> None:
        self._told: set[str] = set()

    def see(self, event: Event) -> Insight | None:
        """Tell once for each task that failed by itself."""
        code = one_line(str(event.data.get("code", "")), 60)
        task = event.task_id or ""
        if not task or task in self._told or code == "cancelled":
            return None
        self._told.add(task)
        told = f"task {one_line(task, 10)} found nothing: {code}"
        return _insight("failed_task", told, [event.seq], _of_task(event, "retry_task"))


class SwapThrash:
    """One model that is loaded, evicted and loaded again."""

    types: ClassVar[frozenset[str]] = frozenset({"model.load.completed"})

    def __init__(self) -> None:
        self._loads: dict[str, list[int]] = defaultdict(list)
        self._seconds: dict[str, float] = defaultdict(float)

    def see(self, event: Event) -> Insight | None:
        """Tell at the third load of a model."""
        model = one_line(str(event.data.get("model", "")), 60)
        loads = self._loads[model]
        loads.append(event.seq)
        self._seconds[model] += float(event.data.get("duration_s") or 0.0)
        if len(loads) != LOADS_OF_ONE_MODEL:
            return None
        told = f"{model} was loaded {len(loads)} times, {self._seconds[model]:.1f} s in all"
        return _insight("swap_thrash", told, loads, Suggestion(what="pin_model", model=model))


class SpentBudget:
    """A limit of the run that was reached."""

    types: ClassVar[frozenset[str]] = frozenset({"budget.refused"})

    def __init__(self) -> None:
        self._told: set[str] = set()

    def see(self, event: Event) -> Insight | None:
        """Tell once for each unit."""
        unit = one_line(str(event.data.get("unit", "")), 20)
        if unit in self._told:
            return None
        self._told.add(unit)
        limit = float(event.data.get("limit") or 0.0)
        more = Suggestion(what="raise_budget", unit=unit, limit=max(limit, 1) * RAISED_BUDGET)
        return _insight("budget", f"the budget of {limit:g} {unit} is spent", [event.seq], more)


class UnsourcedNumbers:
    """Figures that a model wrote and no source has."""

    types: ClassVar[frozenset[str]] = frozenset({"gate.decided"})

    def see(self, event: Event) -> Insight | None:
        """Tell which figures the gate took out."""
        faults = [str(fault) for fault in event.data.get("removed") or ()]
        told = [fault.partition(_UNSOURCED)[2] for fault in faults if _UNSOURCED in fault]
        figures = [figure.rstrip(".,") for text in told for figure in _FIGURE.findall(text)]
        if not figures:
            return None
        named = one_line(", ".join(dict.fromkeys(figures)), 80)
        return _insight("unsourced", f"no source has {named}; it is not in the answer", [event.seq])


def detectors() -> tuple[Detector, ...]:
    """Return a fresh set for one run."""
    return (
        RepeatedCalls(),
        FailingTools(),
        FailedTasks(),
        SwapThrash(),
        SpentBudget(),
        UnsourcedNumbers(),
    )


def _of_task(event: Event, what: TaskStep, *, tool: str = "") -> Suggestion | None:
    """Return a step about the task of an event; a run without tasks has none."""
    number = event.task_id or ""
    return Suggestion(what=what, task=int(number), tool=tool) if number.isdecimal() else None


def _insight(
    kind: str, message: str, events: list[int], suggestion: Suggestion | None = None
) -> Insight:
    return Insight(
        severity="warning",
        kind=kind,
        message=message,
        events=events[-_EVENTS_CITED:],
        suggestion=suggestion,
    )
