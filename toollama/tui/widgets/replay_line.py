"""How far a replay has come, on one line."""

from toollama.host.replay import Position
from toollama.tui.marks import Marks, bar
from toollama.tui.widgets.fitted_line import FittedLine, Part

_BAR_CELLS = 20


class ReplayLine(FittedLine):
    """Shows the position of a replay; hidden where nothing is replayed."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(marks, id="replay")
        self.display = False
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
        speed = f"{position.speed:g}x  " if position.speed else ""
        self.draw(
            [
                Part("replay", 2, "bold"),
                Part(bar(_fraction(position), _BAR_CELLS, self._marks), 4, "$text-accent"),
                Part(f"event {position.event}/{position.count}", 1),
                Part(f"{_clock(position.at_s)} of {_clock(position.whole_s)}", 3),
                Part(f"{speed}{state}", 0, "dim"),
            ]
        )


def _fraction(position: Position) -> float:
    return position.event / position.count if position.count else 1.0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"
