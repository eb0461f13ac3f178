"""The models of a run: what each does and did, how memory went, and what loading cost."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Sparkline, Static

from toollama.fold.models import ModelRow, ModelsFold, Residency
from toollama.tui.marks import Marks, duration, size

_LEAST_CELLS = 10
_STYLES: dict[Residency, str] = {
    "away": "dim",
    "idle": "$text-accent",
    "loading": "$text-warning",
    "writing": "$text-success",
}


class ModelsPane(Vertical):
    """Two lines per model, its state above its time in memory, and a timeline of all bytes."""

    BORDER_TITLE = "Models"

    def __init__(self, marks: Marks) -> None:
        super().__init__(id="models")
        self.can_focus = True
        self._marks = marks
        self._shown: tuple[ModelsFold, float, float] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the rows above the timeline."""
        yield Static("", id="model-rows", markup=False)
        if self._marks.full.isascii():
            yield Static("", id="timeline-ascii", markup=False)
        else:
            yield Sparkline([0.0], id="timeline")
        yield Static("", id="model-sum", markup=False)

    def on_resize(self) -> None:
        """Draw the timelines for the new width."""
        if self._shown is not None:
            models, since_s, until_s = self._shown
            self.show(models, since_s=since_s, until_s=until_s)

    def show(self, models: ModelsFold, *, since_s: float, until_s: float) -> None:
        """Draw the models, with the timelines between two POSIX times."""
        self._shown = models, since_s, until_s
        cells = max(self.content_size.width, _LEAST_CELLS)
        lines: list[Content] = []
        for name, row in models.rows.items():
            past = models.residency(name, since_s=since_s, until_s=until_s, cells=cells)
            lines += [self._line(row, cells), self._gantt(past)]
        self.query_one("#model-rows", Static).update(
            Content("\n").join(lines) if lines else Content.styled("no model is loaded", "dim")
        )
        for child in self.query("#timeline, #timeline-ascii, #model-sum"):
            child.display = bool(lines)
        samples = models.timeline(since_s=since_s, until_s=until_s)
        if self._marks.full.isascii():
            top = max(*samples, 1.0)
            levels = "".join(" .:-=+*#"[round(7 * sample / top)] for sample in samples)
            self.query_one("#timeline-ascii", Static).update(Content(levels[-cells:]))
        else:
            self.query_one("#timeline", Sparkline).data = samples
        self.query_one("#model-sum", Static).update(_sum(models, elapsed_s=until_s - since_s))

    def _line(self, row: ModelRow, cells: int) -> Content:
        """Return the name at the left and what the model does at the right."""
        state = f"{row.loaded_fraction:.0%} loaded" if row.state == "loading" else row.state
        speed = "" if row.tokens_per_second is None else f" {row.tokens_per_second:.0f}/s"
        told = f"{size(row.bytes)} {state}{speed}" if row.bytes else state
        room = max(cells - len(told) - 1, _LEAST_CELLS)
        name = Content.styled(row.model, "bold" if row.state == "writing" else "")
        name = name.truncate(room, ellipsis=True).pad_right(max(room - name.cell_length, 0))
        return Content.assemble(name, " ", (told, "dim"))

    def _gantt(self, past: list[Residency]) -> Content:
        return Content.assemble(*((self._marks.residency[was], _STYLES[was]) for was in past))


def _sum(models: ModelsFold, *, elapsed_s: float) -> Content:
    budget = "" if models.budget_bytes is None else f" of {size(models.budget_bytes)}"
    loads = "1 load" if models.loads == 1 else f"{models.loads} loads"
    tax = models.swap_tax(elapsed_s=elapsed_s)
    return Content.styled(
        f"{size(models.resident_bytes)}{budget} in memory  {loads}\n"
        f"swap tax {tax:.0%}: {duration(models.load_seconds)} of {duration(elapsed_s)}",
        "dim",
    )
