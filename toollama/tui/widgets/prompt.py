"""Where the user types: Enter sends, Ctrl+J breaks the line, Up and Down walk the history.

A paste too long to be edited by hand becomes an attachment, so that it neither slows the screen
nor hides what is typed.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from toollama.commands import completions
from toollama.host.file_names import rest_of_mention
from toollama.tui.history import History
from toollama.tui.messages import PromptLeft, PromptSubmitted

PLACEHOLDER = "ask, /command, @file, !tool"
REPLAY_PLACEHOLDER = "a recorded run: space pauses it, F1 lists every key"
PASTE_CHARACTERS = 4000
_PASTE_MOST_CHARACTERS = 8 * 1024 * 1024


class Prompt(TextArea):
    """The input of the main screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", id="prompt.send"),
        Binding("ctrl+n,alt+enter", "submit(True)", "Send for after this run", id="prompt.then"),
        Binding("ctrl+j,shift+enter", "newline", "New line", id="prompt.newline"),
        Binding("up", "older", "Older", id="prompt.older", show=False),
        Binding("down", "newer", "Newer", id="prompt.newer", show=False),
        Binding("tab", "complete", "Complete", id="prompt.complete", show=False),
        Binding("ctrl+underscore", "undo", "Undo", id="prompt.undo", show=False),
    ]

    def __init__(self, history: History, *, placeholder: str = PLACEHOLDER) -> None:
        super().__init__(
            id="prompt",
            compact=True,
            soft_wrap=True,
            highlight_cursor_line=False,
            max_checkpoints=20,
        )
        self.cursor_blink = False
        self.placeholder = self._placeholder = placeholder
        self._history = history
        self._tools: Sequence[str] = ()
        self._pasted: list[str] = []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave F6, with which TextArea selects a line, to the pane that the screen shows by it."""
        return False if action == "select_line" else super().check_action(action, parameters)

    def action_submit(self, then: bool = False) -> None:  # noqa: FBT001, FBT002 - a key's action
        """Send what is typed and begin anew; `then` has it wait for the run that goes on."""
        text, pasted = self.text, tuple(self._pasted)
        if not text.strip() and not pasted:
            return
        self._history.add(text)
        self.post_message(PromptSubmitted(text.strip(), pasted, then))
        self.text = ""
        self._pasted = []
        self._tell_pasted()

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
            self.post_message(PromptLeft())

    def put(self, text: str) -> None:
        """Have a text in the prompt, to be edited and sent."""
        self._replace(text)
        self.focus()

    def offer_tools(self, names: Sequence[str]) -> None:
        """Complete these names behind `!`. May be called from any thread."""
        self._tools = names

    def restore_placeholder(self) -> None:
        """Say again what can be typed."""
        self.placeholder = self._placeholder

    def update_suggestion(self) -> None:
        """Offer the rest of a command, a tool or a file behind the last character."""
        if self.cursor_location != self.document.end:
            self.suggestion = ""
            return
        found = completions(self.text, "screen", tools=self._tools) if len(self.text) > 1 else []
        self.suggestion = found[0][len(self.text) :] if found else rest_of_mention(self.text)

    async def _on_key(self, event: events.Key) -> None:
        """Send in the order of the keys: a burst of text and Enter is one line and its end.

        A priority binding would act when the app reads the key, before the text of the same burst
        has reached the prompt; a plain one is asked only after TextArea has made a new line of it.
        """
        found = self.screen.active_bindings.get(event.key)
        if found is not None and found.node is self and found.binding.action == "submit":
            event.stop()
            event.prevent_default()
            self.action_submit()

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
