"""Where the user types: Enter sends, Ctrl+J breaks the line, Up and Down walk the history.

A paste too long to be edited by hand becomes an attachment, so that it neither slows the screen
nor hides what is typed.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from toollama.tui.commands import completion
from toollama.tui.history import History
from toollama.tui.messages import PromptSubmitted

PLACEHOLDER = "ask, /command, @file, !tool"
PASTE_CHARACTERS = 4000
_PASTE_MOST_CHARACTERS = 8 * 1024 * 1024


class Prompt(TextArea):
    """The input of the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", id="prompt.send", priority=True),
        Binding("ctrl+j,shift+enter", "newline", "New line", id="prompt.newline"),
        Binding("up", "older", "Older", id="prompt.older", show=False),
        Binding("down", "newer", "Newer", id="prompt.newer", show=False),
        Binding("tab", "complete", "Complete", id="prompt.complete", show=False),
    ]

    def __init__(self, history: History) -> None:
        super().__init__(
            id="prompt",
            compact=True,
            soft_wrap=True,
            highlight_cursor_line=False,
            max_checkpoints=20,
        )
        self.cursor_blink = False
        self.placeholder = PLACEHOLDER
        self._history = history
        self._tools: Sequence[str] = ()
        self._pasted: list[str] = []

    def action_submit(self) -> None:
        """Send what is typed and begin anew."""
        text, pasted = self.text, tuple(self._pasted)
        if not text.strip() and not pasted:
            return
        self._history.add(text)
        self.text = ""
        self._pasted = []
        self._tell_pasted()
        self.post_message(PromptSubmitted(text.strip(), pasted))

    def action_newline(self) -> None:
        """Break the line."""
        self.insert("\n")

    def action_older(self) -> None:
        """Move up, or from the first line to the line typed before."""
        if self.cursor_location[0] > 0:
            self.action_cursor_up()
        elif (line := self._history.older(self.text)) is not None:
            self._replace(line)

    def action_newer(self) -> None:
        """Move down, or from the last line to the line typed after."""
        if self.cursor_location[0] < self.document.line_count - 1:
            self.action_cursor_down()
        elif (line := self._history.newer()) is not None:
            self._replace(line)

    def action_complete(self) -> None:
        """Take the suggestion, or go to the next pane where there is none."""
        if self.suggestion:
            self.insert(self.suggestion)
        else:
            self.screen.focus_next()

    def put(self, text: str) -> None:
        """Have a text in the prompt, to be edited and sent."""
        self._replace(text)
        self.focus()

    def offer_tools(self, names: Sequence[str]) -> None:
        """Complete these names behind `!`. May be called from any thread."""
        self._tools = names

    def restore_placeholder(self) -> None:
        """Say again what can be typed."""
        self.placeholder = PLACEHOLDER

    def update_suggestion(self) -> None:
        """Offer the rest of a command or tool name."""
        self.suggestion = completion(self.text, tools=self._tools)

    async def _on_paste(self, event: events.Paste) -> None:
        if len(event.text) <= PASTE_CHARACTERS:
            return  # Textual goes on to the handler of TextArea
        event.stop()
        event.prevent_default()
        self._pasted.append(event.text[:_PASTE_MOST_CHARACTERS])
        self._tell_pasted()

    def _tell_pasted(self) -> None:
        size = sum(len(text) for text in self._pasted)
        self.border_subtitle = (
            f"{len(self._pasted)} pasted, {size} characters" if self._pasted else ""
        )

    def _replace(self, text: str) -> None:
        self.text = text
        self.move_cursor(self.document.end)
