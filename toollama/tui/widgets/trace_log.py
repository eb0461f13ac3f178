"""The trace: a log of one line per event, drawn by the line and cut at its oldest end."""

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import RichLog

from toollama.fold.trace import Tone, TraceLine

MAX_LINES = 2000
_NOTHING = Text("no events yet", style="dim")
_STYLES: dict[Tone, str] = {
    "plain": "",
    "quiet": "dim",
    "good": "green",
    "bad": "red",
    "warn": "yellow",
}


class TraceLog(RichLog):
    """One line per event: time, number, what, and who did it."""

    BORDER_TITLE = "Trace"

    def __init__(self) -> None:
        super().__init__(
            id="trace", max_lines=MAX_LINES, wrap=False, markup=False, highlight=False, min_width=20
        )
        self._shown = 0
        self.write(_NOTHING)

    def forget(self) -> None:
        """Forget the lines of the run before."""
        self.clear()
        self.write(_NOTHING)
        self._shown = 0

    def show(self, lines: Sequence[TraceLine]) -> None:
        """Write the lines that are not written yet."""
        if lines and not self._shown:
            self.clear()
        for line in lines[self._shown :]:
            self.write(
                Text.assemble(
                    (f"{line.at_s:6.1f} {line.seq:4d} ", "dim"),
                    (line.text, _STYLES[line.tone]),
                    (f"  {line.who}", "dim"),
                    no_wrap=True,
                )
            )
        self._shown = len(lines)
