"""A text to read, laid over the panes: a prompt, a source, the keys."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from toollama.host.clipboard import keep_copy
from toollama.text import visible


class Detail(ModalScreen[None]):
    """Shows one text; `y` copies it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", id="detail.close"),
        Binding("y", "copy", "Copy", id="detail.copy"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__(classes="detail")
        self._heading = visible(title)
        self._text = visible(text)

    def compose(self) -> ComposeResult:
        """Lay out the text in a scrolling box."""
        with VerticalScroll(id="detail-box") as box:
            box.border_title = Content(self._heading).markup
            yield Static(Content(self._text), markup=False)

    def on_mount(self) -> None:
        """Let the keys scroll at once."""
        self.query_one("#detail-box").focus()

    def action_copy(self) -> None:
        """Copy the whole text."""
        self.app.copy_to_clipboard(self._text)
        keep_copy(self._text)
        self.notify("copied", markup=False)
