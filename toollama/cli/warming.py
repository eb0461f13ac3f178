"""Camina's model, loaded while a pipe is still silent, so that its reader waits once and not twice.

It runs beside the command, in a thread of its own. What fails here is told by the run, which needs
the model then.
"""

import asyncio
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.errors import ToolLamaError

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.session import Session


class WarmUp:
    """A load that was begun, or none."""

    def __init__(self) -> None:
        self._thread: Thread | None = None

    def begin(self, session: "Session", options: "AskOptions") -> None:
        """Begin to load; returns at once."""
        self._thread = Thread(target=_load, args=(session, options), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the load: two at once would not fit where one does."""
        if self._thread is not None and self._thread.is_alive():
            if out.has_status_line():
                out.status("loading Camina's model")
            self._thread.join()
            out.clear_status()


def _load(session: "Session", options: "AskOptions") -> None:
    with suppress(ToolLamaError):
        asyncio.run(session.warm_up(options))
