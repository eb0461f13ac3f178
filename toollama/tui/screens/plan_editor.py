"""A plan before it runs, as YAML to edit: tasks may be changed, dropped or put in another order."""

from typing import Any, ClassVar

from pydantic_core import to_json
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from toollama.agents import plan_file
from toollama.agents.plan_file import PlanFile
from toollama.errors import InputError
from toollama.text import one_line, visible


class PlanEditor(ModalScreen[PlanFile | None]):
    """Returns the plan to run, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,f5", "run", "Run", id="plan.run", priority=True),
        Binding("escape", "dismiss(None)", "Discard", id="plan.discard", priority=True),
    ]

    def __init__(self, text: str, request: str) -> None:
        super().__init__(classes="detail")
        self._text = visible(text)
        self._request = request

    def compose(self) -> ComposeResult:
        """Lay out the editor above the line that says what is wrong."""
        with Vertical(id="detail-box") as box:
            box.border_title = "Plan"
            box.border_subtitle = "ctrl+r or F5 run   Esc discard"
            area = TextArea(self._text, id="plan-text", tab_behavior="indent")
            area.cursor_blink = False
            yield area
            yield Static("", id="plan-fault", markup=False)

    def action_run(self) -> None:
        """Run the plan as it stands, or say what is wrong with it."""
        try:
            plan = parse_yaml(self.query_one(TextArea).text, request=self._request)
        except InputError as error:
            self.query_one("#plan-fault", Static).update(visible(error.line()))
        else:
            self.dismiss(plan)


def parse_yaml(text: str, *, request: str) -> PlanFile:
    """Return the plan in a YAML text; tasks may stand in another order, or be gone.

    Raises `InputError`.
    """
    import yaml

    try:
        data: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(
            f"not YAML: {one_line(str(error), 120)}", fix="undo the last change"
        ) from None
    if not isinstance(data, dict):
        raise InputError("the plan has no tasks", fix="keep the key `tasks`")
    kept = {name: value for name, value in data.items() if value is not None}
    if isinstance(kept.get("tasks"), list):
        kept["tasks"] = _renumbered(kept["tasks"])
    body = to_json({"request": request, **kept}, fallback=str, inf_nan_mode="null")
    return plan_file.parse(body, name="plan")


def _renumbered(tasks: list[Any]) -> list[Any]:
    """Return the tasks numbered by their place; a need of a task that is gone goes with it."""
    if not all(isinstance(task, dict) for task in tasks):
        return tasks
    place = {task.get("task", at): at for at, task in enumerate(tasks, start=1)}
    return [
        {**task, "task": at, "needs": [place[n] for n in task.get("needs") or () if n in place]}
        for at, task in enumerate(tasks, start=1)
    ]
