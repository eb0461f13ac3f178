"""The names of the panes on one line, for terminals too narrow to show them side by side."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Tab, Tabs

PANES = ("plan", "answer", "trace", "observer", "models")


class PaneTabs(Tabs):
    """One tab per pane; choosing one tells the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "previous_tab", "Pane before", show=False),
        Binding("right", "next_tab", "Next pane", show=False),
    ]

    def __init__(self) -> None:
        tabs = [Tab(name.capitalize(), id=f"tab-{name}") for name in PANES]
        super().__init__(*tabs, id="tabs", active="tab-answer")
