"""A plan as a person reads it before it runs. Pure apart from reading the run's roster."""

from typing import Any

from toollama.agents.messages import RouteDecision, RouteKind, TaskGraph
from toollama.agents.run import Run
from toollama.agents.workload import Expected
from toollama.errors import ModelError
from toollama.text import one_line


def outline(
    run: Run,
    decision: RouteDecision,
    graph: TaskGraph,
    expected: Expected | None,
    *,
    request: str,
) -> tuple[str, dict[str, Any]]:
    """Return the plan as YAML text and as data. Nothing in it has run.

    The data is what `agents.plan_file` reads back. `expected` are the loads of the whole run,
    `request` is what the user asked, with where to save the answer.
    """
    tasks = []
    for number, task in enumerate(graph.tasks, start=1):
        tools = task.tools or ("read_file",)
        drummer = run.staff.drummer_for(tools[0], task.ask).removeprefix("drummer.")
        tasks.append(
            {
                "task": number,
                "belter": task.belter,
                "drummer": drummer,
                "ask": str(one_line(task.ask, 400)),
                "tools": list(task.tools),
                "clear": task.clear,
                "needs": list(task.needs),
            }
        )
    data: dict[str, Any] = {
        "request": request,
        "goal": str(one_line(graph.goal)),
        "route": decision.kind.value,
        "models": _models(run, decision, tasks),
        "forecast": _forecast(expected),
        "tasks": tasks,
        "unanswered": list(graph.unanswered),
    }
    return "\n".join(_lines(data)), data


def _forecast(expected: Expected | None) -> dict[str, Any] | None:
    """Return the loads as scheduled, and what they save where task by task would cost more."""
    if expected is None:
        return None
    scheduled, plain = expected.scheduled, expected.task_by_task
    told: dict[str, Any] = {
        "loads": list(scheduled.loads),
        "swaps": scheduled.swaps,
        "load_s": round(scheduled.load_s, 2),
    }
    if plain.swaps > scheduled.swaps:
        told["task_by_task"] = {"swaps": plain.swaps, "load_s": round(plain.load_s, 2)}
    return told


def _models(run: Run, decision: RouteDecision, tasks: list[dict[str, Any]]) -> dict[str, str]:
    if decision.kind in (RouteKind.REPLY, RouteKind.REFUSE):
        return {}
    if decision.kind is RouteKind.SINGLE_TOOL:
        roles = [f"drummer.{task['drummer']}" for task in tasks]
    else:
        roles = ["camina", *(f"drummer.{task['drummer']}" for task in tasks)]
    return {role: _model(run, role) for role in dict.fromkeys(roles)}


def _model(run: Run, role: str) -> str:
    """Return the model of a role, or why there is none: a plan can be read without any."""
    try:
        return run.member(role).model.id
    except ModelError as error:
        return error.message


def _lines(data: dict[str, Any]) -> list[str]:
    lines = [f"{key}: {_scalar(data[key])}" for key in ("request", "goal", "route")]
    lines.append("models:")
    lines += [f"  {role}: {_scalar(model)}" for role, model in data["models"].items()]
    if data["forecast"]:
        lines.append("forecast:")
        lines += [f"  {name}: {_scalar(value)}" for name, value in data["forecast"].items()]
    lines.append("tasks:" if data["tasks"] else "tasks: []")
    for task in data["tasks"]:
        first, *rest = [f"{key}: {_scalar(value)}" for key, value in task.items()]
        lines.append(f"  - {first}")
        lines += [f"    {line}" for line in rest]
    if data["unanswered"]:
        lines.append(f"unanswered: {_scalar(data['unanswered'])}")
    return lines


def _scalar(value: object) -> str:
    """Return a value as a YAML scalar or flow list; JSON strings are YAML."""
    import json

    return json.dumps(value, ensure_ascii=False)
