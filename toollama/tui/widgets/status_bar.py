"""The lines above and below the panes: which run, how it stands, and what it has spent."""

from toollama.fold import RunView
from toollama.fold.plan import ROOT
from toollama.text import Visible
from toollama.tui.marks import STYLES, Marks, bar, duration, size
from toollama.tui.widgets.fitted_line import FittedLine, Part

_BAR_CELLS = 8
_DROPPED = {"seconds": 1, "calls": 2, "tokens": 3, "swaps": 4}
"""The rank of each unit of the budget."""


class StatusBar(FittedLine):
    """The head of the screen."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks, id="status")

    def show(self, view: RunView, *, session: Visible, elapsed_s: float) -> None:
        """Draw the state of the run."""
        parts = [Part("ToolLama", 2, "bold")]
        if session:
            parts.append(Part(session, 5, "dim"))
        root = view.plan.nodes.get(ROOT)
        if view.run_id and root is not None:
            state = f"{self._marks.status[root.status]} {root.status}"
            parts += [Part(view.run_id, 6, "dim"), Part(state, 0, STYLES[root.status])]
            parts.append(Part(duration(elapsed_s), 1))
        if view.models.budget_bytes:
            used, budget = view.models.resident_bytes, view.models.budget_bytes
            memory = f"{bar(used / budget, _BAR_CELLS, self._marks)} {size(used)}/{size(budget)}"
            parts.append(Part(memory, 3))
        if view.usage.tokens_per_second is not None:
            parts.append(Part(f"{view.usage.tokens_per_second:.0f} tok/s", 4))
        self.draw(parts)


class BudgetBar(FittedLine):
    """One line below the panes: what of the budget is spent."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks, id="budget")

    def show(self, view: RunView, *, elapsed_s: float) -> None:
        """Draw each unit with its bar."""
        if not view.run_id:
            self.draw([])
            return
        parts: list[Part] = []
        done, failed, whole = view.plan.counts()
        if whole:
            ok, bad = self._marks.status["done"], self._marks.status["failed"]
            parts.append(Part(f"{done}/{whole} {ok}  {failed} {bad}", 0))
        for share in view.usage.shares(swaps=view.models.swaps, elapsed_s=elapsed_s):
            if share.limit is None:
                continue
            style = "$text-error" if share.fraction >= 1 else "dim"
            spent = f"{bar(share.fraction, 4, self._marks)} {share.spent:.0f}/{share.limit:.0f}"
            parts.append(Part(f"{share.unit} {spent}", _DROPPED[share.unit], style))
        self.draw(parts)
