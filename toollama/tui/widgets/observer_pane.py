"""What the Observer saw: one entry each, and Enter shows the events behind it."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from toollama.fold.insights import InsightLine, Severity
from toollama.tui.marks import Marks
from toollama.tui.messages import EvidenceChosen
from toollama.tui.widgets.entries import Entries

_STYLES: dict[Severity, str] = {
    "info": "dim",
    "warning": "$text-warning",
    "critical": "$text-error",
}


class ObserverPane(Entries):
    """A list of insights, newest last."""

    BORDER_TITLE = "Observer"

    def __init__(self, marks: Marks) -> None:
        super().__init__(id="observer", markup=False)
        self._marks = marks
        self._listed: list[InsightLine] = []

    def forget(self) -> None:
        """Forget the insights of the run before."""
        self.clear_options()
        self._listed = []

    def show(self, lines: Sequence[InsightLine]) -> None:
        """Add the insights that are not listed yet."""
        fresh = lines[len(self._listed) :]
        self._listed += fresh
        for line in fresh:
            self.add_option(Option(self._entry(line)))
        if fresh and not self.has_focus:
            self.scroll_end(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask for the events of the chosen insight."""
        event.stop()
        self.post_message(EvidenceChosen(self._listed[event.option_index].events))

    def _entry(self, line: InsightLine) -> Content:
        mark = {
            "info": self._marks.info,
            "warning": self._marks.warning,
            "critical": self._marks.critical,
        }[line.severity]
        events = " ".join(f"#{seq}" for seq in line.events[:4])
        return Content.assemble(
            (f"{line.at_s:6.1f} ", "dim"),
            (f"{mark} {line.kind}  ", _STYLES[line.severity]),
            line.message,
            (f"  {events}", "dim"),
        )
