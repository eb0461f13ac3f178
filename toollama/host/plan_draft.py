"""A plan before it runs: YAML that a person reads, edits and has run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from toollama.agents import plan_file
from toollama.agents.plan_file import PlanFile
from toollama.errors import InputError
from toollama.paths import written
from toollama.text import one_line

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as text, which may be edited until it is none."""

    text: str
    request: str = ""
    """What it was made for; a text that names a request of its own keeps that."""

    @classmethod
    def read(cls, path: Path, *, request: str = "") -> "PlanDraft":
        """Return the draft in a file, YAML or JSON. Raises `InputError`."""
        try:
            with written(path).open("rb") as file:
                return cls(file.read(_MOST_BYTES).decode("utf-8", "replace"), request)
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}", fix="check the path") from error

    def plan(self) -> PlanFile:
        """Return the plan; tasks may stand in another order, or be gone. Raises `InputError`."""
        import yaml

        try:
            data: Any = yaml.safe_load(self.text)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise InputError(
                f"not YAML: {one_line(str(error), 120)}", fix="undo the last change"
            ) from None
        if not isinstance(data, dict):
            raise InputError("the plan has no tasks", fix="keep the key `tasks`")
        kept = {name: value for name, value in data.items() if value is not None}
        if isinstance(kept.get("tasks"), list):
            kept["tasks"] = _renumbered(kept["tasks"])
        body = to_json({"request": self.request, **kept}, fallback=str, inf_nan_mode="null")
        return plan_file.parse(body, name="plan")


def _renumbered(tasks: list[Any]) -> list[Any]:
    """Return the tasks numbered by their place; a need of a task that is gone goes with it."""
    if not all(isinstance(task, dict) for task in tasks):
        return tasks
    place = {str(task.get("task", at)): at for at, task in enumerate(tasks, start=1)}
    return [
        {**task, "task": at, "needs": _placed(task.get("needs") or [], place)}
        for at, task in enumerate(tasks, start=1)
    ]


def _placed(needs: Any, place: Mapping[str, int]) -> Any:
    if not isinstance(needs, list):
        return needs
    return [place[str(need)] for need in needs if str(need) in place]
