"""A plan before it runs, as YAML to edit: tasks may be changed, dropped or put in another order."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from toollama.errors import InputError
from toollama.host.plan_draft import PlanDraft
from toollama.text import visible


class PlanEditor(ModalScreen[bool]):
    """Returns whether to run the draft, which is a plan then."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,f5", "run", "Run", id="plan.run", priority=True),
        Binding("escape", "leave", "Close", id="plan.discard", priority=True),
    ]

    def __init__(self, draft: PlanDraft) -> None:
        super().__init__(classes="detail")
        self.draft = draft
        """The plan as it was left."""

    def compose(self) -> ComposeResult:
        """Lay out the editor above the line that says what is wrong."""
        with Vertical(id="detail-box") as box:
            box.border_title = "Plan"
            box.border_subtitle = "Ctrl+R or F5 runs it   Esc keeps it for /edit"
            area = TextArea(visible(self.draft.text), id="plan-text", tab_behavior="indent")
            area.cursor_blink = False
            yield area
            yield Static("", id="plan-fault", markup=False)

    def action_run(self) -> None:
        """Run the plan as it stands, or say what is wrong with it."""
        self._take()
        try:
            self.draft.plan()
        except InputError as error:
            self.query_one("#plan-fault", Static).update(visible(error.line()))
        else:
            self.dismiss(True)  # noqa: FBT003 - the result of the screen

    def action_leave(self) -> None:
        """Run nothing; what was edited is not lost."""
        self._take()
        self.dismiss(False)  # noqa: FBT003 - as above

    def _take(self) -> None:
        self.draft = PlanDraft(self.query_one(TextArea).text, self.draft.request)
