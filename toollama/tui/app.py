"""The application: colours, keys, the palette, and the gates that every drawn line passes.

It shows what a `Crew` tells and sends what the user wants; no model and no tool runs on its loop.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from toollama.errors import UnknownName
from toollama.tui.commands import COMMANDS
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
    ]

    def __init__(
        self,
        main: Callable[[], MainScreen],
        *,
        theme: str = "",
        keys: Mapping[str, str] | None = None,
        ascii_only: bool = False,
    ) -> None:
        """Show `main`, with other keys by binding id. Raises `UnknownName` for a theme."""
        super().__init__()
        self._main = main
        self._scrub = Scrub()
        self._ascii_only = ascii_only
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

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every drawn line, the scrubbing one last."""
        return [*super().get_line_filters(), self._scrub]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every key action and slash command in the palette."""
        yield from super().get_system_commands(screen)
        main = next((one for one in self.screen_stack if isinstance(one, MainScreen)), None)
        if main is None:
            return
        for command in COMMANDS:
            if not command.takes or command.takes.startswith("["):
                yield SystemCommand(f"/{command.name}", command.help, _runner(main, command.name))

    def _fatal_error(self) -> None:
        """Leave with the traceback but without local variables: they may hold keys and texts."""
        import rich
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.bell()
        traceback = Traceback(show_locals=False, width=None, suppress=[rich])
        self._exit_renderables.append(
            Segments(self._scrub.clean(self.console.render(traceback, self.console.options)))
        )
        self._close_messages_no_wait()


def _runner(main: MainScreen, name: str) -> Callable[[], None]:
    def run() -> None:
        main.run_command(name)

    return run
