"""How far a replay has come, on one line."""

from textual.content import Content
from textual.widgets import Static

from toollama.host.replay import Position
from toollama.tui.marks import Marks, bar

_BAR_CELLS = 20


class ReplayLine(Static):
    """Shows the position of a replay; hidden where nothing is replayed."""

    def __init__(self, marks: Marks) -> None:
        super().__init__("", id="replay", markup=False)
        self.display = False
        self._marks = marks
        self._shown: Position | None = None

    def show(self, position: Position) -> None:
        """Draw the position where it changed."""
        if position == self._shown:
            return
        self._shown = position
        self.display = True
        state = "paused" if position.paused else "playing"
        if position.event == position.count:
            state = "at its end"
        speed = f"  {position.speed:g}x" if position.speed else ""
        self.update(
            Content.assemble(
                ("replay ", "bold"),
                (bar(_fraction(position), _BAR_CELLS, self._marks), "$text-accent"),
                f"  event {position.event}/{position.count}",
                f"  {_clock(position.at_s)} of {_clock(position.whole_s)}",
                (f"{speed}  {state}", "dim"),
            )
        )


def _fraction(position: Position) -> float:
    return position.event / position.count if position.count else 1.0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"
