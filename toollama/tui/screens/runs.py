"""Earlier runs: a list, and a search through what was asked, answered and called."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from toollama.errors import ToolLamaError
from toollama.text import one_line
from toollama.tui.messages import RunChosen
from toollama.tui.widgets.entries import Entries

if TYPE_CHECKING:
    from toollama.store import RunRow

Search = Callable[[str], Sequence["RunRow"]]
"""Returns the runs that hold a text, newest first; blocks. Raises `ToolLamaError`."""


class Runs(ModalScreen[RunChosen | None]):
    """Type to search; Enter shows a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="runs.close"),
        Binding("down", "list", "List", show=False),
    ]

    def __init__(self, search: Search, words: str = "") -> None:
        super().__init__(classes="detail")
        self._search = search
        self._words = words
        self._rows: list[RunRow] = []

    def compose(self) -> ComposeResult:
        """Lay out the search above the list."""
        with Vertical(id="detail-box") as box:
            box.border_title = "Runs"
            search = Input(self._words, placeholder="search", id="runs-search")
            search.cursor_blink = False
            yield search
            yield Entries(id="runs-list", markup=False)

    def on_mount(self) -> None:
        """List the newest runs."""
        self._refill(self._words)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search anew for what is typed."""
        self._refill(event.value)

    def on_input_submitted(self) -> None:
        """Open the first run found."""
        if self._rows:
            self.dismiss(RunChosen(self._rows[0].run_id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the chosen run."""
        self.dismiss(RunChosen(self._rows[event.option_index].run_id))

    def action_list(self) -> None:
        """Go from the search to the list."""
        self.query_one(OptionList).focus()

    @work(exclusive=True)
    async def _refill(self, words: str) -> None:
        rows: list[RunRow] = []
        nothing = Content.styled(
            "no run holds these words" if words.strip() else "no runs yet", "dim"
        )
        try:
            rows = list(await asyncio.to_thread(self._search, words))
        except ToolLamaError as error:
            nothing = Content.styled(one_line(error.line(), 400), "$text-error")
        self._rows = rows
        found = self.query_one(OptionList)
        found.clear_options()
        found.add_options([Option(_entry(row)) for row in rows])
        if not rows:
            found.add_option(Option(nothing, disabled=True))


def _entry(row: "RunRow") -> Content:
    return Content.assemble(
        (f"{row.started_at.astimezone():%Y-%m-%d %H:%M} ", "dim"),
        (f"{row.status:11} ", "$text-warning" if row.status != "complete" else "$text-success"),
        one_line(row.prompt, 100),
        (f"  {one_line(row.answer, 60)}", "dim"),
    )
