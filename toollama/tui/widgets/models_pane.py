"""The models in memory, what each does, and how memory went since the first load."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Sparkline, Static

from toollama.fold.models import ModelRow, ModelsFold
from toollama.tui.marks import Marks, bar, size

_BAR_CELLS = 8


class ModelsPane(Vertical):
    """One line per model and a timeline of resident bytes."""

    BORDER_TITLE = "Models"

    def __init__(self, marks: Marks) -> None:
        super().__init__(id="models")
        self.can_focus = True
        self._marks = marks

    def compose(self) -> ComposeResult:
        """Lay out the rows above the timeline."""
        yield Static("", id="model-rows", markup=False)
        if self._marks.full.isascii():
            yield Static("", id="timeline-ascii", markup=False)
        else:
            yield Sparkline([0.0], id="timeline")
        yield Static("", id="model-sum", markup=False)

    def show(self, models: ModelsFold, *, since_s: float, until_s: float) -> None:
        """Draw the models, with the timeline between two POSIX times."""
        lines = [self._line(row, models) for row in models.rows.values()]
        self.query_one("#model-rows", Static).update(
            Content("\n").join(lines) if lines else Content.styled("no model is loaded", "dim")
        )
        samples = models.timeline(since_s=since_s, until_s=until_s)
        if self._marks.full.isascii():
            top = max(*samples, 1.0)
            levels = "".join(" .:-=+*#"[round(7 * sample / top)] for sample in samples)
            self.query_one("#timeline-ascii", Static).update(Content(levels[-40:]))
        else:
            self.query_one("#timeline", Sparkline).data = samples
        self.query_one("#model-sum", Static).update(self._sum(models))

    def _line(self, row: ModelRow, models: ModelsFold) -> Content:
        whole = models.budget_bytes or models.resident_bytes or 1
        fraction = row.loaded_fraction if row.state == "loading" else row.bytes / whole
        speed = "" if row.tokens_per_second is None else f" {row.tokens_per_second:.0f}/s"
        what = row.state if row.state != "evicted" else f"evicted {row.note}".rstrip()
        return Content.assemble(
            (f"{row.model}  ", "bold" if row.state == "writing" else ""),
            (bar(fraction, _BAR_CELLS, self._marks), "$text-accent"),
            f" {size(row.bytes)} " if row.bytes else " ",
            (f"{what}{speed}", "dim"),
        )

    def _sum(self, models: ModelsFold) -> Content:
        budget = "" if models.budget_bytes is None else f" of {size(models.budget_bytes)}"
        return Content.styled(
            f"in memory {size(models.resident_bytes)}{budget}  loads {models.loads}"
            f"  {models.load_seconds:.1f}s loading",
            "dim",
        )
