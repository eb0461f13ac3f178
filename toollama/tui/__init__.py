"""The full-screen interface: a reader of the event stream and a sender of commands, nothing more.

Importing the package costs nothing; `run` imports Textual.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toollama.tui.launch import Options

__all__ = ["run"]


def run(options: "Options | None" = None) -> int:
    """Show the interface until the user leaves; return the exit code. Raises `ToolLamaError`."""
    from toollama.tui import launch

    return launch.run(options or launch.Options())
