"""One line above the panes: which run, what it has spent, and for how long it goes on."""

from textual.content import Content
from textual.widgets import Static

from toollama.fold import RunView
from toollama.text import Visible
from toollama.tui.marks import Marks, bar, duration, size

_BAR_CELLS = 8


class StatusBar(Static):
    """The head of the screen."""

    def __init__(self, marks: Marks) -> None:
        super().__init__("", id="status", markup=False)
        self._marks = marks

    def show(self, view: RunView, *, session: Visible, elapsed_s: float) -> None:
        """Draw the state of the run."""
        parts: list[tuple[str, str]] = [("ToolLama", "bold")]
        if session:
            parts.append((f"  {session}", "dim"))
        if view.run_id:
            parts.append((f"  {view.run_id}", "dim"))
        if view.models.budget_bytes:
            used, budget = view.models.resident_bytes, view.models.budget_bytes
            parts.append((f"  {bar(used / budget, _BAR_CELLS, self._marks)}", "$text-accent"))
            parts.append((f" {size(used)}/{size(budget)}", ""))
        if view.usage.tokens_per_second is not None:
            parts.append((f"  {view.usage.tokens_per_second:.0f} tok/s", ""))
        if view.run_id:
            parts.append((f"  {duration(elapsed_s)}", ""))
        self.update(Content.assemble(*parts))


class BudgetBar(Static):
    """One line below the panes: what of the budget is spent."""

    def __init__(self, marks: Marks) -> None:
        super().__init__("", id="budget", markup=False)
        self._marks = marks

    def show(self, view: RunView, *, elapsed_s: float) -> None:
        """Draw each unit with its bar."""
        shares = view.usage.shares(swaps=view.models.swaps, elapsed_s=elapsed_s)
        parts: list[tuple[str, str]] = []
        done, failed, whole = view.plan.counts()
        if whole:
            ok, bad = self._marks.status["done"], self._marks.status["failed"]
            parts.append((f"{done}/{whole} {ok}  {failed} {bad}   ", ""))
        for share in shares:
            if share.limit is None:
                continue
            style = "$text-error" if share.fraction >= 1 else "dim"
            spent = f"{share.spent:.0f}/{share.limit:.0f}"
            parts.append((f"{share.unit} {bar(share.fraction, 4, self._marks)} {spent}   ", style))
        self.update(Content.assemble(*parts) if view.run_id else Content(""))
