"""The states of a run's tasks: what may begin, what can no longer, what each one used. Pure.

A task is waiting until the tasks it needs have ended, then ready; one whose need gave nothing is
skipped. Ready tasks go by priority, then by the work that waits for them, then by position.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from toollama.agents.messages import PlannedTask


class TaskState(StrEnum):
    """Where a task is. The last five are ends."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Return whether nothing follows this state."""
        return self in _ENDS

    @property
    def gave_findings(self) -> bool:
        """Return whether another task may go on from what this one found."""
        return self in {TaskState.DONE, TaskState.PARTIAL}


_ENDS = frozenset(
    {
        TaskState.DONE,
        TaskState.PARTIAL,
        TaskState.FAILED,
        TaskState.SKIPPED,
        TaskState.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class Metrics:
    """What one task used."""

    started_s: float = 0.0
    ended_s: float = 0.0
    tool_calls: int = 0
    output_tokens: int = 0

    @property
    def duration_s(self) -> float:
        """Return the seconds from its start to its end."""
        return self.ended_s - self.started_s


@dataclass(frozen=True, slots=True)
class Change:
    """One transition, for whoever tells of it."""

    number: int
    before: TaskState | None
    """None where the task is new."""
    state: TaskState
    reason: str = ""


@dataclass(slots=True)
class _Entry:
    task: PlannedTask
    state: TaskState
    metrics: Metrics = field(default_factory=Metrics)


class TaskBoard:
    """The tasks of one run by number, from 1. Every method returns the changes it made."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}

    def add(self, tasks: Iterable[PlannedTask]) -> list[Change]:
        """Take in tasks, numbered on; their needs are numbers of tasks before them."""
        changes: list[Change] = []
        for task in tasks:
            number = len(self._entries) + 1
            if any(not 1 <= need < number for need in task.needs):
                raise ValueError(f"task {number} needs {task.needs}: only earlier tasks can be")
            self._entries[number] = _Entry(task, TaskState.WAITING)
            changes.append(Change(number, None, TaskState.WAITING))
        return changes + self._settle()

    def task(self, number: int) -> PlannedTask:
        """Return a task."""
        return self._entries[number].task

    def state(self, number: int) -> TaskState:
        """Return where a task is."""
        return self._entries[number].state

    def metrics(self, number: int) -> Metrics:
        """Return what a task used so far."""
        return self._entries[number].metrics

    def numbers(self, *states: TaskState) -> list[int]:
        """Return the tasks in these states, by number; without states, all of them."""
        return [n for n, entry in self._entries.items() if not states or entry.state in states]

    def ready(self) -> list[int]:
        """Return the tasks that may begin, most urgent first."""
        depths = self._depths()
        return sorted(
            self.numbers(TaskState.READY),
            key=lambda number: (-self.task(number).priority, -depths[number], number),
        )

    @property
    def ended(self) -> bool:
        """Return whether every task has ended."""
        return all(entry.state.ended for entry in self._entries.values())

    def begin(self, number: int, *, at_s: float) -> list[Change]:
        """Start a ready task."""
        if self.state(number) is not TaskState.READY:
            raise ValueError(f"task {number} is {self.state(number)}, not ready")
        self._entries[number].metrics = Metrics(started_s=at_s)
        return [self._move(number, TaskState.RUNNING)]

    def end(
        self, number: int, state: TaskState, *, metrics: Metrics, reason: str = ""
    ) -> list[Change]:
        """End a running task, and skip what can no longer be done without it."""
        if self.state(number) is not TaskState.RUNNING or not state.ended:
            raise ValueError(f"task {number} cannot go from {self.state(number)} to {state}")
        self._entries[number].metrics = metrics
        return [self._move(number, state, reason), *self._settle()]

    def skip(self, numbers: Sequence[int], *, reason: str) -> list[Change]:
        """Skip those of the tasks that have not begun, and what needs them."""
        idle = [n for n in numbers if self.state(n) in {TaskState.WAITING, TaskState.READY}]
        return [*(self._move(n, TaskState.SKIPPED, reason) for n in idle), *self._settle()]

    def cancel(self, number: int, *, reason: str = "it was cancelled") -> list[Change]:
        """Cancel a task and everything that needs it, as far as it has not ended."""
        doomed = [n for n in self.subtree(number) if not self.state(n).ended]
        return [self._move(n, TaskState.CANCELLED, reason) for n in doomed]

    def subtree(self, number: int) -> list[int]:
        """Return a task and every task that needs it, directly or not."""
        found = {number}
        for other, entry in self._entries.items():
            if found & set(entry.task.needs):
                found.add(other)
        return sorted(found)

    def _settle(self) -> list[Change]:
        """Let waiting tasks be ready or skipped, in order; one pass is enough: needs lie before."""
        changes: list[Change] = []
        for number in self.numbers(TaskState.WAITING):
            needs = [(need, self.state(need)) for need in self.task(number).needs]
            lost = [(n, state) for n, state in needs if state.ended and not state.gave_findings]
            if lost:
                reason = f"it needs task {lost[0][0]}, which was {_WORDS[lost[0][1]]}"
                changes.append(self._move(number, TaskState.SKIPPED, reason))
            elif all(state.ended for _, state in needs):
                changes.append(self._move(number, TaskState.READY))
        return changes

    def _move(self, number: int, state: TaskState, reason: str = "") -> Change:
        entry = self._entries[number]
        change = Change(number, entry.state, state, reason)
        entry.state = state
        return change

    def _depths(self) -> dict[int, int]:
        """Return how long the longest chain of tasks is that waits for each task."""
        followers: dict[int, list[int]] = {number: [] for number in self._entries}
        for number, entry in self._entries.items():
            for need in entry.task.needs:
                followers[need].append(number)

        @cache
        def depth(number: int) -> int:
            return 1 + max(map(depth, followers[number]), default=0)

        return {number: depth(number) for number in self._entries}


_WORDS = {
    TaskState.FAILED: "not done",
    TaskState.SKIPPED: "skipped",
    TaskState.CANCELLED: "cancelled",
}
