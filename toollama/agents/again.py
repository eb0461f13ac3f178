"""What a run that does some of an earlier one again takes over from its log. Pure.

The task that is done again goes with everything that needs it. What the second plan made up for is
done again too: which task a replanned one stands for depends on which ones fail.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toollama.agents.journal import fold
from toollama.agents.messages import EvidenceRecord, PlannedTask, Revision, TaskGraph
from toollama.errors import InputError
from toollama.events import Event
from toollama.events.payloads import (
    AgentCompleted,
    AgentFailed,
    AgentStarted,
    AmendmentSettled,
    Checkpoint,
    EvidenceAdded,
    FollowUpResolved,
    PlanCreated,
    PlanUpdated,
    RouteDecided,
    SlotFilled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    ToolApprovalDecided,
    ToolCallCompleted,
    ToolCallFailed,
    ToolCallRequested,
    ToolCallStarted,
)

_OF_A_TASK = (
    AgentCompleted,
    AgentFailed,
    AgentStarted,
    EvidenceAdded,
    SlotFilled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    ToolApprovalDecided,
    ToolCallCompleted,
    ToolCallFailed,
    ToolCallRequested,
    ToolCallStarted,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is taken over, in the order of the log."""

    events: tuple[Event, ...]
    evidence: tuple[EvidenceRecord, ...]


def kept(events: Sequence[Event], evidence: Iterable[EvidenceRecord], *, task: int | None) -> Kept:
    """Return what stays of a run when a task, or with None all of it, is done again.

    Raises `InputError` where the run has no such task.
    """
    texts = list(evidence)
    plan = [] if task is None else _plan(events)
    original = None if task is None else _original(events, plan, task)
    done = set() if original is None else set(range(1, len(plan) + 1)) - subtree(plan, original)
    ids = {str(number) for number in done}
    stay = [
        event
        for event in events
        if _stays(event, ids) or (task is not None and _is_plan(event, len(plan)))
    ]
    numbered = _renumbered(stay)
    return Kept(tuple(numbered), tuple(fold(numbered, texts).evidence.values()))


def subtree(tasks: Sequence[PlannedTask], number: int) -> set[int]:
    """Return a task and every task that needs it, directly or not."""
    found = {number}
    for other, task in enumerate(tasks, start=1):
        if found & set(task.needs):
            found.add(other)
    return found


def _plan(events: Sequence[Event]) -> list[PlannedTask]:
    """Return the tasks of the first plan and of what was added to it, by number from 1.

    Without a plan in the log there are none; what was added after a second plan is left out.
    """
    tasks: list[PlannedTask] = []
    for event in events:
        match event.known_payload():
            case Checkpoint(step="plan", value=(_, graph)):
                tasks = list(TaskGraph.model_validate(graph).tasks)
            case Checkpoint(step="amendment", value=value):
                revision = Revision.model_validate(value)
                if revision.after == len(tasks):
                    tasks += revision.tasks
    return tasks


def _original(events: Sequence[Event], plan: Sequence[PlannedTask], task: int) -> int:
    """Return the task that a number means: a replanned one means the one it stands for."""
    if 1 <= task <= len(plan):
        return task
    listed = [e.data["tasks"] for e in events if isinstance(e.known_payload(), PlanCreated)]
    again = listed[-1][task - 1] if listed and 1 <= task <= len(listed[-1]) else {}
    asks = [each.ask for each in plan]
    if again.get("ask") not in asks:
        raise InputError(
            f"the plan of this run has no task {task}",
            fix=f"one of 1 to {len(plan)}" if plan else "run all of it again",
        )
    return asks.index(again["ask"]) + 1


def _stays(event: Event, done: set[str]) -> bool:
    match event.known_payload():
        case FollowUpResolved() | EvidenceAdded(tool=""):
            return True
        case Checkpoint(step="report", key=number):
            return number in done
        case Checkpoint(step="tool_result"):
            return event.task_id in done
        case payload:
            return isinstance(payload, _OF_A_TASK) and event.task_id in done


def _is_plan(event: Event, tasks: int) -> bool:
    match event.known_payload():
        case Checkpoint(step="plan") | RouteDecided():
            return True
        case Checkpoint(step="amendment", value=value):
            return bool(value["after"] + len(value["tasks"]) <= tasks)
        case PlanCreated(tasks=listed):
            return len(listed) <= tasks
        case PlanUpdated(first=first, tasks=added):
            return first + len(added) - 1 <= tasks
        case payload:
            return isinstance(payload, AmendmentSettled) and payload.outcome == "taken"


def _renumbered(events: Iterable[Event]) -> list[Event]:
    """Return the events with the calls counted from 1: later ids go on from their number."""
    ids: dict[str, str] = {}
    found: list[Event] = []
    for event in events:
        payload = event.known_payload()
        if isinstance(payload, ToolCallRequested):
            ids[payload.call_id] = f"c{len(ids) + 1}"
        data = dict(event.data)
        if isinstance(payload, Checkpoint) and payload.step == "tool_result":
            data["key"] = ids.get(payload.key, payload.key)
        elif "call_id" in data:
            data["call_id"] = ids.get(data["call_id"], data["call_id"])
        found.append(event.model_copy(update={"data": data}))
    return found
