"""A plan as a file: what `ask --plan-only --json` prints, read back after a person edited it.

A tool or role that does not exist, or a task that needs a later one, is refused with its place and
what would mend it. Which models play is not read from the file: it stands there to be seen.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from toollama.agents.messages import MAX_TASKS, PlannedTask, TaskGraph
from toollama.errors import InputError
from toollama.text import one_line

if TYPE_CHECKING:
    from toollama.models.spec import RoleSpec
    from toollama.tools.registry import Registry

_EXAMPLE = 'toollama ask --plan-only --json "…" > plan.json'


class PlannedInFile(BaseModel):
    """One task as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: int
    belter: str
    drummer: str = ""
    """Follows from the first tool; another one is refused."""
    ask: Annotated[str, Field(min_length=3, max_length=400)]
    tools: tuple[str, ...] = ()
    clear: bool = True
    needs: tuple[int, ...] = ()


class PlanFile(BaseModel):
    """A whole plan as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: str = ""
    goal: str = ""
    route: str = ""
    models: dict[str, str] = {}
    forecast: Any = None
    tasks: Annotated[tuple[PlannedInFile, ...], Field(min_length=1, max_length=MAX_TASKS)]
    unanswered: tuple[str, ...] = ()


def parse(text: str | bytes, *, name: str) -> PlanFile:
    """Return the plan in the text of a file called `name`. Raises `InputError`."""
    try:
        return PlanFile.model_validate(from_json(text))
    except ValidationError as error:
        first = error.errors()[0]
        place = _place(first["loc"])
        raise InputError(
            f"{name}: {place}{one_line(first['msg'])}", fix=f"compare with: {_EXAMPLE}"
        ) from None
    except ValueError as error:
        raise InputError(
            f"{name}: not JSON: {one_line(str(error))}", fix=f"make one with: {_EXAMPLE}"
        ) from None


def graph(plan: PlanFile, registry: "Registry", roles: Mapping[str, "RoleSpec"]) -> TaskGraph:
    """Return the plan as a task graph whose every name exists. Raises `InputError`.

    `roles` are those of models.toml, by name.
    """
    tasks = [_task(at, task, registry, roles) for at, task in enumerate(plan.tasks)]
    goal = plan.goal or plan.request
    return TaskGraph(goal=goal[:160], tasks=tuple(tasks), unanswered=plan.unanswered)


def _task(
    at: int, task: PlannedInFile, registry: "Registry", roles: Mapping[str, "RoleSpec"]
) -> PlannedTask:
    from toollama.agents.roles import Staff

    number = at + 1
    if task.task != number:
        raise InputError(
            f"tasks[{at}].task: is {task.task}, but stands in place {number}",
            fix="number the tasks from 1 in their order, and adapt `needs`",
        )
    _known(f"tasks[{at}].belter", task.belter, _belters(roles))
    for which, tool in enumerate(task.tools):
        _known(f"tasks[{at}].tools[{which}]", tool, [spec.name for spec in registry.specs()])
    first = task.tools[0] if task.tools else "read_file"
    drummer = Staff(roles, registry).drummer_for(first, task.ask).removeprefix("drummer.")
    if task.drummer not in {"", drummer}:
        raise InputError(
            f"tasks[{at}].drummer: {one_line(task.drummer, 40)} does not call {first}",
            fix=f'write "{drummer}", or leave it out',
        )
    for which, need in enumerate(task.needs):
        if not 1 <= need < number:
            raise InputError(
                f"tasks[{at}].needs[{which}]: task {number} cannot need task {need}",
                fix="name earlier tasks only, or move this one behind what it needs",
            )
    return PlannedTask.model_validate(task.model_dump(exclude={"task", "drummer"}))


def _belters(roles: Mapping[str, "RoleSpec"]) -> list[str]:
    """Return the Belters that ship with the program and those of the user, without `belter.`."""
    from toollama.models.role_checks import BUILT_IN

    names = BUILT_IN.union(roles)
    return [name.removeprefix("belter.") for name in names if name.startswith("belter.")]


def _known(place: str, name: str, names: Sequence[str]) -> None:
    if name in names:
        return
    near = get_close_matches(name, names, n=3)
    fix = f"did you mean {' or '.join(near)}?" if near else f"one of: {', '.join(sorted(names))}"
    raise InputError(f"{place}: there is no {one_line(name, 40)}", fix=fix)


def _place(location: Sequence[int | str]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    place = "".join(parts).lstrip(".")
    return f"{place}: " if place else ""
