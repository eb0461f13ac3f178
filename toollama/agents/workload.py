"""What a plan will ask of the models: the agenda that the schedule works from, and its cost.

An agenda names every inference that may come, by task and role. Code often settles one without a
model, so a forecast is what a run costs at most, retries aside.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from toollama.agents.messages import PlannedTask, RouteDecision, RouteKind, TaskGraph
from toollama.agents.run import Member, Run
from toollama.errors import ToolLamaError
from toollama.models.spec import ModelSpec
from toollama.schedule import Agenda, Forecast, Host, Work, forecast, in_sequence

_LOAD_OVERHEAD_S = 0.35
_LOAD_BYTES_PER_S = 1e9
"""A load that nobody has measured: what people report of NVMe disks through llama-swap."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The loads of a run as it is scheduled, and as they would be task by task."""

    scheduled: Forecast
    task_by_task: Forecast


def key(task: str | None, role: str) -> str:
    """Return what the agenda calls the work of a role on a task; None is the run itself."""
    return f"{task or ''}/{role}"


def agenda(run: Run, decision: RouteDecision, graph: TaskGraph) -> Agenda:
    """Return the inferences that are still to come once the plan is made.

    A model whose file is not here has none: the task that needs it fails when it gets there.
    """
    works: list[Work] = []
    exact = decision.kind is RouteKind.SINGLE_TOOL
    for number, task in enumerate(graph.tasks, start=1):
        needs = tuple(_last(need) for need in task.needs)
        for member in [] if exact else _members(run, task):
            work = Work(key(str(number), member.role.name), member.model.id, needs)
            needs = (work.key,)
            works.append(work)
        works.append(Work(_last(number), needs=needs))
    writer = None if exact else _member(run, run.staff.writer(graph))
    if writer and _is_asked_to_write(writer, decision, graph):
        ends = tuple(_last(number) for number in range(1, len(graph.tasks) + 1))
        works.append(Work(key(None, writer.role.name), writer.model.id, ends))
    return Agenda(works)


def keys_of_task(works: Agenda, number: int) -> list[str]:
    """Return the keys of everything that belongs to one task."""
    return [work.key for work in works if work.key.startswith(key(str(number), ""))]


async def expected_loads(
    run: Run, decision: RouteDecision, graph: TaskGraph, *, past_load_s: Mapping[str, float]
) -> Expected | None:
    """Return the loads of a whole run that begins with nothing in memory.

    `past_load_s` are measured loads by model; others are taken to read 1 GB/s. None where a model
    cannot be loaded at all, which the run itself would tell.
    """
    works = list(agenda(run, decision, graph))
    camina = _member(run, "camina") if _plans_by_model(run, decision) else None
    if camina is not None:
        first = Work("plan", camina.model.id)
        rest = [Work(w.key, w.model, (*w.needs, first.key), w.seconds) for w in works]
        works = [first, *rest]
    needed = {work.model for work in works if work.model}
    members = filter(None, (_member(run, role) for role in run.crew)) if needed else ()
    specs = {member.model.id: member.model for member in members}
    try:
        host = await _host(run, {model: specs[model] for model in needed}, past_load_s)
    except ToolLamaError:
        return None
    whole = Agenda(works)
    return Expected(forecast(whole, host), forecast(in_sequence(whole), host))


async def _host(run: Run, specs: Mapping[str, ModelSpec], past_load_s: Mapping[str, float]) -> Host:
    engine = run.pool.engine
    sizes = {}
    for model, spec in specs.items():
        attempts = await engine.plan_load(spec, ())
        sizes[model] = attempts[0].total_bytes
    guessed_s = {
        model: _LOAD_OVERHEAD_S + size / _LOAD_BYTES_PER_S if size else 0.0
        for model, size in sizes.items()
    }
    return Host(
        model_bytes=sizes,
        budget_bytes=engine.status().budget_bytes,
        load_s={model: past_load_s.get(model, guessed_s[model]) for model in sizes},
    )


def _last(number: int) -> str:
    """Return the key of a task's end: its tool's answer."""
    return key(str(number), "tool")


def _members(run: Run, task: PlannedTask) -> list[Member]:
    """Return who may have to be asked about a task, in order."""
    if task.about_text:
        return []
    belter = _member(run, f"belter.{task.belter}")
    drummer = _member(run, run.staff.drummer_for(task.tools[0], task.ask))
    members = []
    if belter and not task.clear and min(len(task.tools), belter.trust.tool_choices) > 1:
        members.append(belter)
    if drummer and drummer.trust.fills_arguments:
        members.append(drummer)
    return members


def _member(run: Run, role: str) -> Member | None:
    with suppress(ToolLamaError):
        return run.member(role)
    return None


def _is_asked_to_write(writer: Member, decision: RouteDecision, graph: TaskGraph) -> bool:
    about_text = bool(graph.tasks) and graph.tasks[0].about_text
    return writer.trust.writes_prose or about_text or decision.kind is RouteKind.ANSWER


def _plans_by_model(run: Run, decision: RouteDecision) -> bool:
    camina = _member(run, "camina") if decision.kind is RouteKind.PLAN else None
    return camina is not None and camina.trust.plans and run.request.plan is None
