"""Do a step once: its result is logged whole, and a resumed run reads it instead of doing it again.

What is replayed leaves no new events; the ones of the first time are in the log.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Literal, TypeVar

from pydantic import TypeAdapter

from toollama.agents.journal import LoggedCall
from toollama.agents.messages import Revision, RouteDecision, TaskGraph, TaskReport
from toollama.agents.recording import RESULT, logged_result
from toollama.agents.run import Run
from toollama.events import Bus, Event
from toollama.events.bus import Span
from toollama.events.payloads import Checkpoint
from toollama.tools.base import ToolResult

T = TypeVar("T")

_PLAN = TypeAdapter(tuple[RouteDecision, TaskGraph])
_REPORT = TypeAdapter(TaskReport)
_TEXT = TypeAdapter(str)


async def plan(
    run: Run, make: Callable[[], Awaitable[tuple[RouteDecision, TaskGraph]]]
) -> tuple[RouteDecision, TaskGraph]:
    """Return the logged plan of the run, or make it."""
    return await _once(run, "plan", "", _PLAN, make)


async def text(run: Run, key: str, make: Callable[[], Awaitable[str]]) -> str:
    """Return what a model wrote for this request, or have it written."""
    return await _once(run, "inference", key, _TEXT, make)


async def report(run: Run, task_no: int, make: Callable[[], Awaitable[TaskReport]]) -> TaskReport:
    """Return the logged report of a task, with the evidence of its calls, or have it made."""
    task_id = str(task_no)
    logged = run.journal.take("report", task_id)
    if logged is None:
        made = await make()
        run.bus.emit(
            Checkpoint(step="report", key=task_id, value=_REPORT.dump_python(made, mode="json"))
        )
        return made
    run.restore(run.journal.evidence_of_task(task_id))
    return _REPORT.validate_python(logged)


def due_revision(run: Run, *, tasks: int) -> Revision | None:
    """Return the logged revision that was made when the plan had this many tasks, or None."""
    logged = run.journal.due_revision(tasks=tasks)
    return None if logged is None else Revision.model_validate(logged)


def keep_revision(run: Run, revision: Revision) -> None:
    """Log what an amendment changes, before it does."""
    run.bus.emit(
        Checkpoint(
            step="amendment",
            key=str(revision.amendment),
            value=revision.model_dump(mode="json"),
        )
    )


def retell(bus: Bus, events: Iterable[Event]) -> list[Event]:
    """Tell events of another run as those of this one, at their places; return them as told."""
    told: list[Event] = []
    for event in events:
        payload = event.known_payload()
        if payload is not None:
            place = Span(event.span_id, event.parent_span_id, event.agent, event.task_id)
            told.append(bus.emit(payload, span=place))
    return told


def keep_result(run: Run, call_id: str, result: ToolResult, evidence: list[str]) -> None:
    """Log the result of a call. Its long text is left to the evidence, where there is any."""
    kept = RESULT.dump_python(result, mode="json", fallback=str)
    if evidence:
        kept["text"] = ""
    value = {"result": kept, "evidence": evidence}
    run.bus.emit(Checkpoint(step="tool_result", key=call_id, value=value))


def outcome(run: Run, call: LoggedCall) -> tuple[ToolResult, list[str]] | None:
    """Return the logged result of a call with its evidence, or None where it is unknown.

    Raises the `ToolFailure` that it ended with.
    """
    result = logged_result(call, run.journal.evidence)
    if result is None:
        return None
    evidence = list(call.evidence)
    run.restore([run.journal.evidence[id_] for id_ in evidence if id_ in run.journal.evidence])
    return result, evidence


async def _once(
    run: Run,
    step: Literal["plan", "inference"],
    key: str,
    kind: TypeAdapter[T],
    make: Callable[[], Awaitable[T]],
) -> T:
    logged = run.journal.take(step, key)
    if logged is not None:
        return kind.validate_python(logged)
    made = await make()
    run.bus.emit(Checkpoint(step=step, key=key, value=kind.dump_python(made, mode="json")))
    return made
