"""The application: colours, keys, the palette, and the gates that every drawn line passes.

It shows what a `Crew` tells and sends what the user wants; no model and no tool runs on its loop.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from toollama.commands import commands_of
from toollama.errors import UnknownName
from toollama.tui import crash, signals
from toollama.tui.ascii_lines import AsciiLines
from toollama.tui.help import pressed
from toollama.tui.messages import RunStateChanged
from toollama.tui.screens.main import MainScreen
from toollama.tui.scrub import Scrub

DEFAULT_THEME = "textual-dark"


class ToolLamaApp(App[int]):
    """One conversation on one screen."""

    TITLE = "ToolLama"
    CSS_PATH = "theme.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Leave", id="app.quit", priority=True),
        Binding("ctrl+p", "command_palette", "Palette", id="app.palette", priority=True),
        Binding("ctrl+z", "suspend_process", "To the shell", id="app.suspend", priority=True),
    ]

    def __init__(
        self,
        main: Callable[[], MainScreen],
        *,
        theme: str = "",
        keys: Mapping[str, str] | None = None,
        ascii_only: bool = False,
        notify: bool = True,
        title: bool = False,
    ) -> None:
        """Show `main`, with other keys by binding id. Raises `UnknownName` for a theme.

        `notify` calls a user who looks elsewhere; `title` names the window after the run's state.
        """
        super().__init__()
        self._main = main
        self._scrub = Scrub()
        self._own_filters: list[LineFilter] = [self._scrub, *([AsciiLines()] if ascii_only else [])]
        self._ascii_only = ascii_only
        self._notifies = notify
        self._titles = title
        if theme and theme not in self.available_themes:
            raise UnknownName(
                f"there is no theme {theme}", fix=f"one of {', '.join(self.available_themes)}"
            )
        self.theme = theme or DEFAULT_THEME
        if keys:
            self.set_keymap(dict(keys))

    async def on_mount(self) -> None:
        """Show the main screen; keys typed before it is there wait for its prompt."""
        await self.push_screen(self._main())
        if self._ascii_only:
            self.add_class("-ascii")
        if self._titles:
            self._signal(signals.TITLE_KEPT)

    def on_unmount(self) -> None:
        """Give the window its title back."""
        if self._titles:
            self._signal(signals.TITLE_BACK)

    def on_run_state_changed(self, message: RunStateChanged) -> None:
        """Tell the terminal, and through it a user who looks elsewhere."""
        if self._titles:
            self._signal(signals.title(message.state))
        if self._notifies and not self.app_focus:
            self._signal(signals.notification(message.state))

    def _signal(self, sequence: str) -> None:
        if self._driver is not None and sequence:
            self._driver.write(sequence)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every drawn line, the scrubbing one after those of Textual."""
        return [*super().get_line_filters(), *self._own_filters]

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell until `fg`.

        The whole job stops, with the program that started it, such as `uv run`: a shell waits for
        all of it. Where no shell controls the job nobody could bring it back, so it goes on.
        """
        if self._driver is None or not self._driver.can_suspend:
            return
        if os.getsid(0) == os.getpgrp():
            self.notify("no shell started this: there is nowhere to go back to", timeout=4)
            return
        self.app_suspend_signal.publish(self)
        os.killpg(0, signal.SIGTSTP)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every key action and slash command in the palette."""
        yield from super().get_system_commands(screen)
        main = next((one for one in self.screen_stack if isinstance(one, MainScreen)), None)
        if main is None:
            return
        for command in commands_of("screen"):
            if not command.needs_argument:
                runner = _runner(main, command.name)
                yield SystemCommand(f"/{command.name}", command.summary, runner)
        for binding in main.own_bindings():
            keys = "  ".join(pressed(self, binding, main.keys))
            yield SystemCommand(
                binding.description, f"Key {keys}", _presser(self, main, binding.action)
            )

    def _fatal_error(self) -> None:
        """Leave with the traceback but without local variables: they may hold keys and texts."""
        import rich
        from rich.console import Group
        from rich.segment import Segments
        from rich.text import Text
        from rich.traceback import Traceback

        self.bell()
        traceback = Traceback(show_locals=False, width=None, suppress=[rich])
        shown = Segments(self._scrub.clean(self.console.render(traceback, self.console.options)))
        self._exit_renderables.append(Group(shown, Text(crash.report(sys.exc_info()[1]))))
        self._close_messages_no_wait()


def _runner(main: MainScreen, name: str) -> Callable[[], None]:
    def run() -> None:
        main.run_command(name)

    return run


def _presser(app: ToolLamaApp, main: MainScreen, action: str) -> Callable[[], None]:
    async def act() -> None:
        await app.run_action(action, main)

    def run() -> None:
        app.call_later(act)

    return run
