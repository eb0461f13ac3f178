"""What the Observer saw: one entry each, with the events behind it and what can be done."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from toollama.events.payloads import Suggestion
from toollama.fold.insights import InsightLine, Severity, advice
from toollama.tui.marks import Marks, duration
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
        self.add_option(_nothing())

    def forget(self) -> None:
        """Forget the insights of the run before."""
        self.clear_options()
        self.add_option(_nothing())
        self._listed = []

    def show(self, lines: Sequence[InsightLine]) -> None:
        """Add the insights that are not listed yet."""
        fresh = lines[len(self._listed) :]
        if fresh and not self._listed:
            self.clear_options()
        self._listed += fresh
        for line in fresh:
            self.add_option(Option(self._entry(line)))
        if fresh and not self.has_focus:
            self.scroll_end(animate=False)

    def to_apply(self) -> Suggestion | None:
        """Return what the chosen insight suggests, or with none chosen the newest that does."""
        if self.highlighted is not None:
            return self._listed[self.highlighted].suggestion
        made = (line.suggestion for line in reversed(self._listed))
        return next((suggestion for suggestion in made if suggestion), None)

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
        told = Content.assemble(
            (f"{mark} {line.kind}", _STYLES[line.severity]),
            (f"  {duration(line.at_s)}  {events}\n", "dim"),
            line.message,
        )
        if line.suggestion is None:
            return told
        return Content.assemble(
            told,
            (f"\n{self._marks.leads} {advice(line.suggestion)}  ", "$text-accent"),
            ("[a]pply", "bold"),
        )


def _nothing() -> Option:
    """Return what stands there before the first insight: it cannot be chosen."""
    return Option(Content.styled("nothing noticed so far", "dim"), disabled=True)
