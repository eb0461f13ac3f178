"""One of a few lines to choose, laid over the panes."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from toollama.text import Visible


class Choice(ModalScreen[int | None]):
    """Returns the place of the chosen line from 0, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", id="choice.close")
    ]

    def __init__(self, title: str, lines: Sequence[Visible]) -> None:
        super().__init__(classes="detail")
        self._heading = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Lay out one option for each line."""
        with Vertical(id="choice-box") as box:
            box.border_title = self._heading
            yield OptionList(*(Option(Content(line)) for line in self._lines), markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the chosen line."""
        self.dismiss(event.option_index)
