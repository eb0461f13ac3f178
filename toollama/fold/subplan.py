"""A task of a finished plan as a plan of its own, with what it needs. Pure."""

from typing import Any

from pydantic import ValidationError

from toollama.agents.plan_file import PlanFile
from toollama.errors import InputError
from toollama.fold import RunView

_FIELDS = ("belter", "ask", "tools", "clear")


def plan_for(view: RunView, task: int) -> tuple[PlanFile, str]:
    """Return the plan and the request that run a task again. Raises `InputError`."""
    planned = [event for event in view.events.values() if event.type == "plan.created"]
    tasks: list[dict[str, Any]] = planned[-1].data.get("tasks", []) if planned else []
    if not 1 <= task <= len(tasks):
        raise InputError(f"the plan of this run has no task {task}", fix="select a task first")
    wanted = _closure(tasks, task)
    place = {number: at for at, number in enumerate(wanted, start=1)}
    chosen = [_renumbered(tasks[number - 1], place, at) for number, at in place.items()]
    ask = str(tasks[task - 1].get("ask", ""))
    try:
        return PlanFile.model_validate({"request": ask, "goal": ask[:160], "tasks": chosen}), ask
    except ValidationError as error:
        raise InputError(
            f"task {task} cannot be asked again: {error.errors()[0]['msg']}",
            fix="ask for it in your own words",
        ) from None


def _closure(tasks: list[dict[str, Any]], task: int) -> list[int]:
    wanted: set[int] = set()
    open_: list[int] = [task]
    while open_:
        number = open_.pop()
        if number in wanted or not 1 <= number <= len(tasks):
            continue
        wanted.add(number)
        open_ += [int(need) for need in tasks[number - 1].get("needs", ())]
    return sorted(wanted)


def _renumbered(task: dict[str, Any], place: dict[int, int], at: int) -> dict[str, Any]:
    kept = {name: task[name] for name in _FIELDS if name in task}
    needs = [place[need] for need in task.get("needs", ()) if need in place]
    return {**kept, "task": at, "needs": needs}
